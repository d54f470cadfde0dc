"""What Alipay's trade complaints mean, and what becomes of our answers to them."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from aiohttp import web

from gateways.alipay.adapter import AlipayGateway
from gateways.alipay.complaints import Complaint, Stage, summary_of
from gateways.alipay.pleading import LIMITS
from gateways.written_answers import answer_of
from server.domain.dispute import NOTHING_MOVED, Dispute, DisputeStatus
from server.domain.errors import ValidationError
from server.domain.evidence import Evidence, Submission
from server.domain.evidence_outcomes import EvidenceOutcome, EvidenceRefused, EvidenceTaken
from server.domain.file import Document, FilePurpose, StoredFile
from server.domain.money import Money
from server.domain.outcomes import NotSent, Unknown
from tests.documents import PNG
from tests.unit.gateways.alipay.answering import a_reply, answered, setup

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
NUMBER = "2020092300102000000001459758"
WORDS = "已与用户沟通解决"
USER = {"replier_role": "USER", "content": "没收到货", "gmt_create": "2026-03-01 20:00:00"}
OURS = {"replier_role": "MERCHANT", "content": WORDS, "gmt_create": "2026-03-01 20:00:01"}
USER_AGAIN = {"replier_role": "USER", "content": "还是没有", "gmt_create": "2026-03-01 20:00:02"}
AUDITOR = {"replier_role": "AUDITOR", "content": "请补充凭证", "gmt_create": "2026-03-01 20:00:02"}
SYSTEM = {"replier_role": "SYSTEM", "content": "系统提示", "gmt_create": "2026-03-01 20:00:09"}

QUERY, FEEDBACK, REPLY = "tradecomplain.query", "feedback.submit", "reply.submit"
SUPPLEMENT, UPLOAD = "supplement.submit", "image.upload"
LOST: dict[str, Any] = {}
DONE = {"code": "10000", "msg": "Success"}
MOVED_ON = {"code": "40004", "sub_code": "STATUS_CHANGED"}
FORBIDDEN = {"code": "40006", "sub_code": "isv.insufficient-isv-permissions"}
BUSY = {"code": "40005", "sub_code": "isv.app-call-limited"}
NOBODY_KNOWS = {"code": "40004", "sub_code": "SYSTEM_ERROR"}

Step = tuple[str, dict[str, Any]]


def a_complaint(**changes: Any) -> dict[str, Any]:
    return {
        "complain_event_id": NUMBER,
        "status": "MERCHANT_PROCESSING",
        "trade_no": "2020092322001412345678901234",
        "merchant_order_no": "20240101123456789",
        "gmt_create": "2026-03-01 20:00:00",
        "gmt_modified": "2026-03-01 20:00:00",
        "leaf_category_name": "要求退款",
        "complain_reason": "未收到货",
        "content": "付款后一直没有收到商品",
        "trade_amount": "100.00",
        "target_id": "2088102146225135",
        "target_type": "PID",
        "reply_detail_infos": [],
    } | changes


def read(**changes: Any) -> Complaint:
    return Complaint.read(a_complaint(**changes), NUMBER)


def test_a_complaint_is_read() -> None:
    """With its trade's numbers; it has no deadline and moves no money."""
    complaint = read()
    assert (complaint.seller_id, complaint.reference, complaint.trade_no) == (
        *("2088102146225135", "20240101123456789"),
        "2020092322001412345678901234",
    )
    report = complaint.report
    assert (report.gateway_dispute_id, report.money, report.reason) == (NUMBER, Money(10000, "CNY"), "未收到货")
    assert (report.moved, report.evidence_due_by) == (NOTHING_MOVED, None)


@pytest.mark.parametrize(
    ("status", "said", "stage", "expected"),
    [
        ("MERCHANT_PROCESSING", [], Stage.OPEN, DisputeStatus.NEEDS_RESPONSE),
        ("MERCHANT_PROCESSING", [OURS], Stage.OPEN, DisputeStatus.NEEDS_RESPONSE),
        ("MERCHANT_FEEDBACKED", [], Stage.TALKED_ABOUT, DisputeStatus.UNDER_REVIEW),
        ("MERCHANT_FEEDBACKED", [USER], Stage.TALKED_ABOUT, DisputeStatus.UNDER_REVIEW),
        ("MERCHANT_FEEDBACKED", [USER, OURS], Stage.TALKED_ABOUT, DisputeStatus.UNDER_REVIEW),
        ("MERCHANT_FEEDBACKED", [OURS, SYSTEM], Stage.TALKED_ABOUT, DisputeStatus.UNDER_REVIEW),
        ("MERCHANT_FEEDBACKED", [OURS, USER_AGAIN], Stage.TALKED_ABOUT, DisputeStatus.NEEDS_RESPONSE),
        ("MERCHANT_FEEDBACK_TIMEOUT", [], Stage.TALKED_ABOUT, DisputeStatus.NEEDS_RESPONSE),
        ("MERCHANT_FEEDBACK_TIMEOUT", [OURS], Stage.TALKED_ABOUT, DisputeStatus.UNDER_REVIEW),
        ("PLATFORM_PROCESSING", [USER], Stage.BEFORE_ALIPAY, DisputeStatus.NEEDS_RESPONSE),
        ("PLATFORM_PROCESSING", [USER, OURS], Stage.BEFORE_ALIPAY, DisputeStatus.UNDER_REVIEW),
        ("PLATFORM_PROCESSING", [OURS, AUDITOR], Stage.BEFORE_ALIPAY, DisputeStatus.NEEDS_RESPONSE),
        ("PLATFORM_FINISH", [], Stage.ENDED, DisputeStatus.WARNING_CLOSED),
        ("FINISHED", [OURS, USER_AGAIN], Stage.ENDED, DisputeStatus.WARNING_CLOSED),
        ("CANCELLED", [], Stage.ENDED, DisputeStatus.WARNING_CLOSED),
        ("CLOSED", [], Stage.ENDED, DisputeStatus.WARNING_CLOSED),
        ("REPORT_SUCCEED", [], Stage.ENDED, DisputeStatus.WARNING_CLOSED),
    ],
)
def test_every_status_has_its_meaning(
    status: str, said: list[dict[str, str]], stage: Stage, expected: DisputeStatus
) -> None:
    """A complaint waits for us until the last word is ours, and again when somebody answers that."""
    for order in (said, said[::-1]):
        complaint = read(status=status, reply_detail_infos=order)
        assert (complaint.stage, complaint.report.status) == (stage, expected)


def test_a_word_of_the_same_second_was_answered() -> None:
    """Alipay's times have whole seconds, and of two in one ours is the answer."""
    said = [OURS, USER_AGAIN | {"gmt_create": OURS["gmt_create"]}]
    for order in (said, said[::-1]):
        complaint = read(status="PLATFORM_PROCESSING", reply_detail_infos=order)
        assert complaint.report.status is DisputeStatus.UNDER_REVIEW


def test_reports_are_ranked_by_what_has_happened() -> None:
    """By the time of the change, and within a second by what was said and how far it went; the list's rank is never below a report's."""
    said = [OURS, USER_AGAIN]
    ranks = [
        read().report.rank,
        read(status="MERCHANT_FEEDBACKED", reply_detail_infos=said[:1]).report.rank,
        read(status="MERCHANT_FEEDBACKED", reply_detail_infos=said).report.rank,
        read(status="PLATFORM_PROCESSING", reply_detail_infos=said).report.rank,
        read(status="FINISHED", reply_detail_infos=said * 500).report.rank,
        summary_of(a_complaint()).rank,
        read(gmt_modified="2026-03-01 20:00:01").report.rank,
    ]
    assert ranks == sorted(ranks)
    assert len(set(ranks[:5])) == 5


@pytest.mark.parametrize(
    "wrong",
    [
        {"complain_event_id": "2020092300102000000001459759"},
        {"status": "LOST"},
        {"status": None},
        {"trade_amount": "1e2"},
        {"trade_amount": None},
        {"gmt_modified": None},
        {"reply_detail_infos": {}},
        {"reply_detail_infos": ["x"]},
        {"reply_detail_infos": [OURS | {"gmt_create": "yesterday"}]},
    ],
)
def test_what_is_no_such_complaint_is_not_read(wrong: dict[str, Any]) -> None:
    """Nothing is guessed."""
    with pytest.raises(ValueError, match=r".+"):
        read(**wrong)


def test_a_complaint_against_an_application_names_no_merchant() -> None:
    """And one that says no reason has the customer's wish, or none."""
    complaint = read(target_type="APPID", target_id="2021001234567890", complain_reason="")
    assert (complaint.seller_id, complaint.report.reason) == (None, "要求退款")
    assert read(complain_reason=None, leaf_category_name=None).report.reason == "OTHERS"


def test_the_answer_is_for_the_customer() -> None:
    """The free words first, and the rest under names that the customer can read."""
    evidence = Evidence(uncategorized_text=WORDS, shipping_carrier="顺丰")
    assert answer_of(evidence) == "已与用户沟通解决\n承运商：顺丰"


@pytest.mark.parametrize(
    ("evidence", "kind", "size", "field"),
    [
        (Evidence(uncategorized_file=UUID(int=1)), "image/png", 1, "uncategorized_text"),
        (Evidence(uncategorized_text="答" * 201), "image/png", 1, "uncategorized_text"),
        (Evidence(uncategorized_text="答"), "application/pdf", 1, "uncategorized_file"),
        (Evidence(uncategorized_text="答"), "image/png", (5 << 20) + 1, "uncategorized_file"),
    ],
)
def test_what_alipay_does_not_take_is_refused(evidence: Evidence, kind: str, size: int, field: str) -> None:
    """An answer has words, not too many, and an image that is not too large."""
    LIMITS.check(Evidence(uncategorized_text="答" * 200), None)
    with pytest.raises(ValidationError) as raised:
        LIMITS.check(evidence, StoredFile(UUID(int=1), "m", FilePurpose.DISPUTE_EVIDENCE, kind, size, NOON))
    assert raised.value.field == field


def a_dispute() -> Dispute:
    return Dispute(
        id=UUID(int=1),
        merchant_id="default",
        payment_id=UUID(int=2),
        gateway="alipay",
        gateway_dispute_id=NUMBER,
        money=Money(10000, "CNY"),
        status=DisputeStatus.NEEDS_RESPONSE,
        reason="未收到货",
        rank=1,
        created_at=NOON,
        updated_at=NOON,
    )


def a_submission(**evidence: Any) -> Submission:
    words = Evidence(uncategorized_text=WORDS, **evidence)
    return Submission(UUID(int=3), "default", UUID(int=1), words, created_at=NOON, updated_at=NOON)


def a_picture() -> Document:
    file = StoredFile(UUID(int=4), "default", FilePurpose.DISPUTE_EVIDENCE, "image/png", len(PNG), NOON)
    return Document(file, PNG)


def shown(**changes: Any) -> Step:
    return QUERY, {**DONE, **a_complaint(**changes)}


OPEN = shown()
ANSWERED = shown(status="MERCHANT_FEEDBACKED", reply_detail_infos=[USER, OURS])
UNHEARD = shown(status="MERCHANT_FEEDBACKED", reply_detail_infos=[OURS | {"content": "earlier"}, USER_AGAIN])
ENDED = shown(status="FINISHED")
BEFORE_ALIPAY = shown(status="PLATFORM_PROCESSING", reply_detail_infos=[USER])


async def became(
    steps: tuple[Step, ...], *, again: bool, document: Document | None = None, **evidence: Any
) -> tuple[EvidenceOutcome, list[Mapping[str, str]]]:
    """What becomes of evidence, sent for the first time or once more, and what was sent; every answer is used."""
    left = list(steps)

    def reply(method: str, _parameters: Mapping[str, str]) -> web.StreamResponse:
        expected, content = left.pop(0)
        assert method.endswith(expected), (method, expected)
        return a_reply(method, json.dumps(content, ensure_ascii=False)) if content else web.Response(status=500)

    async with answered(reply) as (gateway, answering):
        act = gateway.resume_evidence if again else gateway.submit_evidence
        outcome = await act(a_submission(**evidence), a_dispute(), document)
    assert left == []
    return outcome, answering.calls


def told(outcome: EvidenceOutcome) -> DisputeStatus | None:
    """Where the dispute stands once the evidence is taken."""
    assert isinstance(outcome, EvidenceTaken), outcome
    return None if outcome.report is None else outcome.report.status


async def test_the_first_answer_is_the_feedback() -> None:
    """Its fields stand beside `biz_content`; goods that are on their way are sorted as such."""
    outcome, calls = await became((OPEN, (FEEDBACK, DONE), ANSWERED), again=False)
    assert told(outcome) is DisputeStatus.UNDER_REVIEW
    sent = calls[1]
    assert (sent["complain_event_id"], sent["feedback_content"], sent["feedback_code"]) == (NUMBER, WORDS, "04")
    assert "biz_content" not in sent
    assert "feedback_images" not in sent
    _, calls = await became((OPEN, (FEEDBACK, DONE), ANSWERED), again=False, shipping_tracking_number="SF1")
    assert calls[1]["feedback_code"] == "03"


@pytest.mark.parametrize(
    ("stands", "call", "name"), [(UNHEARD, REPLY, "reply"), (BEFORE_ALIPAY, SUPPLEMENT, "supplement")]
)
async def test_what_comes_after_it_has_calls_of_its_own(stands: Step, call: str, name: str) -> None:
    """By where the complaint stands: more for the customer, or for Alipay's own people."""
    outcome, calls = await became((stands, (call, DONE), ANSWERED), again=False)
    assert told(outcome) is DisputeStatus.UNDER_REVIEW
    content = json.loads(calls[1]["biz_content"])
    assert content == {"complain_event_id": NUMBER, f"{name}_content": WORDS}


async def test_an_image_goes_before_the_answer_that_names_it() -> None:
    """Its kind is signed, its bytes are a form of their own."""
    steps = (OPEN, (UPLOAD, DONE | {"image_id": "A*x"}), (FEEDBACK, DONE), ANSWERED)
    outcome, calls = await became(steps, again=False, document=a_picture())
    assert told(outcome) is DisputeStatus.UNDER_REVIEW
    assert (calls[1]["image_type"], calls[2]["feedback_images"]) == ("png", "A*x")


async def test_evidence_is_taken_though_nobody_tells_what_became_of_it() -> None:
    """The look afterwards is for more news, not for proof."""
    outcome, _ = await became((OPEN, (FEEDBACK, DONE), (QUERY, LOST)), again=False)
    assert told(outcome) is None


@pytest.mark.parametrize(
    ("steps", "kind"),
    [
        (((QUERY, LOST),), NotSent),
        (((QUERY, BUSY),), NotSent),
        (((QUERY, FORBIDDEN),), EvidenceRefused),
        ((ENDED,), EvidenceRefused),
        ((OPEN, (FEEDBACK, MOVED_ON)), EvidenceRefused),
        ((OPEN, (FEEDBACK, FORBIDDEN)), EvidenceRefused),
        ((OPEN, (FEEDBACK, BUSY)), NotSent),
        ((OPEN, (FEEDBACK, LOST)), Unknown),
        ((OPEN, (FEEDBACK, NOBODY_KNOWS)), Unknown),
    ],
)
async def test_what_becomes_of_a_first_answer(steps: tuple[Step, ...], kind: type) -> None:
    """Until the answer itself is sent nothing can have arrived."""
    outcome, _ = await became(steps, again=False)
    assert type(outcome) is kind


@pytest.mark.parametrize(
    ("failure", "kind"), [(LOST, NotSent), ({"code": "40004", "sub_code": "IMAGE_SIZE_OVERRANGE"}, EvidenceRefused)]
)
async def test_an_image_that_does_not_arrive_is_no_answer(failure: dict[str, Any], kind: type) -> None:
    """None was given yet."""
    outcome, _ = await became((OPEN, (UPLOAD, failure)), again=False, document=a_picture())
    assert type(outcome) is kind


@pytest.mark.parametrize(
    ("steps", "kind"),
    [
        ((ANSWERED,), EvidenceTaken),
        ((shown(status="FINISHED", reply_detail_infos=[OURS]),), EvidenceTaken),
        ((ENDED,), EvidenceRefused),
        (((QUERY, LOST),), Unknown),
        (((QUERY, FORBIDDEN),), Unknown),
        ((OPEN, (FEEDBACK, DONE), ANSWERED), EvidenceTaken),
        ((UNHEARD, (REPLY, DONE), ANSWERED), EvidenceTaken),
        ((OPEN, (FEEDBACK, LOST)), Unknown),
        ((OPEN, (FEEDBACK, BUSY)), Unknown),
        ((OPEN, (FEEDBACK, MOVED_ON), ANSWERED), EvidenceTaken),
        ((OPEN, (FEEDBACK, MOVED_ON), UNHEARD), Unknown),
        ((OPEN, (FEEDBACK, MOVED_ON), ENDED), EvidenceRefused),
        ((OPEN, (FEEDBACK, MOVED_ON), (QUERY, LOST)), Unknown),
        ((OPEN, (FEEDBACK, FORBIDDEN), OPEN), EvidenceRefused),
    ],
)
async def test_what_becomes_of_an_answer_whose_receipt_was_lost(steps: tuple[Step, ...], kind: type) -> None:
    """It is looked for first, sent again where it is not there, and a refusal is believed only when it still is not."""
    outcome, _ = await became(steps, again=True)
    assert type(outcome) is kind


def test_words_of_an_earlier_answer_are_not_this_one() -> None:
    """Nor what the customer said; blanks at the ends are no difference."""
    complaint = read(status="MERCHANT_FEEDBACKED", reply_detail_infos=[USER, OURS | {"content": f" {WORDS}\n"}])
    assert complaint.holds(WORDS, NOON)
    assert not complaint.holds(USER["content"], NOON)
    assert not complaint.holds(WORDS, NOON + timedelta(hours=1))


async def test_nobody_listening_means_that_nothing_was_sent() -> None:
    """The first time; later it means nothing."""
    gateway = AlipayGateway(setup())
    try:
        assert isinstance(await gateway.submit_evidence(a_submission(), a_dispute(), None), NotSent)
        assert isinstance(await gateway.resume_evidence(a_submission(), a_dispute(), None), Unknown)
        assert gateway.capabilities == replace(gateway.capabilities, disputes=True, dispute_evidence=True)
    finally:
        await gateway.aclose()
