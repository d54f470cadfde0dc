"""PayPal's older notifications (IPN): unsigned forms that PayPal confirms when they are posted back. They name no order, so that one that is confirmed makes us look."""

from collections.abc import Mapping

from gateways.checklist import Checklist
from gateways.paypal.addresses import Addresses
from gateways.paypal.config import MERCHANT_ID, RECEIVER_EMAIL
from gateways.paypal.questions import TOO_MANY
from gateways.paypal.strict import read_form
from gateways.paypal.web import NotServed, Unreachable, Web
from server.domain.allowance import Allowance
from server.domain.callback import CallbackMessage, Check, CheckResult, LookUp, News, NoNews, Reading, Unreadable

_COMMAND = b"cmd=_notify-validate&"

# What only IPN has, of fields that every message has. Source: developer.paypal.com/api/nvp-soap/ipn/IPNandPDTVariables
_OWN_FIELDS = ("ipn_track_id", "verify_sign")


def is_ipn(fields: Mapping[str, str]) -> bool:
    """Whether a form is one of these."""
    return any(name in fields for name in _OWN_FIELDS) or {"txn_id", "payment_status"} <= fields.keys()


def reference_in(fields: Mapping[str, str]) -> str | None:
    """Our number for the payment, which PayPal calls the invoice here."""
    return fields.get("invoice") or None


class Ipns:
    """Source: developer.paypal.com/api/nvp-soap/ipn/IPNImplementation"""

    def __init__(self, config: Mapping[str, str], addresses: Addresses, web: Web, questions: Allowance) -> None:
        self._receiver_email = config.get(RECEIVER_EMAIL)
        self._merchant_id = config.get(MERCHANT_ID)
        self._addresses = addresses
        self._web = web
        self._questions = questions

    async def read(self, message: CallbackMessage) -> Reading:
        """A notification for somebody else can be as genuine as one for us: without a receiver to compare with, PayPal's word for it is worth nothing."""
        try:
            fields = read_form(message.body)
        except Unreadable as error:
            return Reading((Check("body", CheckResult.FAILED, explanation=f"The body {error}."),))
        reference, event_id = reference_in(fields), fields.get("ipn_track_id") or None
        checks = Checklist("receiver", "post_back")
        if self._receiver_email is None and self._merchant_id is None:
            checks.skip(
                "receiver",
                "Neither receiver_email nor merchant_id is configured: PayPal is asked for the order instead.",
            )
            return Reading(checks.made, LookUp(proven=False), reference, event_id=event_id)
        if not self._is_receiver(checks, fields):
            return Reading(checks.made, None, reference, event_id=event_id)
        if not self._questions.take():
            checks.skip("post_back", TOO_MANY)
            return Reading(checks.made, None, reference, event_id=event_id, later=True)
        try:
            answer = await self._web.post_form(self._addresses.post_back, _COMMAND + message.body)
        except (Unreachable, NotServed) as error:
            checks.skip("post_back", f"PayPal does not tell now whether it sent this: {error}.")
            return Reading(checks.made, None, reference, event_id=event_id, later=True)
        if answer.strip() not in (b"VERIFIED", b"INVALID"):
            checks.skip("post_back", "PayPal's answer says neither VERIFIED nor INVALID.")
            return Reading(checks.made, None, reference, event_id=event_id, later=True)
        said = answer.strip().decode()
        verified = checks.check("post_back", said == "VERIFIED", expected="VERIFIED", actual=said)
        if verified:
            self._questions.give_back()
        return Reading(checks.made, _news(fields) if verified else None, reference, event_id=event_id)

    def _is_receiver(self, checks: Checklist, fields: Mapping[str, str]) -> bool:
        email, merchant_id = fields.get("receiver_email", ""), fields.get("receiver_id", "")
        is_email = self._receiver_email is None or email.casefold() == self._receiver_email.casefold()
        is_merchant = self._merchant_id is None or merchant_id == self._merchant_id
        return checks.check(
            "receiver",
            is_email and is_merchant,
            expected=" ".join(filter(None, (self._receiver_email, self._merchant_id))),
            actual=f"{email} {merchant_id}".strip(),
        )


def _news(fields: Mapping[str, str]) -> News:
    if "payment_status" in fields:
        return LookUp()
    return NoNews("Notifications of this kind change no payment and no refund.")
