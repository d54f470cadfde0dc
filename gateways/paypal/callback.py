"""PayPal's callbacks in their three forms: webhooks, IPN, and the documented JSON."""

from gateways.paypal import ipn
from gateways.paypal.addresses import Addresses
from gateways.paypal.certificates import Certificates
from gateways.paypal.events import Event
from gateways.paypal.ipn import Ipns
from gateways.paypal.questions import questions
from gateways.paypal.strict import read_form
from gateways.paypal.web import Web
from gateways.paypal.webhooks import Webhooks, WebhookVerifier
from gateways.setup import Setup
from server.domain.callback import (
    Acknowledgement,
    CallbackFormat,
    CallbackMessage,
    Check,
    CheckResult,
    LookUp,
    Reading,
    Reply,
    Unreadable,
)

_TRANSMISSION = "paypal-transmission-id"

# PayPal reads nothing but the status: 2xx ends it, everything else is tried again for some days.
_ACKNOWLEDGEMENTS = {
    Reply.ACCEPTED: Acknowledgement(200),
    Reply.REFUSED: Acknowledgement(400),
    Reply.LATER: Acknowledgement(503),
}

_UNSIGNED = "The documented JSON of PayPal carries no signature: PayPal is asked for the order instead."


class PayPalDialect:
    """What can be told of PayPal's callbacks without credentials."""

    secret_fields: frozenset[str] = frozenset()

    def recognises(self, message: CallbackMessage) -> bool:
        match message.format:
            case CallbackFormat.DOCUMENTED_JSON:
                return {"invoice_id", "payment_status"} <= (message.documented or {}).keys()
            case CallbackFormat.FORM:
                try:
                    return ipn.is_ipn(read_form(message.body))
                except Unreadable:
                    return False
            case CallbackFormat.SIGNED_JSON | CallbackFormat.XML | CallbackFormat.UNKNOWN:
                return _TRANSMISSION in message.headers

    def reference_in(self, message: CallbackMessage) -> str | None:
        match message.format:
            case CallbackFormat.DOCUMENTED_JSON:
                return (message.documented or {}).get("invoice_id") or None
            case CallbackFormat.FORM:
                return ipn.reference_in(read_form(message.body))
            case CallbackFormat.SIGNED_JSON | CallbackFormat.XML | CallbackFormat.UNKNOWN:
                return Event.read(message.body).reference

    def acknowledgement(self, message: CallbackMessage, reply: Reply) -> Acknowledgement:
        return _ACKNOWLEDGEMENTS[reply]


class Callbacks:
    """PayPal's callbacks, read with one merchant's settings."""

    def __init__(self, setup: Setup, addresses: Addresses, web: Web, verifier: WebhookVerifier) -> None:
        certificates = Certificates(web, setup.clock, setup.ca_file)
        asking = questions(setup.clock)
        self._webhooks = Webhooks(setup.config, addresses, certificates, verifier, asking)
        self._ipns = Ipns(setup.config, addresses, web, asking)

    async def read(self, message: CallbackMessage) -> Reading:
        """Never raises for what came from outside."""
        match message.format:
            case CallbackFormat.DOCUMENTED_JSON:
                # Its `payment_id` is not the number of an order: the one that is stored with the attempt is looked up.
                reference = (message.documented or {}).get("invoice_id") or None
                return Reading(
                    (Check("signature", CheckResult.SKIPPED, explanation=_UNSIGNED),), LookUp(proven=False), reference
                )
            case CallbackFormat.FORM:
                return await self._ipns.read(message)
            case CallbackFormat.SIGNED_JSON | CallbackFormat.XML | CallbackFormat.UNKNOWN:
                return await self._webhooks.read(message)
