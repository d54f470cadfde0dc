"""Disputes through Stripe from outside: told by webhooks, listed, answered with evidence and decided; the money is where the bank has put it."""

import hmac
import json
import time
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import grpc
import pytest
import stripe

from server.commands.cards import card
from server.commands.dev_credentials import dev_credentials
from server.commands.rest_client import RestClient
from server.commands.running import Development
from server.commands.sandbox_client import SandboxClient
from sycee.v1 import dispute_service_pb2 as pb
from sycee.v1 import file_service_pb2 as file_pb
from sycee.v1.dispute_service_pb2_grpc import DisputeServiceStub
from sycee.v1.file_service_pb2_grpc import FileServiceStub
from tests.documents import JPEG, PDF, PNG
from tests.e2e.disputing import DISPUTES, EVIDENCE, FILES, WITHIN_SECONDS, disputed, submit, upload, when
from tests.e2e.installation import Installation
from tests.e2e.polling import until
from tests.e2e.test_books import Books, books
from tests.e2e.wishes import paid, read, refusal
from tests.rpc import a_callers_metadata, answer_of

if TYPE_CHECKING:
    from sycee.v1.dispute_service_pb2_grpc import DisputeServiceAsyncStub
    from sycee.v1.file_service_pb2_grpc import FileServiceAsyncStub

__all__ = ["books"]

MIB = 1 << 20


@pytest.fixture(scope="module")
def disputes(channel: grpc.aio.Channel) -> "DisputeServiceAsyncStub":
    return DisputeServiceStub(channel)


@pytest.fixture(scope="module")
def files(channel: grpc.aio.Channel) -> "FileServiceAsyncStub":
    return FileServiceStub(channel)


@pytest.fixture
async def at_stripe(service: Development, installation: Installation) -> AsyncIterator[stripe.StripeClient]:
    """Stripe's own side, asked with the merchant's key."""
    address, transport = f"{service.sandbox}/stripe", stripe.AIOHTTPClient()
    key = dev_credentials(installation.data_dir).stripe_secret_key
    yield stripe.StripeClient(key, base_addresses={"api": address, "files": address}, http_client=transport)
    await transport.close_async()  # type: ignore[no-untyped-call]  # the SDK types it not


async def test_evidence_reaches_stripe_and_the_dispute_is_won(
    rest: RestClient, sandbox: SandboxClient, at_stripe: stripe.StripeClient, books: Books
) -> None:
    """The documented body with a file: under review, in Stripe's own books, and the money is back in the end, less the fee."""
    payment = await paid(rest)
    assert payment["dispute"] is None
    dispute = await disputed(rest, sandbox, payment, reason="fraudulent")
    assert dispute.keys() == {
        *("id", "payment_id", "amount", "currency", "status", "reason", "evidence", "evidence_due_by", "gateway"),
        *("gateway_dispute_id", "created_at", "updated_at"),
    }
    assert (dispute["amount"], dispute["currency"], dispute["status"]) == ("59.49", "USD", "needs_response")
    assert (dispute["reason"], dispute["evidence"], dispute["payment_id"]) == ("fraudulent", None, payment["id"])
    assert dispute["evidence_due_by"]
    held = await until(_posted(books, dispute["id"]), bool, WITHIN_SECONDS)
    assert held == {"gateway_available": -5949 - 1500, "gateway_fees": 1500, "disputed": 5949}

    file = (await upload(rest)).json
    key, evidence = str(uuid4()), EVIDENCE | {"uncategorized_file": file["id"]}
    answer = await submit(rest, dispute["id"], evidence, key)
    assert answer.status == 200, answer.body
    assert (answer.json["status"], answer.json["evidence"]) == ("under_review", evidence)
    repeated = await submit(rest, dispute["id"], evidence, key)
    assert (repeated.body, repeated.headers["Idempotent-Replayed"]) == (answer.body, "true")
    stored = await at_stripe.v1.disputes.retrieve_async(dispute["gateway_dispute_id"])
    assert (stored.status, stored.evidence_details.submission_count) == ("under_review", 1)
    assert stored.evidence.customer_email_address == "customer@example.com"
    assert stored.evidence.product_description == "优质棉质 T 恤"
    kept = await at_stripe.v1.files.retrieve_async(str(stored.evidence.uncategorized_file))
    assert (kept.size, kept.type, kept.purpose) == (len(PDF), "pdf", "dispute_evidence")
    assert refusal(await submit(rest, dispute["id"], EVIDENCE)).code == "INVALID_STATE"

    await sandbox.close_dispute(dispute["gateway_dispute_id"], "won")
    closed = await when(rest, payment["id"], lambda seen: seen["status"] == "won")
    assert closed["evidence"] == evidence
    back = await until(_posted(books, dispute["id"]), lambda posted: posted["disputed"] == 0, WITHIN_SECONDS)
    assert back == {"gateway_available": -1500, "gateway_fees": 1500, "disputed": 0}
    assert [(kind, number) for kind, number, _ in books.told_of_dispute(dispute["id"])] == [
        ("dispute.created", 1),
        ("dispute.updated", 2),
        ("dispute.closed", 3),
    ]
    assert books.unbalanced() == []


def _posted(books: Books, source_id: str) -> Any:
    async def posted() -> dict[str, int]:
        return books.posted(source_id)

    return posted


async def test_a_lost_dispute_keeps_the_money(rest: RestClient, sandbox: SandboxClient, books: Books) -> None:
    """A part that was disputed is gone; the payment is what it was."""
    payment = await paid(rest)
    dispute = await disputed(rest, sandbox, payment, amount="10.00")
    await sandbox.close_dispute(dispute["gateway_dispute_id"], "lost")
    lost = await when(rest, payment["id"], lambda seen: seen["status"] == "lost")
    assert lost["amount"] == "10.00"
    assert books.posted(dispute["id"])["disputed"] == 1000
    assert (await read(rest, payment["id"]))["status"] == "succeeded"
    assert refusal(await submit(rest, dispute["id"], EVIDENCE)).code == "INVALID_STATE"


@pytest.mark.parametrize("mode", ["duplicate", "reorder"])
async def test_webhooks_may_come_twice_and_in_any_order(
    rest: RestClient, sandbox: SandboxClient, books: Books, mode: str
) -> None:
    """The end is the same, and posted once."""
    payment = await paid(rest)
    await sandbox.callbacks(mode)
    try:
        number = await sandbox.dispute(payment["gateway_payment_id"])
        await sandbox.close_dispute(number, "won")
        dispute = await when(rest, payment["id"], lambda seen: seen is not None and seen["status"] == "won")
        await until(_posted(books, dispute["id"]), lambda posted: posted.get("disputed") == 0, WITHIN_SECONDS)
    finally:
        await sandbox.callbacks("normal")
    assert books.posted(dispute["id"]) == {"gateway_available": -1500, "gateway_fees": 1500, "disputed": 0}


@pytest.mark.parametrize("fault", ["timeout_before", "timeout_after", "reset_after", "http_500"])
async def test_evidence_whose_answer_is_lost_arrives_once(
    rest: RestClient, sandbox: SandboxClient, at_stripe: stripe.StripeClient, fault: str
) -> None:
    """The caller is told where the dispute stands, and the background finds out."""
    payment = await paid(rest)
    dispute = await disputed(rest, sandbox, payment)
    await sandbox.fault("evidence", fault)
    try:
        answer = await submit(rest, dispute["id"], {"uncategorized_text": "it arrived"})
    finally:
        await sandbox.no_faults()
    assert answer.status == 200, answer.body
    became = await when(rest, payment["id"], lambda seen: seen["evidence"] is not None)
    assert became["status"] == "under_review"
    stored = await at_stripe.v1.disputes.retrieve_async(dispute["gateway_dispute_id"])
    assert (stored.evidence.uncategorized_text, stored.evidence_details.submission_count) == ("it arrived", 1)


async def test_the_disputed_card_is_disputed_by_itself(rest: RestClient) -> None:
    """As Stripe's published test card is."""
    payment = await paid(rest, payment_method=card("4000000000000259"))
    dispute = await when(rest, payment["id"], lambda seen: seen is not None)
    assert dispute["reason"] == "fraudulent"


async def test_an_inquiry_closes_as_a_warning(rest: RestClient, sandbox: SandboxClient, books: Books) -> None:
    """No money moves."""
    payment = await paid(rest, payment_method=card("4000000000001976"))
    dispute = await when(rest, payment["id"], lambda seen: seen is not None)
    assert dispute["status"] == "needs_response"
    await sandbox.close_dispute(dispute["gateway_dispute_id"], "won")
    await when(rest, payment["id"], lambda seen: seen["status"] == "warning_closed")
    assert books.posted(dispute["id"]) == {}


async def test_disputes_are_listed_by_every_filter(rest: RestClient, sandbox: SandboxClient) -> None:
    """Newest first, in pages; what does not parse is named."""
    payment = await paid(rest)
    first = await disputed(rest, sandbox, payment, amount="1.00")
    second = await disputed(rest, sandbox, payment, amount="2.00")
    mine: dict[str, str | int] = {"payment_id": payment["id"]}
    listed = (await rest.get(DISPUTES, **mine)).json
    assert listed == {
        "data": [second, first],
        "pagination": {"page": 1, "per_page": 20, "total": 2, "total_pages": 1},
    }
    assert (await rest.get(DISPUTES, **mine, per_page=1, page=2)).json["data"] == [first]
    assert (await rest.get(DISPUTES, **mine, status="needs_response")).json["pagination"]["total"] == 2
    for nothing in ({"status": "lost"}, {"gateway": "paypal"}, {"created_after": "2099-01-01T00:00:00Z"}):
        assert (await rest.get(DISPUTES, **mine, **nothing)).json["data"] == []
    everybodys = (await rest.get(DISPUTES, created_before="2099-01-01T00:00:00Z", gateway="stripe")).json
    assert second in everybodys["data"]
    for wrong in ({"status": "open"}, {"page": 0}, {"per_page": 101}, {"payment_id": "x"}, {"created_after": "now"}):
        told = refusal(await rest.get(DISPUTES, **wrong))
        assert (told.status, told.code) == (400, "VALIDATION_ERROR")
        assert [detail["field"] for detail in told.details] == list(wrong)


async def test_what_does_not_exist_is_not_found(rest: RestClient, sandbox: SandboxClient) -> None:
    """A dispute, and a file, whatever form its name has."""
    for unknown in (str(uuid4()), "nonsense"):
        told = refusal(await rest.get(f"{DISPUTES}/{unknown}"))
        assert (told.status, told.code) == (404, "DISPUTE_NOT_FOUND")
        assert refusal(await submit(rest, unknown, EVIDENCE)).code == "DISPUTE_NOT_FOUND"
    dispute = await disputed(rest, sandbox, await paid(rest))
    for file_id in ("file_...", f"file_{uuid4().hex}"):
        told = refusal(await submit(rest, dispute["id"], EVIDENCE | {"uncategorized_file": file_id}))
        assert (told.status, told.code) == (404, "FILE_NOT_FOUND")
    assert refusal(await submit(rest, dispute["id"], {})).code == "VALIDATION_ERROR"
    assert (await rest.get(f"{DISPUTES}/{dispute['id']}")).json == dispute


@pytest.mark.parametrize(("content", "kind"), [(PDF, "application/pdf"), (PNG, "image/png"), (JPEG, "image/jpeg")])
async def test_a_file_is_what_its_bytes_are(rest: RestClient, content: bytes, kind: str) -> None:
    """201, whatever the form calls it."""
    answer = await upload(rest, content)
    assert answer.status == 201, answer.body
    file = answer.json
    assert file.keys() == {"id", "purpose", "filename", "content_type", "size", "created_at"}
    assert (file["purpose"], file["filename"], file["content_type"], file["size"]) == (
        *("dispute_evidence", "proof.pdf", kind),
        len(content),
    )
    assert file["id"].startswith("file_")


@pytest.mark.parametrize(
    ("content", "purpose", "status", "code"),
    [
        (b"MZ\x90\x00 not a picture", "dispute_evidence", 415, "UNSUPPORTED_MEDIA_TYPE"),
        (PDF[:-8], "dispute_evidence", 415, "UNSUPPORTED_MEDIA_TYPE"),
        (b"", "dispute_evidence", 400, "VALIDATION_ERROR"),
        (PDF, "identity_document", 400, "VALIDATION_ERROR"),
        (b"%PDF-1.4" + bytes(5 * MIB) + b"%%EOF", "dispute_evidence", 413, "PAYLOAD_TOO_LARGE"),
        (b"%PDF-1.4" + bytes(7 * MIB) + b"%%EOF", "dispute_evidence", 413, "PAYLOAD_TOO_LARGE"),
    ],
    ids=["no document", "cut off", "empty", "another purpose", "above 5 MiB", "above 6 MiB"],
)
async def test_other_files_are_refused(rest: RestClient, content: bytes, purpose: str, status: int, code: str) -> None:
    """By content, by purpose and by size."""
    told = refusal(await upload(rest, content, purpose))
    assert (told.status, told.code) == (status, code)


async def test_what_a_form_lacks_is_named_as_the_form_has_it(rest: RestClient) -> None:
    """Its parts, and not the fields of the stream that it becomes."""
    form = {"Content-Type": "multipart/form-data; boundary=b"}
    body = b'--b\r\nContent-Disposition: form-data; name="file"\r\n\r\n%s\r\n--b--\r\n' % PDF
    assert refusal(await rest.send("POST", FILES, body, form)).fields == ["purpose"]
    assert refusal(await upload(rest, b"")).fields == ["file"]


async def test_the_same_over_grpc(
    service: Development,
    rest: RestClient,
    sandbox: SandboxClient,
    disputes: "DisputeServiceAsyncStub",
    files: "FileServiceAsyncStub",
) -> None:
    """A file in chunks, evidence with it, and lists by token."""
    metadata = a_callers_metadata(service.secret_key)
    payment = await paid(rest)
    first, second = [await disputed(rest, sandbox, payment, amount=amount) for amount in ("1.00", "2.00")]
    content = b"%PDF-1.4" + bytes(2 * MIB) + b"%%EOF"
    info = file_pb.UploadFileRequest(info=file_pb.FileInfo(purpose=file_pb.FILE_PURPOSE_DISPUTE_EVIDENCE))
    chunks = [file_pb.UploadFileRequest(chunk=content[at : at + MIB]) for at in range(0, len(content), MIB)]
    file = await files.UploadFile(iter([info, *chunks]), metadata=metadata)
    assert (file.size, file.content_type, file.HasField("filename")) == (len(content), "application/pdf", False)
    request = pb.SubmitEvidenceRequest(id=first["id"], uncategorized_file=file.id)
    dispute = await disputes.SubmitEvidence(request, metadata=metadata)
    assert (dispute.status, dispute.evidence.uncategorized_file) == (pb.DISPUTE_STATUS_UNDER_REVIEW, file.id)
    assert await disputes.GetDispute(pb.GetDisputeRequest(id=first["id"]), metadata=metadata) == dispute
    page = await disputes.ListDisputes(pb.ListDisputesRequest(payment_id=payment["id"], per_page=1), metadata=metadata)
    assert [item.id for item in page.data] == [second["id"]]
    behind = pb.ListDisputesRequest(payment_id=payment["id"], per_page=1, page_token=page.next_page_token)
    rest_of_it = await disputes.ListDisputes(behind, metadata=metadata)
    assert ([item.id for item in rest_of_it.data], rest_of_it.next_page_token) == ([first["id"]], "")


@pytest.mark.parametrize("parts", [[], ["chunk"], ["info", "info"], ["info"], ["info", "chunk", "info"]])
async def test_an_upload_begins_with_what_comes(
    service: Development, files: "FileServiceAsyncStub", parts: list[str]
) -> None:
    """INVALID_ARGUMENT for any other order, and for nothing behind it."""
    info = file_pb.UploadFileRequest(info=file_pb.FileInfo(purpose=file_pb.FILE_PURPOSE_DISPUTE_EVIDENCE))
    stream = [info if part == "info" else file_pb.UploadFileRequest(chunk=PDF) for part in parts]
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await files.UploadFile(iter(stream), metadata=a_callers_metadata(service.secret_key))
    assert answer_of(raised.value).reason == "VALIDATION_ERROR"


async def test_a_restricted_key_needs_the_scope(service: Development, rest: RestClient) -> None:
    """The development's restricted key reads, and neither answers nor uploads."""
    reader = rest.by(service.restricted_key)
    assert (await reader.get(DISPUTES)).status == 200
    assert refusal(await upload(reader)).code == "PERMISSION_DENIED"
    assert refusal(await submit(reader, str(uuid4()), EVIDENCE)).code == "PERMISSION_DENIED"


async def test_a_dispute_of_an_unknown_payment_is_kept_for_an_operator(
    rest: RestClient, installation: Installation
) -> None:
    """Quarantined and acknowledged; a forged one is refused and opens nothing."""
    payment = await paid(rest)
    number = f"du_{uuid4().hex}"
    dispute = {
        "id": number,
        "object": "dispute",
        "amount": 5949,
        "balance_transactions": [],
        "currency": "usd",
        "evidence_details": {"due_by": int(time.time()) + 600},
        "payment_intent": "pi_of_nobody",
        "reason": "fraudulent",
        "status": "needs_response",
    }
    secret = dev_credentials(installation.data_dir).stripe_webhook_secret
    assert await _post(rest, dispute, secret) == 200
    found = (await rest.get("/api/v1/callbacks", decision="quarantined", gateway="stripe")).json["data"]
    assert "not known here" in found[0]["reason"]
    assert await _post(rest, dispute | {"payment_intent": payment["gateway_payment_id"]}, "whsec_forged") == 400
    assert (await read(rest, payment["id"]))["dispute"] is None
    other_money = dispute | {"payment_intent": payment["gateway_payment_id"], "currency": "eur"}
    assert await _post(rest, other_money, secret) == 200
    assert (await read(rest, payment["id"]))["dispute"] is None


async def _post(rest: RestClient, dispute: dict[str, Any], secret: str) -> int:
    event = {"id": f"evt_{uuid4().hex}", "object": "event", "type": "charge.dispute.created"}
    body, now = json.dumps(event | {"data": {"object": dispute}}).encode(), int(time.time())
    signature = hmac.new(secret.encode(), b"%d." % now + body, "sha256").hexdigest()
    headers = {"Content-Type": "application/json", "Stripe-Signature": f"t={now},v1={signature}"}
    return (await rest.by(None).send("POST", "/api/payments/callback/stripe", body, headers)).status
