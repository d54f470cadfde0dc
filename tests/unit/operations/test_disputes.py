"""Evidence is sent once, and what a gateway says of it counts whenever it comes; files are checked and belong to their merchant."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from server.domain.access import Caller
from server.domain.dispute import Dispute, DisputeReport, DisputeStatus, Moved
from server.domain.errors import (
    DisputeNotFound,
    DisputeStateRefused,
    FileNotFound,
    FileTooLarge,
    GatewayError,
    GatewayUnavailable,
    NotSupported,
    UnsupportedFile,
    ValidationError,
)
from server.domain.events import EventType
from server.domain.evidence import Evidence
from server.domain.file import MOST_BYTES, FilePurpose, StoredFile
from server.domain.ledger import PostingKind
from server.operations.commands import SubmitEvidence, UploadFile
from tests.builders import A_CALLER, a_call
from tests.documents import PDF, PNG
from tests.fake_gateway import Fault
from tests.shop import Shop

A_WHILE = timedelta(minutes=30)
SOMEBODY_ELSE = Caller(merchant_id="another", credential="sk_other")
WORDS = Evidence(uncategorized_text="it was delivered")


def a_report(shop: Shop, **changes: object) -> DisputeReport:
    made = DisputeReport(
        "du_1",
        DisputeStatus.NEEDS_RESPONSE,
        shop.payment().money,
        "fraudulent",
        rank=4,
        moved=Moved(taken_minor=5949, fee_minor=1500),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


async def report(shop: Shop, told: DisputeReport) -> bool:
    """The gateway reports."""
    payment = shop.payment()
    return await shop.store.transaction(
        lambda tx: shop.dispute_following.follow_in(tx, tx.payments.lock(payment.merchant_id, payment.id), told)
    )


async def disputed(shop: Shop, **changes: object) -> Dispute:
    """A payment whose money a customer's bank has taken back."""
    await shop.captured()
    assert await report(shop, a_report(shop, **changes))
    return now(shop)


def now(shop: Shop) -> Dispute:
    (dispute,) = shop.tables.disputes.values()
    return dispute


async def upload(shop: Shop, content: bytes = PDF, operation: int = 30, caller: Caller = A_CALLER) -> StoredFile:
    call = replace(a_call(operation), caller=caller)
    return await shop.files.upload(call, UploadFile(FilePurpose.DISPUTE_EVIDENCE, content, "proof.pdf"))


async def submit(shop: Shop, evidence: Evidence = WORDS, operation: int = 40) -> Dispute:
    return await shop.disputes.submit(a_call(operation), SubmitEvidence(now(shop).id, evidence))


def told(shop: Shop) -> list[tuple[int, EventType]]:
    events = (event for event in shop.tables.events.values() if event.object_id == now(shop).id)
    return sorted((event.sequence, event.type) for event in events)


async def test_a_dispute_is_shown_on_its_payment(shop: Shop) -> None:
    """The payment stays what it is; the books have what was taken; a repeat changes nothing."""
    dispute = await disputed(shop)
    payment = await shop.payments.get(A_CALLER, shop.payment().id)
    assert (payment.dispute, payment.status.value) == (dispute, "succeeded")
    assert (PostingKind.DISPUTE, dispute.id, 1) in shop.tables.postings
    assert not await report(shop, a_report(shop))
    assert (now(shop), told(shop)) == (dispute, [(1, EventType.DISPUTE_CREATED)])


async def test_evidence_reaches_the_gateway_with_its_file(shop: Shop) -> None:
    """The dispute goes under review and shows it; the gateway has the very bytes."""
    await disputed(shop)
    file = await upload(shop)
    dispute = await submit(shop, replace(WORDS, uncategorized_file=file.id))
    assert dispute.status is DisputeStatus.UNDER_REVIEW
    assert dispute.evidence == replace(WORDS, uncategorized_file=file.id)
    submission, document = shop.gateway.contested.pleaded["du_1"]
    assert document is not None
    assert (submission.evidence, document.content, document.file) == (dispute.evidence, PDF, file)
    assert told(shop) == [(1, EventType.DISPUTE_CREATED), (2, EventType.DISPUTE_UPDATED)]


async def test_what_was_sent_before_is_sent_again(shop: Shop) -> None:
    """When the gateway asks once more, fields that are absent stay as they were."""
    await disputed(shop)
    await submit(shop, Evidence(product_description="a shirt"))
    assert await report(shop, a_report(shop, rank=6, status=DisputeStatus.NEEDS_RESPONSE))
    dispute = await submit(shop, Evidence(shipping_carrier="UPS"), operation=41)
    assert dispute.evidence == Evidence(product_description="a shirt", shipping_carrier="UPS")


@pytest.mark.parametrize("status", [DisputeStatus.UNDER_REVIEW, DisputeStatus.WON, DisputeStatus.LOST])
async def test_only_a_dispute_that_needs_a_response_takes_evidence(shop: Shop, status: DisputeStatus) -> None:
    """INVALID_STATE, and nothing is sent."""
    await disputed(shop, status=status)
    with pytest.raises(DisputeStateRefused):
        await submit(shop)
    assert "submit_evidence" not in shop.gateway.calls


async def test_evidence_says_something_that_the_gateway_can_take(shop: Shop) -> None:
    """Nothing at all is refused, and what this gateway cannot take, before anything is recorded."""
    await disputed(shop)
    for evidence in (Evidence(), Evidence(uncategorized_text="unspeakable")):
        with pytest.raises(ValidationError):
            await submit(shop, evidence)
    assert shop.tables.submissions == {}


async def test_a_gateway_without_evidence_is_not_asked(shop: Shop) -> None:
    """NOT_SUPPORTED."""
    await disputed(shop)
    shop.gateway.capabilities = replace(shop.gateway.capabilities, dispute_evidence=False)
    with pytest.raises(NotSupported):
        await submit(shop)
    assert "submit_evidence" not in shop.gateway.calls


async def test_another_merchants_dispute_and_file_do_not_exist(shop: Shop) -> None:
    """The same as those that never did."""
    dispute = await disputed(shop)
    with pytest.raises(DisputeNotFound):
        await shop.disputes.get(SOMEBODY_ELSE, dispute.id)
    theirs = await upload(shop, caller=SOMEBODY_ELSE)
    for file_id in (theirs.id, UUID(int=404)):
        with pytest.raises(FileNotFound):
            await submit(shop, Evidence(uncategorized_file=file_id))


@pytest.mark.parametrize("fault", [Fault.REQUEST_LOST, Fault.REPLY_LOST, Fault.REQUEST_LATE])
async def test_lost_evidence_is_found_out(shop: Shop, fault: Fault) -> None:
    """The dispute waits for now, more evidence is refused, and the background finds that it has arrived, or sends it again."""
    await disputed(shop)
    shop.gateway.next("submit_evidence", fault)
    assert (await submit(shop)).status is DisputeStatus.NEEDS_RESPONSE
    with pytest.raises(DisputeStateRefused):
        await submit(shop, operation=41)
    await shop.pass_time(A_WHILE)
    shop.gateway.deliver_late()
    assert (now(shop).status, now(shop).evidence) == (DisputeStatus.UNDER_REVIEW, WORDS)
    assert len(shop.gateway.contested.pleaded) == 1
    assert shop.tables.jobs.keys() == {key for key in shop.tables.jobs if key[0] != "settle_evidence"}


async def test_a_repeated_call_resumes_its_evidence(shop: Shop) -> None:
    """Under the operation's id, and sends nothing when it has arrived."""
    await disputed(shop)
    shop.gateway.next("submit_evidence", Fault.REPLY_LOST)
    await submit(shop)
    assert (await submit(shop)).status is DisputeStatus.UNDER_REVIEW
    assert (await submit(shop)).status is DisputeStatus.UNDER_REVIEW
    assert shop.gateway.calls.count("submit_evidence") == 1


@pytest.mark.parametrize(("fault", "error"), [(Fault.UNREACHABLE, GatewayUnavailable), (Fault.REFUSED, GatewayError)])
async def test_evidence_that_is_not_taken_can_be_sent_anew(shop: Shop, fault: Fault, error: type[Exception]) -> None:
    """The dispute still needs a response, and another call is another try; the same call gives the same error."""
    await disputed(shop)
    shop.gateway.next("submit_evidence", fault)
    for _ in range(2):
        with pytest.raises(error):
            await submit(shop)
    assert now(shop).status is DisputeStatus.NEEDS_RESPONSE
    assert (await submit(shop, operation=41)).status is DisputeStatus.UNDER_REVIEW


async def test_evidence_that_nobody_hears_of_ends_with_its_dispute(shop: Shop) -> None:
    """What is decided needs no evidence any more, and the background stops asking."""
    await disputed(shop)
    shop.gateway.next("submit_evidence", Fault.REQUEST_LOST)
    shop.gateway.next("resume_evidence", *[Fault.REQUEST_LOST] * 50)
    await submit(shop)
    await shop.pass_time(A_WHILE)
    assert await report(shop, a_report(shop, status=DisputeStatus.LOST, rank=6))
    await shop.pass_time(timedelta(hours=2))
    (submission,) = shop.tables.submissions.values()
    assert (submission.in_flight, now(shop).status) == (False, DisputeStatus.LOST)


async def test_a_crash_after_recording_loses_no_evidence(shop: Shop) -> None:
    """The background sends what was recorded."""
    await disputed(shop)
    hold = shop.gateway.hold("submit_evidence")
    calling = asyncio.create_task(submit(shop))
    await hold.reached.wait()
    calling.cancel()
    shop.start()
    await shop.pass_time(A_WHILE)
    assert now(shop).status is DisputeStatus.UNDER_REVIEW


async def test_files_are_taken_by_their_content(shop: Shop) -> None:
    """Whatever they are called; a repeated call finds its file."""
    file = await upload(shop, PNG)
    assert (file.content_type, file.size, file.filename) == ("image/png", len(PNG), "proof.pdf")
    assert await upload(shop, PNG) == file
    with pytest.raises(UnsupportedFile):
        await upload(shop, b"MZ\x90\x00", operation=31)
    with pytest.raises(ValidationError):
        await upload(shop, b"", operation=32)


async def test_files_have_a_limit(shop: Shop) -> None:
    """5 MiB exactly is taken, a byte more is not."""
    full = PDF[:9] + bytes(MOST_BYTES - len(PDF)) + PDF[9:]
    assert (await upload(shop, full)).size == MOST_BYTES
    with pytest.raises(FileTooLarge):
        await upload(shop, full[:9] + b"\0" + full[9:], operation=31)
