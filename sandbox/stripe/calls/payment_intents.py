"""PaymentIntents: from the wish to be paid to the money, or to nothing."""

from sandbox.json_types import Resource
from sandbox.stripe.books import Books
from sandbox.stripe.calls import lists
from sandbox.stripe.calls.charging import take
from sandbox.stripe.calls.confirmation import Wishes, confirm
from sandbox.stripe.calls.intent_fields import apply_confirmation, apply_descriptors, apply_fields, new_intent
from sandbox.stripe.calls.intent_state import (
    require_cancelable,
    require_capturable,
    require_confirmable,
    require_updatable,
)
from sandbox.stripe.errors import InvalidRequest
from sandbox.stripe.records.charge import Charge
from sandbox.stripe.records.payment_intent import PaymentIntent
from sandbox.stripe.schema.metadata import updated_metadata
from sandbox.stripe.schema.params import Params

URL = "/v1/payment_intents"


def create(books: Books, params: Params, _: str) -> Resource:
    intent = new_intent(books, params)
    books.save(intent)
    books.emit("payment_intent.created", intent)
    if params.flag("confirm"):
        confirm(books, intent, Wishes.of(params))
    return intent.resource()


def retrieve(books: Books, params: Params, id: str) -> Resource:
    intent = books.need(PaymentIntent, id, "intent")
    secret = params.text("client_secret")
    if secret not in (None, intent.client_secret):
        raise InvalidRequest(
            "The client_secret provided does not match the client_secret associated with the PaymentIntent.",
            "payment_intent_invalid_parameter",
            "client_secret",
        )
    return intent.resource()


def update(books: Books, params: Params, id: str) -> Resource:
    intent = books.need(PaymentIntent, id, "intent")
    if set(params.names()) - {"metadata", "description", "receipt_email", "shipping", "expand"}:
        require_updatable(intent)
    apply_fields(books, intent, params)
    books.save(intent)
    return intent.resource()


def list_all(books: Books, params: Params, _: str) -> Resource:
    return lists.page(books, params, PaymentIntent, URL, filters=("customer",))


def confirm_intent(books: Books, params: Params, id: str) -> Resource:
    intent = books.need(PaymentIntent, id, "intent")
    require_confirmable(intent)
    apply_confirmation(books, intent, params)
    confirm(books, intent, Wishes.of(params))
    return intent.resource()


def capture(books: Books, params: Params, id: str) -> Resource:
    intent = books.need(PaymentIntent, id, "intent")
    require_capturable(intent)
    amount = params.integer("amount_to_capture")
    if amount is None:
        amount = intent.amount_capturable
    if amount < 1:
        raise InvalidRequest(
            "This value must be greater than or equal to 1.", "parameter_invalid_integer", "amount_to_capture"
        )
    if amount > intent.amount_capturable:
        raise InvalidRequest(
            f"The amount_to_capture ({amount}) must be no more than the amount_capturable ({intent.amount_capturable}).",
            "amount_too_large",
            "amount_to_capture",
        )
    if "final_capture" in params and not params.flag("final_capture"):
        raise InvalidRequest(
            "This PaymentIntent's card does not support multicapture: final_capture must be true.",
            "payment_intent_invalid_parameter",
            "final_capture",
        )
    charged = books.need(Charge, intent.latest_charge or "")
    intent.metadata = updated_metadata(params, intent.metadata)
    apply_descriptors(intent, params)
    charged.statement_descriptor_suffix = intent.statement_descriptor_suffix
    intent.status = "succeeded"
    take(books, intent, charged, amount)
    books.save(intent)
    books.save(charged)
    books.emit("charge.captured", charged)
    books.emit("payment_intent.succeeded", intent)
    return intent.resource()


def cancel(books: Books, params: Params, id: str) -> Resource:
    intent = books.need(PaymentIntent, id, "intent")
    require_cancelable(intent)
    if intent.status == "requires_capture":
        _release(books, intent)
    intent.status = "canceled"
    intent.canceled_at = books.now
    intent.cancellation_reason = params.text("cancellation_reason")
    intent.amount_capturable = 0
    intent.next_action = None
    intent.challenge = None
    books.save(intent)
    books.emit("payment_intent.canceled", intent)
    return intent.resource()


def _release(books: Books, intent: PaymentIntent) -> None:
    """Gives the hold back: on the charge it shows as a full refund."""
    held = books.need(Charge, intent.latest_charge or "")
    held.released = True
    books.save(held)
    books.emit("charge.refunded", held)
