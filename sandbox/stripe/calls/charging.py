"""One try at charging a PaymentIntent's card: what the simulated issuer answers, and what follows from it."""

from sandbox.json_types import Json, Resource
from sandbox.stripe.books import Books
from sandbox.stripe.calls.movements import charge_movement
from sandbox.stripe.calls.payment_methods import attach_to
from sandbox.stripe.cards.declines import DECLINES
from sandbox.stripe.errors import CardRefused, doc_url
from sandbox.stripe.ids import new_id
from sandbox.stripe.records.charge import Charge
from sandbox.stripe.records.payment_intent import PaymentIntent
from sandbox.stripe.records.payment_method import PaymentMethod

SETTLE_CAPTURE_JOB = "settle_capture"
OPEN_DISPUTE_JOB = "open_dispute"

AUTHENTICATED: Resource = {
    "authentication_flow": "challenge",
    "electronic_commerce_indicator": "05",
    "exemption_indicator": None,
    "result": "authenticated",
    "result_reason": None,
    "transaction_id": None,
    "version": "2.2.0",
}


def charge(books: Books, intent: PaymentIntent, method: PaymentMethod, authenticated: bool) -> None:
    """Charges the card. Raises `CardRefused`, with the refusal recorded, when the issuer declines."""
    behaviour = method.card.behaviour
    decline = behaviour.decline_after_challenge if authenticated else None
    decline = decline or behaviour.decline
    if decline is not None:
        raise declined(books, intent, method, decline)
    _approve(books, intent, method, authenticated)


def declined(books: Books, intent: PaymentIntent, method: PaymentMethod, decline_name: str) -> CardRefused:
    """Records a failed charge, asks for another payment method, and makes the refusal to raise."""
    failed = _new_charge(books, intent, method, None)
    failed.decline = decline_name
    books.save(failed)
    intent.latest_charge = failed.id
    refusal = _refusal(intent, method, decline_name)
    require_another_method(intent, refusal)
    books.save(intent)
    books.emit("charge.failed", failed)
    books.emit("payment_intent.payment_failed", intent)
    return _with_intent(refusal, intent)


def refused_unauthenticated(books: Books, intent: PaymentIntent, method: PaymentMethod) -> CardRefused:
    """The refusal when the card asks for the customer and the caller has said that there is none: no charge is made."""
    refusal = _refusal(intent, method, "authentication_required")
    require_another_method(intent, refusal)
    books.save(intent)
    books.emit("payment_intent.payment_failed", intent)
    return _with_intent(refusal, intent)


def require_another_method(intent: PaymentIntent, error: Resource) -> None:
    intent.status = "requires_payment_method"
    intent.payment_method = None
    intent.last_payment_error = error
    intent.next_action = None
    intent.challenge = None
    intent.authenticated = False


def _approve(books: Books, intent: PaymentIntent, method: PaymentMethod, authenticated: bool) -> None:
    approved = _new_charge(books, intent, method, {**AUTHENTICATED} if authenticated else None)
    intent.latest_charge = approved.id
    intent.last_payment_error = None
    intent.next_action = None
    intent.challenge = None
    intent.authenticated = False
    if intent.capture_method == "manual":
        intent.status = "requires_capture"
        intent.amount_capturable = intent.amount
    else:
        intent.status = "succeeded"
        take(books, intent, approved, intent.amount)
    _keep_method(books, intent, method, authenticated)
    books.save(intent)
    books.save(approved)
    books.emit("charge.succeeded", approved)
    if intent.status == "succeeded":
        books.emit("payment_intent.succeeded", intent)
    else:
        books.emit("payment_intent.amount_capturable_updated", intent)
    if method.card.behaviour.dispute_reason is not None:
        books.later(OPEN_DISPUTE_JOB, approved)


def take(books: Books, intent: PaymentIntent, charged: Charge, amount: int) -> None:
    """Captures the amount on the charge and the intent; with `automatic_async` the balance moves some time later."""
    charged.captured = True
    charged.amount_captured = amount
    intent.amount_capturable = 0
    intent.amount_received = amount
    if intent.capture_method == "automatic_async":
        books.later(SETTLE_CAPTURE_JOB, charged)
    else:
        charge_movement(books, charged)


def _new_charge(books: Books, intent: PaymentIntent, method: PaymentMethod, three_d_secure: Resource | None) -> Charge:
    method.card.checked()
    books.save(method)
    id = new_id("ch")
    return Charge(
        id=id,
        created=books.now,
        amount=intent.amount,
        currency=intent.currency,
        payment_intent=intent.id,
        payment_method=method.id,
        card=method.card,
        billing_details=method.billing_details,
        receipt_url=f"{books.base_url}/receipts/{id}",
        customer=intent.customer,
        description=intent.description,
        metadata=dict(intent.metadata),
        receipt_email=intent.receipt_email,
        shipping=intent.shipping,
        statement_descriptor_suffix=intent.statement_descriptor_suffix,
        three_d_secure=three_d_secure,
        transfer_group=intent.transfer_group,
    )


def _keep_method(books: Books, intent: PaymentIntent, method: PaymentMethod, authenticated: bool) -> None:
    if authenticated and intent.setup_future_usage == "off_session":
        method.card.set_up = True
    if intent.customer is None:
        method.consumed = True
    elif intent.setup_future_usage is not None and method.customer is None:
        attach_to(books, method, intent.customer)
    books.save(method)


def _refusal(intent: PaymentIntent, method: PaymentMethod, decline_name: str) -> Resource:
    """The error as `last_payment_error` keeps it."""
    decline = DECLINES[decline_name]
    error: Resource = {}
    if decline.advice_code is not None:
        error["advice_code"] = decline.advice_code
    if decline_name != "authentication_required" or intent.latest_charge is not None:
        error["charge"] = intent.latest_charge
    error["code"] = decline.code
    if decline.decline_code is not None:
        error["decline_code"] = decline.decline_code
    error |= {"doc_url": doc_url(decline.code), "message": decline.message}
    if decline.param is not None:
        error["param"] = decline.param
    return {**error, "payment_method": method.resource(), "type": "card_error"}


def _with_intent(error: Resource, intent: PaymentIntent) -> CardRefused:
    own = ("code", "message", "param", "doc_url", "type")
    more: dict[str, Json] = {name: value for name, value in error.items() if name not in own}
    param = error.get("param")
    return CardRefused(
        str(error["message"]),
        str(error["code"]),
        param if isinstance(param, str) else None,
        {**more, "payment_intent": intent.resource()},
    )
