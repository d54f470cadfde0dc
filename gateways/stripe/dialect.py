"""How Stripe's webhooks look before anything about them is believed, and how they are answered. Source: docs.stripe.com/webhooks."""

from gateways.stripe.event import CHARGE, INTENT, SIGNATURE_HEADER, read_event
from gateways.stripe.request import REFERENCE_KEY
from server.domain.callback import Acknowledgement, CallbackMessage, Reply

# Stripe sends again, for up to three days, what is not answered with a 2xx.
_STATUSES = {Reply.ACCEPTED: 200, Reply.REFUSED: 400, Reply.LATER: 503}


class StripeDialect:
    """A status says it all."""

    # It opens an intent, with whose customer it is, to a browser. Source: docs.stripe.com/api/payment_intents/object#payment_intent_object-client_secret
    # The second name is its in the address of a challenge (hooks.stripe.com/3d_secure_2/hosted).
    secret_fields = frozenset({"client_secret", "payment_intent_client_secret"})

    def recognises(self, message: CallbackMessage) -> bool:
        """By the header that nobody else sends."""
        return SIGNATURE_HEADER in message.headers

    def reference_in(self, message: CallbackMessage) -> str | None:
        """What the metadata of an intent, or of its charge, say. Raises Unreadable."""
        event = read_event(message.body)
        reference = event.metadata.get(REFERENCE_KEY) if event.kind in (INTENT, CHARGE) else None
        return reference if isinstance(reference, str) and reference else None

    def acknowledgement(self, _message: CallbackMessage, reply: Reply) -> Acknowledgement:
        return Acknowledgement(_STATUSES[reply])
