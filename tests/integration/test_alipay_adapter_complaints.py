"""The Alipay adapter and the complaints of the simulated Alipay: told of by messages, answered, and the answer found again when its receipt is lost."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import pytest

from gateways.alipay.adapter import AlipayGateway
from gateways.registry import DIALECTS
from server.domain.attempt import Attempt
from server.domain.callback import CheckResult, DisputeNews
from server.domain.dispute import NOTHING_MOVED, Dispute, DisputeReport, DisputeStatus
from server.domain.dispute_list import DisputeSighting
from server.domain.evidence import Evidence, Submission
from server.domain.evidence_outcomes import EvidenceOutcome, EvidenceRefused, EvidenceTaken
from server.domain.file import Document, FilePurpose, StoredFile
from server.domain.outcomes import Unknown
from tests.documents import JPEG
from tests.integration.alipay_gateway import PRICE, Shop, as_callback, opened_shop, shop
from tests.integration.test_alipay_adapter_certificates import CERTIFIED, MERCHANT

__all__ = ["shop"]

WORDS = "已与用户沟通解决"


async def complained(shop: Shop, charge: Attempt) -> str:
    """The number of a complaint about a payment."""
    body = {"gateway": "alipay", "gateway_payment_id": charge.gateway_payment_id}
    number: str = (await shop.control("POST", "disputes", body))["id"]
    return number


async def act(shop: Shop, number: str, customer: str) -> None:
    await shop.control("POST", f"alipay/complaints/{number}", {"customer": customer})


async def told(shop: Shop, gateway: AlipayGateway, charge: Attempt, number: str) -> DisputeReport:
    """What the adapter makes of the newest message about a complaint."""

    def newest() -> dict[str, str] | None:
        ours = [message for message in shop.inbox.messages if number in message.get("biz_content", "")]
        return ours[-1] if ours else None

    await shop.inbox.wait_until(lambda _: newest() is not None)
    message = as_callback(urlencode(newest() or {}).encode())
    assert DIALECTS["alipay"].recognises(message)
    reading = await gateway.read_callback(message)
    assert CheckResult.FAILED not in [check.result for check in reading.checks], reading.checks
    assert (reading.reference, reading.gateway_payment_id) == (charge.reference, charge.gateway_payment_id)
    assert isinstance(reading.news, DisputeNews)
    return reading.news.report


def a_dispute(charge: Attempt, report: DisputeReport) -> Dispute:
    return Dispute(
        id=uuid4(),
        merchant_id=charge.merchant_id,
        payment_id=charge.payment_id,
        gateway="alipay",
        gateway_dispute_id=report.gateway_dispute_id,
        money=report.money,
        status=report.status,
        reason=report.reason,
        rank=report.rank,
        created_at=charge.created_at,
        updated_at=charge.created_at,
    )


def a_submission(shop: Shop, dispute: Dispute, words: str = WORDS) -> Submission:
    now = shop.clock.now().replace(microsecond=0)
    evidence = Evidence(uncategorized_text=words)
    return Submission(uuid4(), dispute.merchant_id, dispute.id, evidence, created_at=now, updated_at=now)


def a_picture(charge: Attempt) -> Document:
    purpose = FilePurpose.DISPUTE_EVIDENCE
    return Document(StoredFile(uuid4(), charge.merchant_id, purpose, "image/jpeg", len(JPEG), charge.created_at), JPEG)


def status_after(outcome: EvidenceOutcome) -> DisputeStatus:
    assert isinstance(outcome, EvidenceTaken), outcome
    assert outcome.report is not None
    return outcome.report.status


async def answers(shop: Shop, number: str) -> list[dict[str, Any]]:
    """Alipay's own truth about what we have said."""
    found: list[dict[str, Any]] = (await shop.control("GET", f"disputes/{number}/evidence"))["evidence"]
    return found


async def test_a_complaint_is_told_of_answered_and_ended(shop: Shop) -> None:
    """Each time that it waits for us there is a call that takes our answer; in the end it was a warning."""
    gateway = shop.open()
    charge = await shop.paid(gateway)
    number = await complained(shop, charge)
    report = await told(shop, gateway, charge, number)
    assert (report.gateway_dispute_id, report.money, report.status) == (number, PRICE, DisputeStatus.NEEDS_RESPONSE)
    dispute = a_dispute(charge, report)
    outcome = await gateway.submit_evidence(a_submission(shop, dispute), dispute, a_picture(charge))
    assert status_after(outcome) is DisputeStatus.UNDER_REVIEW
    for customer in ("ask", "escalate"):
        await act(shop, number, customer)
        outcome = await gateway.submit_evidence(a_submission(shop, dispute, customer), dispute, None)
        assert status_after(outcome) is DisputeStatus.UNDER_REVIEW
    feedback, reply, supplement = await answers(shop, number)
    assert (feedback["feedback_content"], len(feedback["feedback_images"])) == (WORDS, 1)
    assert (reply["reply_content"], supplement["supplement_content"]) == ("ask", "escalate")
    await shop.control("POST", f"disputes/{number}/close", {"outcome": "won"})
    ended = await told(shop, gateway, charge, number)
    assert ended.status is DisputeStatus.WARNING_CLOSED
    assert ended.moved == NOTHING_MOVED
    refused = await gateway.submit_evidence(a_submission(shop, dispute), dispute, None)
    assert isinstance(refused, EvidenceRefused)


async def test_a_complaint_in_certificate_mode(tmp_path: Path) -> None:
    """The message, the question, the image and the answer, each under the certificates' keys and numbers."""
    async with opened_shop(tmp_path, CERTIFIED, MERCHANT) as shop:
        gateway = shop.open()
        charge = await shop.paid(gateway)
        number = await complained(shop, charge)
        dispute = a_dispute(charge, await told(shop, gateway, charge, number))
        outcome = await gateway.submit_evidence(a_submission(shop, dispute), dispute, a_picture(charge))
        assert status_after(outcome) is DisputeStatus.UNDER_REVIEW
        (feedback,) = await answers(shop, number)
        assert len(feedback["feedback_images"]) == 1
        number = await complained_of_bill(shop, charge)
        dispute = a_dispute(charge, await on_the_list(shop, gateway, charge))
        outcome = await gateway.submit_evidence(a_submission(shop, dispute), dispute, a_picture(charge))
        assert status_after(outcome) is DisputeStatus.WARNING_CLOSED
        (processed,) = await answers(shop, number)
        assert len(processed["img_file_list"]) == 1


@pytest.mark.parametrize("fault", ["timeout_before", "timeout_after", "reset_after", "http_500"])
async def test_an_answer_whose_receipt_is_lost_is_given_once(shop: Shop, fault: str) -> None:
    """It is found by its words, or given again."""
    gateway = shop.open()
    charge = await shop.paid(gateway)
    number = await complained(shop, charge)
    dispute = a_dispute(charge, await told(shop, gateway, charge, number))
    submission = a_submission(shop, dispute)
    # Alipay gives up before we do, so that no other call is in a hurry.
    await shop.arm("evidence", fault, count=1, delay_ms=50)
    assert isinstance(await gateway.submit_evidence(submission, dispute, None), Unknown)
    await shop.heal()
    assert status_after(await gateway.resume_evidence(submission, dispute, None)) is DisputeStatus.UNDER_REVIEW
    (given,) = await answers(shop, number)
    assert given["feedback_content"] == WORDS
    again = replace(submission, id=uuid4())
    assert isinstance(await gateway.resume_evidence(again, dispute, None), EvidenceTaken)
    assert len(await answers(shop, number)) == 1


async def complained_of_bill(shop: Shop, charge: Attempt) -> str:
    """The number of a consumer complaint about a payment."""
    body = {"gateway_payment_id": charge.gateway_payment_id}
    number: str = (await shop.control("POST", "alipay/complaints", body))["id"]
    return number


async def on_the_list(shop: Shop, gateway: AlipayGateway, charge: Attempt) -> DisputeReport:
    """The consumer complaint about a payment, as the list has it."""
    listed = await gateway.disputes(shop.clock.now() - timedelta(days=120))
    assert listed is not None
    (found,) = [each for each in listed if isinstance(each, DisputeSighting) and each.reference == charge.reference]
    assert found.gateway_payment_id == charge.gateway_payment_id
    return found.report


@pytest.mark.parametrize("fault", [None, "timeout_before", "timeout_after", "reset_after", "http_500"])
async def test_a_consumer_complaint_is_found_and_answered_once(shop: Shop, fault: str | None) -> None:
    """By the list alone, and the answer ends it; one whose receipt was lost is found by its words, or given again."""
    gateway = shop.open()
    charge = await shop.paid(gateway)
    number = await complained_of_bill(shop, charge)
    report = await on_the_list(shop, gateway, charge)
    assert report.gateway_dispute_id == f"{number}-{charge.gateway_payment_id}"
    assert (report.money, report.status) == (PRICE, DisputeStatus.NEEDS_RESPONSE)
    assert report.evidence_due_by is not None
    dispute = a_dispute(charge, report)
    submission = a_submission(shop, dispute)
    if fault is None:
        outcome = await gateway.submit_evidence(submission, dispute, a_picture(charge))
    else:
        await shop.arm("evidence", fault, count=1, delay_ms=50)
        assert isinstance(await gateway.submit_evidence(submission, dispute, None), Unknown)
        outcome = await gateway.resume_evidence(submission, dispute, None)
    assert status_after(outcome) is DisputeStatus.WARNING_CLOSED
    (given,) = await answers(shop, number)
    assert (given["remark"], len(given["img_file_list"])) == (WORDS, 1 if fault is None else 0)
    assert (await on_the_list(shop, gateway, charge)).status is DisputeStatus.WARNING_CLOSED
    assert isinstance(await gateway.resume_evidence(replace(submission, id=uuid4()), dispute, None), EvidenceTaken)
    late = a_submission(shop, dispute, "too late")
    assert isinstance(await gateway.submit_evidence(late, dispute, None), EvidenceRefused)
