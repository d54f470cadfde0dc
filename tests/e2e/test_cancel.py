"""Cancels: end a payment before its capture and release what was reserved."""

from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from server.commands.cards import card
from server.commands.rest_client import RestClient
from server.commands.running import Development
from server.commands.sandbox_client import SandboxClient
from sycee.v1 import payment_service_pb2 as pb
from tests.e2e.wishes import PAYMENTS, authorised, paid, read, refusal, wish
from tests.rpc import a_callers_metadata, refused

if TYPE_CHECKING:
    from sycee.v1.payment_service_pb2_grpc import PaymentServiceAsyncStub


@pytest.mark.parametrize("body", [None, {}], ids=str)
async def test_a_cancel_releases_the_money(
    rest: RestClient, sandbox: SandboxClient, body: dict[str, Any] | None
) -> None:
    """200 and `canceled`, at the gateway as well; no capture any more."""
    payment = await authorised(rest)
    answer = await rest.post(f"{PAYMENTS}/{payment['id']}/cancel", body)
    canceled = answer.json
    assert answer.status == 200
    assert (canceled["status"], canceled["captured"], canceled["captured_amount"]) == ("canceled", False, "0.00")
    assert canceled["canceled_at"] is not None
    assert (canceled["expires_at"], canceled["captured_at"], canceled["failure_code"]) == (None, None, None)
    assert canceled == await read(rest, payment["id"])
    assert [one["status"] for one in await sandbox.payments(payment["reference"])] == ["canceled"]


async def test_canceling_twice_is_refused(rest: RestClient) -> None:
    """409 INVALID_STATE; the payment stays as the first one left it."""
    payment = await authorised(rest)
    first = await rest.post(f"{PAYMENTS}/{payment['id']}/cancel")
    told = refusal(await rest.post(f"{PAYMENTS}/{payment['id']}/cancel"))
    assert (told.status, told.code, told.outcome, told.retry_safe) == (409, "INVALID_STATE", "not_sent", False)
    assert told.details == [{"payment_id": payment["id"]}]
    assert await read(rest, payment["id"]) == first.json


async def test_canceling_after_a_capture_is_refused(rest: RestClient, sandbox: SandboxClient) -> None:
    """409 ALREADY_CAPTURED, captured automatically or by a call; the money stays taken."""
    by_call = await authorised(rest)
    await rest.post(f"{PAYMENTS}/{by_call['id']}/capture")
    for payment in (by_call, await paid(rest)):
        told = refusal(await rest.post(f"{PAYMENTS}/{payment['id']}/cancel"))
        assert (told.status, told.code, told.outcome) == (409, "ALREADY_CAPTURED", "done")
        assert [one["captured_minor"] for one in await sandbox.payments(payment["reference"])] == [5949]


async def test_canceling_a_failed_payment_is_refused(rest: RestClient) -> None:
    """There is nothing to end."""
    declined = refusal(await rest.post(PAYMENTS, wish(payment_method=card("4000000000000002"))))
    told = refusal(await rest.post(f"{PAYMENTS}/{declined.details[0]['payment_id']}/cancel"))
    assert (told.status, told.code) == (409, "INVALID_STATE")


async def test_a_cancel_takes_no_fields(rest: RestClient) -> None:
    """What it does not know it refuses, and the payment stays as it was."""
    payment = await authorised(rest)
    told = refusal(await rest.post(f"{PAYMENTS}/{payment['id']}/cancel", {"reason": "duplicate"}))
    assert (told.status, told.code, told.fields) == (400, "VALIDATION_ERROR", ["reason"])
    assert await read(rest, payment["id"]) == payment


async def test_canceling_what_does_not_exist_is_404(rest: RestClient) -> None:
    """PAYMENT_NOT_FOUND."""
    told = refusal(await rest.post(f"{PAYMENTS}/{uuid4()}/cancel"))
    assert (told.status, told.code, told.outcome) == (404, "PAYMENT_NOT_FOUND", "not_sent")


async def test_canceling_over_grpc(rest: RestClient, payments: "PaymentServiceAsyncStub", service: Development) -> None:
    """The same, and INVALID_STATE as FAILED_PRECONDITION."""
    payment_id, caller = (await authorised(rest))["id"], a_callers_metadata(service.secret_key)
    canceled = await payments.CancelPayment(pb.CancelPaymentRequest(id=payment_id), metadata=caller)
    assert canceled.status == pb.PAYMENT_STATUS_CANCELED
    told = await refused(payments.CancelPayment(pb.CancelPaymentRequest(id=payment_id), metadata=caller))
    assert (told.code.name, told.reason) == ("FAILED_PRECONDITION", "INVALID_STATE")
