"""What every gateway makes of evidence: it has what was sent, once, and nobody is told that it does not before that is so."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from gateways.setup import OpenGateway
from server.domain.clock import whole_seconds
from server.domain.dispute import Dispute, DisputeStatus
from server.domain.evidence import Evidence, Submission
from server.domain.evidence_outcomes import EvidenceTaken
from server.domain.file import Document, FilePurpose, StoredFile
from server.domain.outcomes import NotSent, Unknown
from tests.contract.gateways import Bench, bench, sandbox_url
from tests.contract.test_gateways_disputes import charged, disputed, told
from tests.documents import PNG

__all__ = ["bench", "sandbox_url"]

WORDS = "The goods were handed over, 已签收"
NOBODY = "http://127.0.0.1:9"


async def a_dispute(bench: Bench, gateway: OpenGateway) -> Dispute:
    """One that waits for evidence, as the gateway tells of it."""
    charge = await charged(bench, gateway)
    report = (await told(bench, gateway, await disputed(bench, charge))).report
    assert report.status is DisputeStatus.NEEDS_RESPONSE
    return Dispute(
        id=uuid4(),
        merchant_id=charge.merchant_id,
        payment_id=charge.payment_id,
        gateway=charge.gateway,
        gateway_dispute_id=report.gateway_dispute_id,
        money=report.money,
        status=report.status,
        reason=report.reason,
        rank=report.rank,
        created_at=charge.created_at,
        updated_at=charge.created_at,
    )


def a_submission(bench: Bench, dispute: Dispute, document: Document | None = None) -> Submission:
    now = whole_seconds(bench.clock.now())
    file_id = None if document is None else document.file.id
    evidence = Evidence(uncategorized_text=WORDS, uncategorized_file=file_id)
    return Submission(uuid4(), dispute.merchant_id, dispute.id, evidence, created_at=now, updated_at=now)


def a_picture(dispute: Dispute) -> Document:
    purpose = FilePurpose.DISPUTE_EVIDENCE
    return Document(StoredFile(uuid4(), dispute.merchant_id, purpose, "image/png", len(PNG), dispute.created_at), PNG)


async def given(bench: Bench, dispute: Dispute) -> list[Any]:
    """The gateway's own truth, in its own words."""
    answer = await bench.control("GET", f"disputes/{dispute.gateway_dispute_id}/evidence")
    found: list[Any] = answer["evidence"]
    return found


async def test_evidence_reaches_the_gateway(bench: Bench) -> None:
    """With a picture; whoever asks once more is told the same, and nothing more arrives."""
    gateway = bench.open()
    dispute = await a_dispute(bench, gateway)
    document = a_picture(dispute)
    submission = a_submission(bench, dispute, document)
    gateway.check_evidence(submission.evidence, document.file)
    outcome = await gateway.submit_evidence(submission, dispute, document)
    assert isinstance(outcome, EvidenceTaken), outcome
    assert outcome.report is not None
    assert outcome.report.status is DisputeStatus.UNDER_REVIEW
    assert outcome.report.rank > dispute.rank
    assert isinstance(await gateway.resume_evidence(submission, dispute, document), EvidenceTaken)
    (answer,) = await given(bench, dispute)
    assert WORDS in str(answer)


@pytest.mark.parametrize("fault", ["timeout_before", "timeout_after", "reset_after", "http_500"])
async def test_lost_evidence_is_found_or_given_once(bench: Bench, fault: str) -> None:
    """Nobody knows at first; then the gateway has it, once. The gateway gives up before we do, so that no other call is in a hurry."""
    gateway = bench.open()
    dispute = await a_dispute(bench, gateway)
    submission = a_submission(bench, dispute)
    await bench.arm("evidence", fault, count=1, delay_ms=50)
    assert isinstance(await gateway.submit_evidence(submission, dispute, None), Unknown)
    await bench.met()
    outcome = await gateway.resume_evidence(submission, dispute, None)
    assert isinstance(outcome, EvidenceTaken), outcome
    assert len(await given(bench, dispute)) == 1


async def test_nobody_there_means_that_nothing_was_sent(bench: Bench) -> None:
    """The first time. Later it means nothing, as an earlier call may have been executed."""
    gateway = bench.open()
    dispute = await a_dispute(bench, gateway)
    submission, nowhere = a_submission(bench, dispute), bench.open(base_url=NOBODY)
    assert isinstance(await nowhere.submit_evidence(submission, dispute, None), NotSent)
    assert isinstance(await nowhere.resume_evidence(submission, dispute, None), Unknown)
    assert await given(bench, dispute) == []


async def test_a_decision_is_told_whatever_was_answered(bench: Bench) -> None:
    """The dispute is closed, and by a newer report than the evidence's."""
    gateway = bench.open()
    dispute = await a_dispute(bench, gateway)
    outcome = await gateway.submit_evidence(a_submission(bench, dispute), dispute, None)
    assert isinstance(outcome, EvidenceTaken), outcome
    assert outcome.report is not None
    # Gateways' times have whole seconds.
    bench.clock.ahead = timedelta(seconds=1)
    await bench.control("POST", f"disputes/{dispute.gateway_dispute_id}/close", {"outcome": "won"})
    ended = (await told(bench, gateway, dispute.gateway_dispute_id)).report
    assert ended.status in (DisputeStatus.WON, DisputeStatus.WARNING_CLOSED)
    assert ended.rank > outcome.report.rank
