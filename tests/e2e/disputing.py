"""Disputes as tests from outside see and answer them."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from server.commands.rest_client import Answer, RestClient
from server.commands.sandbox_client import SandboxClient
from tests.documents import PDF
from tests.e2e.polling import until
from tests.e2e.wishes import read

DISPUTES, FILES = "/api/v1/disputes", "/api/v1/files"
WITHIN_SECONDS = 10.0

# The body of the document, word for word but for the file, which is one of ours.
EVIDENCE = {
    "product_description": "优质棉质 T 恤",
    "customer_email": "customer@example.com",
    "shipping_date": "2024-01-16",
    "shipping_carrier": "UPS",
    "shipping_tracking_number": "1Z999...",
    "access_activity_log": "客户访问数字下载 3 次",
    "uncategorized_text": "其他说明...",
}


async def disputed(rest: RestClient, sandbox: SandboxClient, payment: dict[str, Any], **more: str) -> dict[str, Any]:
    """A payment's dispute, as soon as the gateway has told of it."""
    number = await sandbox.dispute(payment["gateway_payment_id"], **more)
    return await when(
        rest, payment["id"], lambda dispute: dispute is not None and dispute["gateway_dispute_id"] == number
    )


async def when(rest: RestClient, payment_id: str, so: Callable[[Any], bool]) -> dict[str, Any]:
    """The payment's dispute when it is so."""
    payment = await until(lambda: read(rest, payment_id), lambda seen: so(seen["dispute"]), WITHIN_SECONDS)
    dispute: dict[str, Any] = payment["dispute"]
    return dispute


async def upload(rest: RestClient, content: bytes = PDF, purpose: str = "dispute_evidence") -> Answer:
    """A file, as a browser's form sends it."""
    body = (
        b'--b\r\nContent-Disposition: form-data; name="purpose"\r\n\r\n%s\r\n'
        b'--b\r\nContent-Disposition: form-data; name="file"; filename="proof.pdf"\r\n\r\n%s\r\n--b--\r\n'
    ) % (purpose.encode(), content)
    return await rest.send("POST", FILES, body, {"Content-Type": "multipart/form-data; boundary=b"})


async def submit(rest: RestClient, dispute_id: str, evidence: dict[str, Any], key: str | None = None) -> Answer:
    """Evidence for a dispute, under a key of its own unless one is given."""
    return await rest.post(f"{DISPUTES}/{dispute_id}/evidence", evidence, key=key or str(uuid4()))
