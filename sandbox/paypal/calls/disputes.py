"""The calls of disputes beside their list: show, give evidence, accept the claim; and what buyers and PayPal itself do. Source: the disputes v1 API."""

import secrets
from collections.abc import Mapping
from dataclasses import asdict
from typing import cast

import orjson

from sandbox.json_types import Json
from sandbox.paypal.books import Books
from sandbox.paypal.call import Call, Reply, shown
from sandbox.paypal.errors import InvalidRequest, Problem, Unprocessable, link
from sandbox.paypal.records.capture import Capture
from sandbox.paypal.records.dispute import CREDIT, DEBIT, Dispute, Movement
from sandbox.paypal.schema.requests import EVIDENCES
from sandbox.paypal.times import timestamp

REASONS = frozenset(
    "MERCHANDISE_OR_SERVICE_NOT_RECEIVED MERCHANDISE_OR_SERVICE_NOT_AS_DESCRIBED UNAUTHORISED CREDIT_NOT_PROCESSED"
    " DUPLICATE_TRANSACTION INCORRECT_AMOUNT PAYMENT_BY_OTHER_MEANS CANCELED_RECURRING_BILLING PROBLEM_WITH_REMITTANCE"
    " OTHER".split()
)
USUAL_REASON = "MERCHANDISE_OR_SERVICE_NOT_RECEIVED"
INPUT, FILES = "input", "files"
_DAYS_TO_RESPOND = 10
_SECONDS_A_DAY = 24 * 60 * 60
_DOCUMENTS = frozenset({"application/pdf", "image/png", "image/jpeg", "image/gif"})
_MOST_DOCUMENT_BYTES = 10 << 20


def retrieve(books: Books, call: Call) -> Reply:
    return shown(books.need(Dispute, call.id).resource(books.site))


def provide_evidence(books: Books, call: Call) -> Reply:
    """Takes the merchant's evidence with its documents; PayPal decides from then on."""
    dispute = books.need(Dispute, call.id)
    given = _input(call)
    if not dispute.waits_for_seller:
        raise Unprocessable("ACTION_NOT_ALLOWED_IN_CURRENT_DISPUTE_STATE")
    files = cast("list[dict[str, Json]]", call.fields.get(FILES, []))
    for file in files:
        if file["type"] not in _DOCUMENTS or cast(int, file["size"]) > _MOST_DOCUMENT_BYTES:
            raise InvalidRequest(Problem("INVALID_PARAMETER_VALUE", "/evidence-file"))
    for each in cast("list[dict[str, Json]]", given["evidences"]):
        dispute.evidences.append({**each, "source": "SUBMITTED_BY_SELLER", "date": timestamp(books.now)})
    dispute.documents += files
    dispute.status = "UNDER_REVIEW"
    _announce(books, dispute, "UPDATED")
    return _answer(books, dispute)


def accept_claim(books: Books, call: Call) -> Reply:
    """The merchant gives in: the buyer keeps the money."""
    dispute = books.need(Dispute, call.id)
    if not dispute.is_open:
        raise Unprocessable("ACTION_NOT_ALLOWED_IN_CURRENT_DISPUTE_STATE")
    resolve(books, dispute, "RESOLVED_BUYER_FAVOUR")
    return _answer(books, dispute)


def open_dispute(books: Books, capture: Capture, amount: int, reason: str) -> Dispute:
    """The buyer claims the money back, and PayPal takes it from the merchant until it has decided."""
    dispute = Dispute(
        id=f"PP-D-{secrets.randbelow(10**9):09d}",
        created=books.now,
        capture_id=capture.id,
        order_id=capture.order_id,
        invoice_id=capture.invoice_id,
        custom_id=capture.custom_id,
        currency=capture.currency,
        amount=amount,
        gross=capture.amount,
        reason=reason,
        status="WAITING_FOR_SELLER_RESPONSE",
        due_by=books.now + _DAYS_TO_RESPOND * _SECONDS_A_DAY,
        updated=books.now,
    )
    dispute.movements.append(asdict(Movement(DEBIT, amount, books.now)))
    _announce(books, dispute, "CREATED")
    return dispute


def resolve(books: Books, dispute: Dispute, outcome: str) -> None:
    """Decides: the merchant gets back what is held, or does not."""
    dispute.status, dispute.outcome = "RESOLVED", outcome
    if outcome == "RESOLVED_BUYER_FAVOUR":
        dispute.refunded = dispute.held()
    elif dispute.held():
        dispute.movements.append(asdict(Movement(CREDIT, dispute.held(), books.now)))
    _announce(books, dispute, "RESOLVED")


def move(books: Books, dispute: Dispute, movement: Movement) -> None:
    """Money moves apart from a decision: a part of it, once more, or a fee; before the decision or after."""
    dispute.movements.append(asdict(movement))
    _announce(books, dispute, "UPDATED")


def _announce(books: Books, dispute: Dispute, what: str) -> None:
    dispute.updated = books.now
    books.save(dispute)
    summary = f"A dispute was {what.lower()} with case # {dispute.id}"
    books.emit(f"CUSTOMER.DISPUTE.{what}", "dispute", summary, dispute.resource(books.site))


def _input(call: Call) -> Mapping[str, Json]:
    """The JSON part of the form, checked."""
    text = call.text(INPUT)
    if text is None:
        raise InvalidRequest(Problem("MISSING_REQUIRED_PARAMETER", f"/{INPUT}"))
    try:
        given: Json = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise InvalidRequest(Problem("MALFORMED_REQUEST_JSON", "/")) from None
    if problems := list(EVIDENCES.problems(given, "")):
        raise InvalidRequest(*problems)
    return cast("Mapping[str, Json]", given)


def _answer(books: Books, dispute: Dispute) -> Reply:
    return shown({"links": [link(f"{books.site.base_url}/v1/customer/disputes/{dispute.id}", "self")]})
