"""What follows when the customer passes or fails a 3-D Secure challenge."""

from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from sandbox.json_types import Resource
from sandbox.stripe.books import Books
from sandbox.stripe.calls.charging import charge, require_another_method
from sandbox.stripe.errors import CardRefused, doc_url
from sandbox.stripe.records.payment_intent import PaymentIntent
from sandbox.stripe.records.payment_method import PaymentMethod

_FAILED_CODE = "payment_intent_authentication_failure"


def authenticate(books: Books, intent: PaymentIntent, passed: bool) -> None:
    """Ends the intent's challenge. A card that is then declined leaves its error on the intent, as everywhere."""
    method = books.need(PaymentMethod, intent.payment_method or "")
    if not passed:
        require_another_method(intent, _failure(method))
        books.save(intent)
        books.emit("payment_intent.payment_failed", intent)
        return
    if intent.confirmation_method == "manual":
        intent.status = "requires_confirmation"
        intent.authenticated = True
        intent.next_action = None
        intent.challenge = None
        books.save(intent)
        return
    try:
        charge(books, intent, method, authenticated=True)
    except CardRefused:
        # Nobody waits for this answer but the customer, who sees the outcome in the intent.
        return


def return_address(intent: PaymentIntent, passed: bool) -> str | None:
    """Where the customer goes afterwards, with what Stripe tells the merchant's page there."""
    if intent.return_url is None:
        return None
    address = urlsplit(intent.return_url)
    query = [
        *parse_qsl(address.query, keep_blank_values=True),
        ("payment_intent", intent.id),
        ("payment_intent_client_secret", intent.client_secret),
        ("redirect_status", "succeeded" if passed and intent.last_payment_error is None else "failed"),
    ]
    return urlunsplit(address._replace(query=urlencode(query)))


def _failure(method: PaymentMethod) -> Resource:
    return {
        "code": _FAILED_CODE,
        "doc_url": doc_url(_FAILED_CODE),
        "message": (
            "The provided PaymentMethod has failed authentication. You can provide payment_method_data or a new"
            " PaymentMethod to attempt to fulfill this PaymentIntent again."
        ),
        "payment_method": method.resource(),
        "type": "invalid_request_error",
    }
