"""What PayPal's disputes mean, and the form in which evidence is given."""

import json
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any
from uuid import UUID

import pytest

from gateways.paypal.disputes import PayPalDispute
from gateways.paypal.pleading import check_evidence, evidence_form
from gateways.paypal.replies import UNREADABLE
from server.domain.dispute import NOTHING_MOVED, DisputeStatus, Moved
from server.domain.errors import ValidationError
from server.domain.evidence import Evidence, Submission
from server.domain.file import Document, FilePurpose, StoredFile
from server.domain.money import Money
from tests.documents import PDF

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def money(value: str, currency: str = "USD") -> dict[str, str]:
    return {"currency_code": currency, "value": value}


def moved(kind: str, value: str, reason: str = "DISPUTE_SETTLEMENT", party: str = "SELLER") -> dict[str, Any]:
    return {"affected_party": party, "type": kind, "amount": money(value), "reason": reason}


def a_dispute(**changes: Any) -> dict[str, Any]:
    return {
        "dispute_id": "PP-D-12345",
        "update_time": "2026-03-01T12:00:00.000Z",
        "disputed_transactions": [{"seller_transaction_id": "3BC38643YC807283D", "invoice_number": "ORDER_1"}],
        "reason": "UNAUTHORISED",
        "status": "WAITING_FOR_SELLER_RESPONSE",
        "dispute_amount": money("59.49"),
        "dispute_life_cycle_stage": "CHARGEBACK",
        "seller_response_due_date": "2026-03-11T12:00:00.000Z",
    } | changes


def all_moved(movements: list[dict[str, Any]]) -> Moved:
    return PayPalDispute.read(a_dispute(money_movements=movements)).report.moved


def test_a_dispute_is_read() -> None:
    """With our reference, and the deadline."""
    dispute = PayPalDispute.read(a_dispute())
    report = dispute.report
    assert (dispute.id, dispute.reference, dispute.takes_evidence) == ("PP-D-12345", "ORDER_1", True)
    assert (report.money, report.reason, report.moved) == (Money(5949, "USD"), "UNAUTHORISED", NOTHING_MOVED)
    assert report.evidence_due_by == datetime(2026, 3, 11, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "outcome", "stage", "expected"),
    [
        ("OPEN", None, "INQUIRY", DisputeStatus.NEEDS_RESPONSE),
        ("WAITING_FOR_BUYER_RESPONSE", None, "INQUIRY", DisputeStatus.UNDER_REVIEW),
        ("UNDER_REVIEW", None, "CHARGEBACK", DisputeStatus.UNDER_REVIEW),
        ("OTHER", None, "CHARGEBACK", DisputeStatus.UNDER_REVIEW),
        ("RESOLVED", "RESOLVED_BUYER_FAVOUR", "CHARGEBACK", DisputeStatus.LOST),
        ("RESOLVED", "ACCEPTED", "CHARGEBACK", DisputeStatus.LOST),
        ("RESOLVED", "RESOLVED_SELLER_FAVOUR", "CHARGEBACK", DisputeStatus.WON),
        ("RESOLVED", "RESOLVED_WITH_PAYOUT", "CHARGEBACK", DisputeStatus.WON),
        ("RESOLVED", "DENIED", "CHARGEBACK", DisputeStatus.WON),
        ("RESOLVED", "CANCELED_BY_BUYER", "CHARGEBACK", DisputeStatus.WON),
        ("RESOLVED", "CANCELED_BY_BUYER", "INQUIRY", DisputeStatus.WARNING_CLOSED),
        ("RESOLVED", "NONE", "INQUIRY", DisputeStatus.WARNING_CLOSED),
    ],
)
def test_every_standing_has_its_status(status: str, outcome: str | None, stage: str, expected: DisputeStatus) -> None:
    """Source: `status` and `dispute_outcome` of the disputes v1 API."""
    fields = a_dispute(status=status, dispute_life_cycle_stage=stage)
    if outcome is not None:
        fields["dispute_outcome"] = {"outcome_code": outcome}
    assert PayPalDispute.read(fields).report.status is expected


def test_the_sellers_money_moves() -> None:
    """The settlement and fees apart; the buyer's are the buyer's."""
    movements = [
        moved("DEBIT", "59.49"),
        moved("DEBIT", "15.00", "CHARGEBACK_FEE"),
        moved("CREDIT", "59.49", party="BUYER"),
    ]
    assert all_moved(movements) == Moved(taken_minor=5949, fee_minor=1500)
    assert all_moved([*movements, moved("CREDIT", "59.49")]) == Moved(5949, 5949, 1500)


def test_money_moves_in_parts() -> None:
    """All that was taken, all that came back, the fees and what of them was given back: each is a sum."""
    movements = [
        *(moved("DEBIT", "59.49"), moved("CREDIT", "20.00"), moved("DEBIT", "10.00"), moved("CREDIT", "0.01")),
        *(moved("DEBIT", "15.00", "CHARGEBACK_FEE"), moved("DEBIT", "1.50", "DISPUTE_FEE")),
        moved("CREDIT", "15.00", "CHARGEBACK_FEE"),
    ]
    assert all_moved(movements) == Moved(6949, 2001, 1650, 1500)


def test_what_moves_in_another_currency_is_on_no_account_of_ours() -> None:
    """Not even a part of it."""
    assert all_moved([moved("DEBIT", "59.49") | {"amount": money("54.00", "EUR")}]) == NOTHING_MOVED


def test_what_is_told_later_has_a_higher_rank() -> None:
    """By the time of the update; within one, in the order in which a dispute goes on."""
    ranks = [
        PayPalDispute.read(a_dispute(status=status, update_time=f"2026-03-01T12:00:0{second}Z")).report.rank
        for status, second in (
            *(("WAITING_FOR_SELLER_RESPONSE", 0), ("UNDER_REVIEW", 0), ("RESOLVED", 0)),
            ("WAITING_FOR_SELLER_RESPONSE", 1),
        )
    ]
    assert ranks == sorted(set(ranks))


@pytest.mark.parametrize(
    "wrong", [{"dispute_id": "../orders"}, {"dispute_amount": None}, {"update_time": "yesterday"}, {"status": 1}]
)
def test_what_is_no_dispute_is_not_read(wrong: dict[str, Any]) -> None:
    """Nothing is guessed."""
    with pytest.raises(UNREADABLE):
        PayPalDispute.read(a_dispute(**wrong))


def test_evidence_is_a_form_with_its_document() -> None:
    """JSON first, then the file's very bytes under a name that PayPal takes."""
    evidence = Evidence(uncategorized_text="it arrived", shipping_carrier="Deutsche Post", shipping_tracking_number="7")
    submission = Submission(UUID(int=7), "m", UUID(int=8), evidence, NOON, NOON)
    file = StoredFile(UUID(int=9), "m", FilePurpose.DISPUTE_EVIDENCE, "application/pdf", len(PDF), NOON, "合同.pdf")
    content_type, body = evidence_form(submission, Document(file, PDF))
    form: EmailMessage = message_from_bytes(
        b"Content-Type: %s\r\n\r\n%s" % (content_type.encode(), body), policy=default
    )
    told, document = form.iter_parts()
    assert document.get_payload(decode=True) == PDF
    assert document.get_filename() == "evidence.pdf"
    (given,) = json.loads(str(told.get_payload()))["evidences"]
    assert given["evidence_info"]["tracking_info"] == [
        {"carrier_name": "OTHER", "carrier_name_other": "Deutsche Post", "tracking_number": "7"}
    ]
    assert given["notes"] == f"More: it arrived\nReference: {UUID(int=7)}"


def test_notes_have_their_limit() -> None:
    """2000 characters, what we add included."""
    check_evidence(Evidence(uncategorized_text="x" * 1900))
    with pytest.raises(ValidationError):
        check_evidence(Evidence(uncategorized_text="x" * 1990))
