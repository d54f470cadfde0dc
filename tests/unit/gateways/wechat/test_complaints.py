"""What WeChat Pay's complaints mean, and what the customer is answered."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from gateways.wechat.fields import Malformed
from gateways.wechat.v3.complaints import Answers, Complaint
from gateways.wechat.v3.pleading import LIMITS
from gateways.written_answers import answer_of
from server.domain.dispute import NOTHING_MOVED, DisputeStatus
from server.domain.errors import ValidationError
from server.domain.evidence import Evidence
from server.domain.file import FilePurpose, StoredFile
from server.domain.money import Money

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def a_complaint(**changes: Any) -> dict[str, Any]:
    """The example of the documentation, but for its state."""
    return {
        "complaint_id": "200201820200101080076610000",
        "complaint_time": "2015-05-20T13:29:35.120+08:00",
        "complaint_detail": "反馈一个重复扣费的问题",
        "complaint_state": "PENDING",
        "complainted_mchid": "1900012181",
        "complaint_order_info": [
            {
                "transaction_id": "4200000404201909069117582536",
                "out_trade_no": "20190906154617947762231",
                "amount": 3,
            }
        ],
        "complaint_full_refunded": False,
        "incoming_user_response": False,
        "problem_type": "REFUND",
    } | changes


def test_a_complaint_is_read() -> None:
    """With the order's numbers; it has no deadline and moves no money."""
    complaint = Complaint.read(a_complaint(), NOON)
    assert (complaint.mch_id, complaint.reference) == ("1900012181", "20190906154617947762231")
    report = complaint.report
    assert (report.gateway_dispute_id, report.money, report.reason) == (
        *("200201820200101080076610000", Money(3, "CNY")),
        "REFUND",
    )
    assert (report.moved, report.evidence_due_by) == (NOTHING_MOVED, None)


@pytest.mark.parametrize(
    ("state", "waits", "status"),
    [
        ("PENDING", False, DisputeStatus.NEEDS_RESPONSE),
        ("PROCESSING", False, DisputeStatus.UNDER_REVIEW),
        ("PROCESSING", True, DisputeStatus.NEEDS_RESPONSE),
        ("PROCESSED", False, DisputeStatus.WARNING_CLOSED),
    ],
)
def test_every_state_has_its_status(state: str, waits: bool, status: DisputeStatus) -> None:
    """A customer who adds something waits for us again."""
    complaint = Complaint.read(a_complaint(complaint_state=state, incoming_user_response=waits), NOON)
    assert complaint.report.status is status


def test_what_is_asked_for_later_counts_more() -> None:
    """WeChat Pay's answers have no time of their own."""
    now, then = Complaint.read(a_complaint(), NOON + timedelta(seconds=1)), Complaint.read(a_complaint(), NOON)
    assert now.report.rank > then.report.rank


@pytest.mark.parametrize(
    "wrong",
    [{"complaint_id": "../x"}, {"complaint_state": "LOST"}, {"complaint_order_info": []}, {"complainted_mchid": None}],
)
def test_what_is_no_complaint_is_not_read(wrong: dict[str, Any]) -> None:
    """Nothing is guessed."""
    with pytest.raises(Malformed):
        Complaint.read(a_complaint(**wrong), NOON)


def test_an_answer_is_known_by_its_words_and_its_time() -> None:
    """What the customer said, and what was answered before, is not it."""
    said = [
        {"operate_type": "MERCHANT_RESPONSE", "operate_time": "2026-03-01T20:00:03+08:00", "operate_details": "ours"},
        {"operate_type": "USER_RESPONSE", "operate_time": "2026-03-01T20:00:04+08:00", "operate_details": "theirs"},
    ]
    answers = Answers.read({"data": said, "limit": 300, "offset": 0})
    assert answers.have("ours", NOON)
    assert not answers.have("theirs", NOON)
    assert not answers.have("ours", NOON + timedelta(hours=1))
    assert not Answers.read({"limit": 300, "offset": 0}).have("ours", NOON)


def test_the_answer_is_for_the_customer() -> None:
    """The free words first, and the rest under names that the customer can read."""
    evidence = Evidence(uncategorized_text="已与用户沟通解决", shipping_carrier="顺丰")
    assert answer_of(evidence) == "已与用户沟通解决\n承运商：顺丰"


@pytest.mark.parametrize(
    ("evidence", "kind", "size"),
    [
        (Evidence(uncategorized_file=UUID(int=1)), "image/png", 1),
        (Evidence(uncategorized_text="答" * 201), "image/png", 1),
        (Evidence(uncategorized_text="答"), "application/pdf", 1),
        (Evidence(uncategorized_text="答"), "image/png", (2 << 20) + 1),
    ],
)
def test_what_wechat_pay_does_not_take_is_refused(evidence: Evidence, kind: str, size: int) -> None:
    """An answer has words, not too many, and a picture that is not too large."""
    LIMITS.check(Evidence(uncategorized_text="答" * 200), None)
    with pytest.raises(ValidationError):
        LIMITS.check(evidence, StoredFile(UUID(int=1), "m", FilePurpose.DISPUTE_EVIDENCE, kind, size, NOON))
