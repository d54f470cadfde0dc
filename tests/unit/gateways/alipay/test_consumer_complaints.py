"""What Alipay's consumer complaints mean, and what becomes of our answers to them."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web

from gateways.alipay.consumer_complaints import ConsumerComplaint, complaint_id_of
from server.domain.dispute import NOTHING_MOVED, DisputeStatus
from server.domain.evidence_outcomes import EvidenceOutcome, EvidenceRefused, EvidenceTaken
from server.domain.file import Document
from server.domain.money import Money
from server.domain.outcomes import NotSent, Unknown
from tests.unit.gateways.alipay.answering import a_reply, answered
from tests.unit.gateways.alipay.merchant import SELLER_ID
from tests.unit.gateways.alipay.test_complaints import (
    BUSY,
    DONE,
    FORBIDDEN,
    LOST,
    NOBODY_KNOWS,
    NOON,
    NUMBER,
    WORDS,
    Step,
    a_dispute,
    a_picture,
    a_submission,
    told,
)

ID = 10243351927
TRADE, OTHER_TRADE = "2020092322001412345678901234", "2020092322001412345678901235"
QUERY, FINISH, UPLOAD = "complaint.info.query", "complaint.process.finish", "complaint.file.upload"


def a_trade(number: str = TRADE, **changes: Any) -> dict[str, Any]:
    return {"trade_no": number, "out_no": f"our-{number[-4:]}", "amount": "100.00", "status": "WAIT_PROCESS"} | changes


def a_complaint(**changes: Any) -> dict[str, Any]:
    """As both the list and the question have it."""
    return {
        "id": ID,
        "task_id": "2023053100000001",
        "opposite_pid": SELLER_ID,
        "complain_amount": "100.00",
        "complain_content": "付款后商家不发货",
        "gmt_complain": "2026-03-01 20:00:00",
        "gmt_overdue": "2026-03-04 20:00:00",
        "status": "WAIT_PROCESS",
        "trade_no": TRADE,
        "complaint_trade_info_list": [a_trade()],
    } | changes


def read(**changes: Any) -> ConsumerComplaint:
    return ConsumerComplaint.read(a_complaint(**changes), NOON)


def test_a_complaint_is_a_dispute_of_each_of_its_trades() -> None:
    """With the trade's numbers and amount, and the day until which it waits; it moves no money."""
    complaint = read(complaint_trade_info_list=[a_trade(), a_trade(OTHER_TRADE, amount="2.5")])
    assert (complaint.id, complaint.seller_id) == (str(ID), SELLER_ID)
    first, second = complaint.disputes
    assert (first.reference, first.gateway_payment_id) == ("our-1234", TRADE)
    assert first.report.gateway_dispute_id == f"{ID}-{TRADE}"
    assert first.report.evidence_due_by == datetime(2026, 3, 4, 12, tzinfo=UTC)
    assert (first.report.money, second.report.money) == (Money(10000, "CNY"), Money(250, "CNY"))
    assert first.report.moved == NOTHING_MOVED
    assert complaint.dispute(f"{ID}-{OTHER_TRADE}") == second.report
    assert complaint.dispute(f"{ID}-1") is None


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("WAIT_PROCESS", DisputeStatus.NEEDS_RESPONSE),
        ("PROCESSING", DisputeStatus.NEEDS_RESPONSE),
        ("OVERDUE", DisputeStatus.NEEDS_RESPONSE),
        ("PART_OVERDUE", DisputeStatus.NEEDS_RESPONSE),
        ("PROCESSED", DisputeStatus.WARNING_CLOSED),
        ("OVERDUE_PROCESSED", DisputeStatus.WARNING_CLOSED),
        ("DROP_COMPLAIN", DisputeStatus.WARNING_CLOSED),
        ("DROP_PROCESSED", DisputeStatus.WARNING_CLOSED),
        ("DROP_OVERDUE_COMPLAIN", DisputeStatus.WARNING_CLOSED),
        ("DROP_OVERDUE_PROCESSED", DisputeStatus.WARNING_CLOSED),
    ],
)
def test_every_status_has_its_meaning(status: str, expected: DisputeStatus) -> None:
    """What is late can be answered still; however one ends, it was a warning."""
    assert [each.report.status for each in read(status=status).disputes] == [expected]


def test_what_is_asked_for_later_counts_more() -> None:
    """Alipay's answers have no time of their own."""
    later = ConsumerComplaint.read(a_complaint(), NOON + timedelta(seconds=1))
    assert later.disputes[0].report.rank > read().disputes[0].report.rank


@pytest.mark.parametrize(
    "wrong",
    [
        {"id": None},
        {"id": True},
        {"id": "1-2"},
        {"status": "LOST"},
        {"gmt_complain": None},
        {"gmt_overdue": "soon"},
        {"complaint_trade_info_list": None},
        {"complaint_trade_info_list": []},
        {"complaint_trade_info_list": ["x"]},
        {"complaint_trade_info_list": [a_trade(amount=None)]},
        {"complaint_trade_info_list": [a_trade("x-y")]},
    ],
)
def test_what_is_no_complaint_is_not_read(wrong: dict[str, Any]) -> None:
    """Nothing is guessed."""
    with pytest.raises(ValueError, match=r".+"):
        read(**wrong)


def test_its_number_is_no_trade_complaints() -> None:
    """Each kind is answered by calls of its own."""
    assert complaint_id_of(f"{ID}-{TRADE}") == str(ID)
    assert complaint_id_of(NUMBER) is None
    assert complaint_id_of(f"{ID}-") is None


def shown(**changes: Any) -> Step:
    return QUERY, {**DONE, **a_complaint(**changes)}


OPEN = shown()
PROCESSED = shown(status="PROCESSED", process_remark=f"{WORDS}\n")
BY_ANOTHER = shown(status="PROCESSED", process_remark="已退款")
DROPPED = shown(status="DROP_COMPLAIN")
ACCEPTED = (FINISH, DONE | {"complaint_process_success": True})
TOO_LATE = (FINISH, {"code": "40004", "sub_code": "INVALID_PARAMETER"})
STORED = (UPLOAD, DONE | {"file_key": "A*x", "file_name": "evidence.png", "file_url": "https://mdn.example/A*x"})


async def became(
    steps: tuple[Step, ...], *, again: bool, document: Document | None = None
) -> tuple[EvidenceOutcome, list[Mapping[str, str]]]:
    """What becomes of evidence, sent for the first time or once more, and what was sent; every answer is used."""
    left = list(steps)

    def reply(method: str, _parameters: Mapping[str, str]) -> web.StreamResponse:
        expected, content = left.pop(0)
        assert method.endswith(expected), (method, expected)
        return a_reply(method, json.dumps(content, ensure_ascii=False)) if content else web.Response(status=500)

    dispute = replace(a_dispute(), gateway_dispute_id=f"{ID}-{TRADE}")
    async with answered(reply) as (gateway, answering):
        act = gateway.resume_evidence if again else gateway.submit_evidence
        outcome = await act(a_submission(), dispute, document)
    assert left == []
    return outcome, answering.calls


async def test_an_answer_ends_the_complaint() -> None:
    """As one of which proof was submitted, with the image that was stored before."""
    outcome, calls = await became((STORED, ACCEPTED, PROCESSED), again=False, document=a_picture())
    assert told(outcome) is DisputeStatus.WARNING_CLOSED
    assert "biz_content" not in calls[0]
    assert json.loads(calls[1]["biz_content"]) == {
        "id_list": [ID],
        "process_code": "SUBMIT_PROOF_NOT_CONTACTED",
        "remark": WORDS,
        "img_file_list": [{"img_url": "https://mdn.example/A*x", "img_url_key": "A*x"}],
    }


@pytest.mark.parametrize(
    ("steps", "kind"),
    [
        ((ACCEPTED, (QUERY, LOST)), EvidenceTaken),
        (((FINISH, LOST),), Unknown),
        (((FINISH, NOBODY_KNOWS),), Unknown),
        (((FINISH, DONE),), Unknown),
        (((FINISH, DONE | {"complaint_process_success": False}),), Unknown),
        (((FINISH, BUSY),), NotSent),
        ((TOO_LATE,), EvidenceRefused),
        (((FINISH, FORBIDDEN),), EvidenceRefused),
    ],
)
async def test_what_becomes_of_a_first_answer(steps: tuple[Step, ...], kind: type) -> None:
    """Only that Alipay has processed the complaint is proof that it has."""
    outcome, _ = await became(steps, again=False)
    assert type(outcome) is kind


@pytest.mark.parametrize(
    ("steps", "kind"),
    [
        ((PROCESSED,), EvidenceTaken),
        ((BY_ANOTHER,), EvidenceRefused),
        ((DROPPED,), EvidenceRefused),
        (((QUERY, LOST),), Unknown),
        ((OPEN, ACCEPTED, PROCESSED), EvidenceTaken),
        ((OPEN, (FINISH, LOST)), Unknown),
        ((OPEN, (FINISH, BUSY)), Unknown),
        ((OPEN, TOO_LATE, PROCESSED), EvidenceTaken),
        ((OPEN, TOO_LATE, DROPPED), EvidenceRefused),
        ((OPEN, TOO_LATE, OPEN), EvidenceRefused),
        ((OPEN, TOO_LATE, (QUERY, LOST)), Unknown),
        # Another complaint than was asked for is no answer.
        ((shown(id=ID + 1, status="PROCESSED", process_remark=WORDS),), Unknown),
    ],
)
async def test_what_becomes_of_an_answer_whose_receipt_was_lost(steps: tuple[Step, ...], kind: type) -> None:
    """It is known by its words: an answer that somebody gave on Alipay's own pages is not ours."""
    outcome, _ = await became(steps, again=True)
    assert type(outcome) is kind


@pytest.mark.parametrize("content", [{}, {"file_key": "A*x"}, {"file_url": "x"}, {"file_key": "", "file_url": "x"}])
async def test_an_image_that_is_not_stored_is_no_answer(content: dict[str, str]) -> None:
    """None was given yet."""
    outcome, _ = await became(((UPLOAD, DONE | content),), again=False, document=a_picture())
    assert type(outcome) is NotSent
