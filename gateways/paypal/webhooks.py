"""PayPal's signed webhooks: whether PayPal sent one to this merchant, and what it says then."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol
from zlib import crc32

from gateways.checklist import Checklist
from gateways.paypal.addresses import Addresses
from gateways.paypal.certificates import Certificates, Distrusted
from gateways.paypal.config import CALL, MERCHANT_ID, WEBHOOK_ID, WEBHOOK_VERIFICATION
from gateways.paypal.disputes import PayPalDispute
from gateways.paypal.events import Event
from gateways.paypal.failures import Failure, Why
from gateways.paypal.questions import TOO_MANY
from gateways.paypal.replies import UNREADABLE
from gateways.paypal.web import Unreachable
from gateways.rfc3339 import moment
from gateways.rsa_keys import verified
from server.domain.allowance import Allowance
from server.domain.callback import CallbackMessage, Check, CheckResult, DisputeNews, LookUp, Reading, Unreadable

_ALGORITHM = "SHA256withRSA"

# PayPal tries for three days; what it sends anew later it also signs anew.
_OLDEST = timedelta(days=4)
_NEWEST = timedelta(minutes=5)

_ID, _TIME, _SIGNATURE, _CERTIFICATE, _ALGORITHM_HEADER = (
    f"paypal-{name}" for name in ("transmission-id", "transmission-time", "transmission-sig", "cert-url", "auth-algo")
)
_HEADERS = (_ID, _TIME, _SIGNATURE, _CERTIFICATE, _ALGORITHM_HEADER)
_LONGEST_HEADER = 1000

_CHECKS = ("headers", "algorithm", "timestamp", "certificate_url", "certificate", "signature", "merchant_id")


class WebhookVerifier(Protocol):
    """PayPal, asked whether it signed something."""

    async def verify_webhook(self, body: str) -> bool | Failure:
        """`body` is a request of the verify-webhook-signature call."""
        ...

    async def dispute(self, dispute_id: str) -> PayPalDispute | Failure:
        """A dispute as PayPal itself shows it."""
        ...


@dataclass(frozen=True, slots=True)
class _Later(Exception):
    """Whether it is genuine cannot be told now, as that check cannot be made."""

    check: str
    explanation: str


class Webhooks:
    """Source: developer.paypal.com/api/rest/webhooks/rest, "verify webhook signatures"."""

    def __init__(
        self,
        config: Mapping[str, str],
        addresses: Addresses,
        certificates: Certificates,
        verifier: WebhookVerifier,
        questions: Allowance,
    ) -> None:
        self._webhook_id = config.get(WEBHOOK_ID)
        self._merchant_id = config.get(MERCHANT_ID)
        self._by_call = config.get(WEBHOOK_VERIFICATION) == CALL
        self._addresses = addresses
        self._certificates = certificates
        self._verifier = verifier
        self._questions = questions

    async def read(self, message: CallbackMessage) -> Reading:
        """What a webhook says, once it is proven; without a `webhook_id` nothing can be, and it only makes us look."""
        try:
            event = Event.read(message.body)
        except Unreadable as error:
            return Reading((Check("body", CheckResult.FAILED, explanation=f"The body {error}."),))
        if self._webhook_id is None:
            if event.dispute_id is not None:
                return await self._shown(event, event.dispute_id)
            unproven = Check("signature", CheckResult.SKIPPED, explanation=_UNPROVEN)
            return Reading((unproven,), LookUp(proven=False), event.reference, event.order_id, event.id)
        checks = Checklist(*_CHECKS)
        try:
            genuine = await self._is_genuine(checks, message, self._webhook_id) and self._is_ours(checks, event)
        except _Later as later:
            checks.skip(later.check, later.explanation)
            return Reading(checks.made, None, event.reference, event.order_id, event.id, later=True)
        try:
            news = event.news() if genuine else None
        except UNREADABLE:
            unread = Check(
                "dispute", CheckResult.FAILED, explanation="The dispute is not of the form that PayPal describes."
            )
            return Reading((*checks.made, unread), None, event.reference, event.order_id, event.id)
        return Reading(checks.made, news, event.reference, event.order_id, event.id)

    async def _shown(self, event: Event, dispute_id: str) -> Reading:
        """A dispute that is not proven is looked up: what PayPal itself shows to this merchant's client is believed."""
        if not self._questions.take():
            return Reading(
                (Check("dispute", CheckResult.SKIPPED, explanation=TOO_MANY),), event_id=event.id, later=True
            )
        dispute = await self._verifier.dispute(dispute_id)
        if isinstance(dispute, PayPalDispute):
            return Reading(
                (Check("signature", CheckResult.SKIPPED, explanation=_UNPROVEN), Check("dispute", CheckResult.PASSED)),
                DisputeNews(dispute.report),
                dispute.reference,
                event_id=event.id,
            )
        if dispute.why in (Why.MISSING, Why.DENIED, Why.INVALID):
            why = "PayPal shows no such dispute to this merchant."
            return Reading((Check("dispute", CheckResult.FAILED, explanation=why),), event_id=event.id)
        unasked = Check(
            "dispute", CheckResult.SKIPPED, explanation="PayPal does not tell now whether there is such a dispute."
        )
        return Reading((unasked,), event_id=event.id, later=True)

    async def _is_genuine(self, checks: Checklist, message: CallbackMessage, webhook_id: str) -> bool:
        headers = message.headers
        missing = [name for name in _HEADERS if not 0 < len(headers.get(name, "")) <= _LONGEST_HEADER]
        return (
            checks.check("headers", not missing, expected=", ".join(_HEADERS), explanation=_missing(missing))
            and checks.check(
                "algorithm",
                headers[_ALGORITHM_HEADER] == _ALGORITHM,
                expected=_ALGORITHM,
                actual=headers[_ALGORITHM_HEADER],
            )
            and _is_timely(checks, message)
            and checks.check(
                "certificate_url",
                self._addresses.may_hold_certificate(headers[_CERTIFICATE]),
                expected=self._addresses.certificates_below or "https on a host of paypal.com",
                actual=headers[_CERTIFICATE],
            )
            and await (self._by_paypal if self._by_call else self._by_certificate)(checks, message, webhook_id)
        )

    async def _by_certificate(self, checks: Checklist, message: CallbackMessage, webhook_id: str) -> bool:
        headers = message.headers
        try:
            key = await self._certificates.key(headers[_CERTIFICATE], message.received_at)
        except Unreachable as error:
            raise _Later("certificate", f"The certificate cannot be read now: {error}.") from None
        except Distrusted as error:
            return checks.check("certificate", False, explanation=f"The certificate is not believed: {error}.")
        checks.check("certificate", True)
        text = f"{headers[_ID]}|{headers[_TIME]}|{webhook_id}|{crc32(message.body)}"
        return checks.check(
            "signature",
            verified(key, text.encode(), headers[_SIGNATURE]),
            explanation=f"The signature does not cover {text}: {_COVERED}",
        )

    async def _by_paypal(self, checks: Checklist, message: CallbackMessage, webhook_id: str) -> bool:
        checks.skip("certificate", "PayPal checks its certificate itself.")
        headers = message.headers
        told = {
            "auth_algo": headers[_ALGORITHM_HEADER],
            "cert_url": headers[_CERTIFICATE],
            "transmission_id": headers[_ID],
            "transmission_sig": headers[_SIGNATURE],
            "transmission_time": headers[_TIME],
            "webhook_id": webhook_id,
        }
        # The event goes back byte for byte, as PayPal signs its bytes; that it is one JSON object was seen before.
        body = f'{json.dumps(told)[:-1]}, "webhook_event": {message.body.decode()}}}'
        if not self._questions.take():
            raise _Later("signature", TOO_MANY)
        answer = await self._verifier.verify_webhook(body)
        if isinstance(answer, Failure):
            raise _Later("signature", "PayPal does not tell now whether it signed this.")
        if answer:
            self._questions.give_back()
        return checks.check("signature", answer, explanation="PayPal says that it did not sign this.")

    def _is_ours(self, checks: Checklist, event: Event) -> bool:
        """The signature covers the webhook's id, and so the merchant; an event that names another one is all the more not ours."""
        if self._merchant_id is None or event.payee_id is None:
            why = "No merchant_id is configured." if self._merchant_id is None else "The event names none."
            checks.skip("merchant_id", why)
            return True
        return checks.agrees("merchant_id", self._merchant_id, event.payee_id)


def _is_timely(checks: Checklist, message: CallbackMessage) -> bool:
    received_at = message.received_at
    expected = f"from {received_at - _OLDEST:%Y-%m-%dT%H:%M:%SZ} to {received_at + _NEWEST:%Y-%m-%dT%H:%M:%SZ}"
    sent = message.headers[_TIME]
    try:
        timely = -_NEWEST <= received_at - moment(sent) <= _OLDEST
    except ValueError:
        timely = False
    return checks.check("timestamp", timely, expected=expected, actual=sent)


def _missing(names: list[str]) -> str | None:
    return f"Missing or too long: {', '.join(names)}." if names else None


_UNPROVEN = (
    "No webhook_id is configured, without which a webhook cannot be proven: PayPal is asked for the order instead."
)

_COVERED = (
    "transmission id, transmission time, the configured webhook_id, and the CRC-32 of the body as it came, joined by |. "
    "Another webhook_id or a body that was changed on its way are the usual causes."
)
