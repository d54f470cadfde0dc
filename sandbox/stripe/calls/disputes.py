"""Disputes: a cardholder's bank takes the money back until the case is closed."""

from typing import Literal

from sandbox.json_types import Resource
from sandbox.stripe.books import Books
from sandbox.stripe.calls import lists
from sandbox.stripe.calls.files import EVIDENCE
from sandbox.stripe.calls.movements import dispute_movement, dispute_won_movement
from sandbox.stripe.errors import InvalidParameter, InvalidRequest
from sandbox.stripe.ids import new_id
from sandbox.stripe.records.charge import Charge
from sandbox.stripe.records.dispute import Dispute
from sandbox.stripe.records.file import File
from sandbox.stripe.schema.metadata import updated_metadata
from sandbox.stripe.schema.params import Params

REASONS = frozenset(
    "bank_cannot_process check_returned credit_not_processed customer_initiated debit_not_authorized duplicate fraudulent"
    " general incorrect_account_details insufficient_funds noncompliant product_not_received product_unacceptable"
    " subscription_canceled unrecognized".split()
)
UNSIMULATED = frozenset({"intended_submission_method"})

_FILES = frozenset(
    "cancellation_policy customer_communication customer_signature duplicate_charge_documentation receipt refund_policy"
    " service_documentation shipping_documentation uncategorized_file".split()
)
_MOST_CHARACTERS = 150_000
_DAYS_TO_RESPOND = 9
_SECONDS_A_DAY = 24 * 60 * 60


def retrieve(books: Books, params: Params, id: str) -> Resource:
    return books.need(Dispute, id, "dispute").resource()


def update(books: Books, params: Params, id: str) -> Resource:
    """Takes evidence, and gives it to the bank unless `submit` is false; from then on the bank decides."""
    dispute = books.need(Dispute, id, "dispute")
    given = params.group("evidence")
    if dispute.is_closed or (given is not None and dispute.submission_count):
        raise InvalidRequest("This dispute is already closed or has its evidence.", None, "evidence")
    before = dispute.status
    dispute.metadata = updated_metadata(params, dispute.metadata)
    if given is not None:
        _take(books, dispute, given)
    if given is not None and ("submit" not in params or params.flag("submit")):
        dispute.submission_count += 1
        dispute.status = "warning_under_review" if dispute.is_inquiry else "under_review"
    books.save(dispute)
    books.emit("charge.dispute.updated", dispute, {"status": before} if dispute.status != before else None)
    return dispute.resource()


def _take(books: Books, dispute: Dispute, given: Params) -> None:
    """Evidence over what there is; an empty text takes a part back."""
    for name in given.names():
        value = given.text(name)
        if name == "enhanced_evidence":
            raise InvalidParameter("The sandbox does not simulate enhanced evidence.", None, given.name(name))
        if value is None:
            dispute.evidence.pop(name, None)
            continue
        if name in _FILES and books.need(File, value, given.name(name)).purpose != EVIDENCE:
            raise InvalidParameter(f"The file {value} is not for evidence.", None, given.name(name))
        dispute.evidence[name] = value
    if sum(len(text) for text in dispute.evidence.values()) > _MOST_CHARACTERS:
        raise InvalidParameter(f"Evidence may have {_MOST_CHARACTERS} characters in all.", None, "evidence")


def list_all(books: Books, params: Params, _: str) -> Resource:
    return lists.page(books, params, Dispute, "/v1/disputes", filters=("charge", "payment_intent"))


def open_dispute(books: Books, charged: Charge, amount: int, reason: str, *, inquiry: bool) -> Dispute:
    """The bank disputes the charge; unless it only inquires, it takes the amount at once."""
    dispute = Dispute(
        id=new_id("du"),
        created=books.now,
        amount=amount,
        brand=charged.card.brand,
        charge=charged.id,
        currency=charged.currency,
        due_by=books.now + _DAYS_TO_RESPOND * _SECONDS_A_DAY,
        payment_intent=charged.payment_intent,
        reason=reason,
        status="warning_needs_response" if inquiry else "needs_response",
    )
    charged.disputed = True
    if not inquiry:
        dispute_movement(books, dispute)
    books.save(dispute)
    books.save(charged)
    books.emit("charge.dispute.created", dispute)
    if not inquiry:
        books.emit("charge.dispute.funds_withdrawn", dispute)
    books.emit("charge.updated", charged, {"disputed": False})
    return dispute


def close_dispute(books: Books, dispute: Dispute, outcome: Literal["won", "lost"]) -> None:
    """Ends the case. An inquiry that is won just closes; one that is lost takes the money after all."""
    before = dispute.status
    was_inquiry = dispute.is_inquiry
    dispute.status = "warning_closed" if was_inquiry and outcome == "won" else outcome
    if was_inquiry and outcome == "lost":
        dispute_movement(books, dispute)
        books.emit("charge.dispute.funds_withdrawn", dispute)
    if not was_inquiry and outcome == "won":
        dispute_won_movement(books, dispute)
        books.emit("charge.dispute.funds_reinstated", dispute)
    books.save(dispute)
    books.emit("charge.dispute.closed", dispute, {"status": before})


def open_for_test_card(books: Books, charge_id: str) -> None:
    """What the published cards for disputes do some time after they paid."""
    charged = books.need(Charge, charge_id)
    behaviour = charged.card.behaviour
    if charged.captured and behaviour.dispute_reason is not None:
        open_dispute(
            books, charged, charged.amount_captured, behaviour.dispute_reason, inquiry=behaviour.dispute_is_inquiry
        )
