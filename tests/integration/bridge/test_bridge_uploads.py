"""Files: a multipart form becomes a stream of chunks."""

from io import BytesIO

import grpc
import pytest
from aiohttp import ClientSession, FormData
from google.rpc.error_details_pb2 import BadRequest

from sycee.v1.file_service_pb2 import FILE_PURPOSE_DISPUTE_EVIDENCE, File, FileInfo, UploadFileRequest
from tests.integration.bridge.raw_http import exchange
from tests.integration.bridge.scripted_server import ScriptedServer

FORM = {"Content-Type": "multipart/form-data; boundary=b"}
PURPOSE = b'--b\r\nContent-Disposition: form-data; name="purpose"\r\n\r\ndispute_evidence\r\n'
PDF = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\nContent-Type: application/pdf\r\n\r\n%PDF\r\n--\r\n\x00\xff\r\n'
END = b"--b--\r\n"


@pytest.mark.parametrize(
    "body", [PURPOSE + PDF + END, PDF + PURPOSE + END, b"preamble\r\n" + PURPOSE + PDF + END + b"epilogue"]
)
async def test_parts_may_come_in_any_order(server: ScriptedServer, http: ClientSession, body: bytes) -> None:
    """The first message says what comes, the others carry its bytes."""
    server.answers("UploadFile", File(id="file_1", size=9))
    async with http.post("/api/v1/files", data=body, headers={**FORM, "Idempotency-Key": "k"}) as response:
        shown = await response.json()
    assert (response.status, shown["id"], shown["size"]) == (201, "file_1", 9)
    assert server.asked[0].request == [
        UploadFileRequest(info=FileInfo(purpose=FILE_PURPOSE_DISPUTE_EVIDENCE, filename="a.pdf")),
        UploadFileRequest(chunk=b"%PDF\r\n--\r\n\x00\xff"),
    ]
    assert server.asked[0].metadata["idempotency-key"] == "k"


async def test_a_large_file_comes_in_chunks(server: ScriptedServer, http: ClientSession) -> None:
    """None larger than the contract allows, in order."""
    server.answers("UploadFile", File())
    content = bytes(range(256)) * 4096 * 5
    form = FormData(quote_fields=False)
    form.add_field("purpose", "dispute_evidence")
    form.add_field("file", BytesIO(content), filename="证据.pdf", content_type="application/pdf")
    async with http.post("/api/v1/files", data=form) as response:
        assert response.status == 201
    first, *chunks = server.asked[0].request
    assert first.info.filename == "证据.pdf"
    assert max(len(message.chunk) for message in chunks) <= 1024 * 1024
    assert b"".join(message.chunk for message in chunks) == content


@pytest.mark.parametrize(
    ("body", "field", "problem"),
    [
        (PURPOSE + END, "file", "is required"),
        (PURPOSE + PURPOSE + PDF + END, "purpose", "appears twice"),
        (PURPOSE + PDF + PDF + END, "file", "appears twice"),
        (PURPOSE.replace(b"purpose", b"purpos") + PDF + END, "purpos", "unknown field"),
        (PURPOSE.replace(b"dispute_evidence", b"holiday") + PDF + END, "purpose", "expected one of dispute_evidence"),
        (PURPOSE.replace(b"dispute_evidence", b"\xff") + PDF + END, "purpose", "not valid UTF-8"),
        (PURPOSE.replace(b"dispute_evidence", b"x" * 9000) + PDF + END, "purpose", "longer than 8192 bytes"),
        (b"", "body", "not a complete multipart form"),
        (b"{}", "body", "not a complete multipart form"),
        (PURPOSE + PDF, "body", "not a complete multipart form"),
        (b"--b\r\n\r\n\r\n--b--", "body", "a part of the form has no name"),
        (b"--b\r\nx--b--", "body", "not a complete multipart form"),
        (PURPOSE * 30 + END, "body", "more than 20 parts"),
    ],
)
async def test_a_form_that_cannot_be_read_is_400(
    server: ScriptedServer, http: ClientSession, body: bytes, field: str, problem: str
) -> None:
    """It says which part is wrong; the server is not asked."""
    async with http.post("/api/v1/files", data=body, headers=FORM) as response:
        error = (await response.json())["error"]
    assert (response.status, error["code"]) == (400, "VALIDATION_ERROR")
    assert {"field": field, "message": problem} in error["details"]
    assert server.asked == []


@pytest.mark.parametrize(
    ("named", "field", "shown"),
    [
        (b"", "info.purpose", "purpose"),
        (b"", "info.filename", "file"),
        (PURPOSE.replace(b"purpose", b"filename").replace(b"dispute_evidence", b"b.pdf"), "info.filename", "filename"),
        (b"", "chunk", "file"),
        (b"", "idempotency-key", "idempotency-key"),
    ],
)
async def test_a_refusal_names_the_forms_parts(
    server: ScriptedServer, http: ClientSession, named: bytes, field: str, shown: str
) -> None:
    """Whatever the stream's fields behind them are called, in the message as well; who sends a document's name with its bytes has only its part."""
    violations = BadRequest(
        field_violations=[
            BadRequest.FieldViolation(field=field, description="is wrong"),
            BadRequest.FieldViolation(field="authorization", description="is old"),
        ]
    )
    code, text = grpc.StatusCode.INVALID_ARGUMENT, f"{field}: is wrong; authorization: is old"
    server.refuses("UploadFile", code, "VALIDATION_ERROR", text, violations)
    async with http.post("/api/v1/files", data=PURPOSE + named + PDF + END, headers=FORM) as response:
        error = (await response.json())["error"]
    assert (response.status, error["message"]) == (400, f"{shown}: is wrong; authorization: is old")
    assert error["details"] == [
        {"field": shown, "message": "is wrong"},
        {"field": "authorization", "message": "is old"},
    ]


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "multipart/form-data",
        "multipart/mixed; boundary=b",
        "multipart/form-data; boundary=" + "b" * 71,
    ],
)
async def test_what_is_no_form_is_415(http: ClientSession, content_type: str) -> None:
    """A file comes in a form with a boundary."""
    async with http.post("/api/v1/files", data=b"{}", headers={"Content-Type": content_type}) as response:
        assert response.status == 415


async def test_a_form_over_the_limit_is_413(bridge_port: int) -> None:
    """Six mebibytes, whatever the headers promise."""
    head = b"POST /api/v1/files HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b\r\nConnection: close\r\n"
    [promised] = await exchange(bridge_port, head + b"Content-Length: 6291457\r\n\r\n", expected=1)
    chunk = b"100000\r\n" + b"x" * 0x100000 + b"\r\n"
    [chunked] = await exchange(
        bridge_port, head + b"Transfer-Encoding: chunked\r\n\r\n", *[chunk] * 7, b"0\r\n\r\n", expected=1
    )
    assert [response.status for response in (promised, chunked)] == [413, 413]
