"""Captures: all of an authorisation or a part of it, once; and what the gateway's own books say afterwards."""

import asyncio
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from server.commands.rest_client import RestClient
from server.commands.running import Development
from server.commands.sandbox_client import SandboxClient
from sycee.v1 import payment_service_pb2 as pb
from tests.e2e.wishes import PAYMENTS, authorised, paid, read, refusal
from tests.rpc import a_callers_metadata, refused

if TYPE_CHECKING:
    from sycee.v1.payment_service_pb2_grpc import PaymentServiceAsyncStub


async def taken(sandbox: SandboxClient, payment: dict[str, Any]) -> tuple[str, int]:
    """Where the payment stands at the gateway, and what it took."""
    (truth,) = await sandbox.payments(payment["reference"])
    return truth["status"], truth["captured_minor"]


@pytest.mark.parametrize("body", [None, {}, {"amount": None}, {"amount": "59.49"}], ids=str)
async def test_a_capture_takes_all(rest: RestClient, sandbox: SandboxClient, body: dict[str, Any] | None) -> None:
    """Without an amount, or with all of it; answers 200 and the payment as it is then."""
    payment = await authorised(rest)
    answer = await rest.post(f"{PAYMENTS}/{payment['id']}/capture", body)
    captured = answer.json
    assert answer.status == 200
    assert (captured["status"], captured["captured"], captured["captured_amount"]) == ("succeeded", True, "59.49")
    assert captured["captured_at"] is not None
    assert captured["expires_at"] is None
    assert captured == await read(rest, payment["id"])
    assert await taken(sandbox, payment) == ("succeeded", 5949)
    # What is not about the capture stays as it was.
    changed = {name for name in payment if payment[name] != captured[name]}
    about = {"status", "captured", "captured_amount", "captured_at", "expires_at", "receipt_url", "updated_at"}
    assert {"status", "captured", "captured_amount", "captured_at", "expires_at"} <= changed <= about


@pytest.mark.parametrize(("amount", "answered", "at_gateway"), [("40.00", "40.00", 4000), ("0.5", "0.50", 50)])
async def test_a_capture_takes_a_part_and_releases_the_rest(
    rest: RestClient, sandbox: SandboxClient, amount: str, answered: str, at_gateway: int
) -> None:
    """`amount` stays what was authorised, `captured_amount` says what was taken."""
    payment = await authorised(rest)
    captured = (await rest.post(f"{PAYMENTS}/{payment['id']}/capture", {"amount": amount})).json
    assert (captured["status"], captured["amount"], captured["captured_amount"]) == ("succeeded", "59.49", answered)
    assert await taken(sandbox, payment) == ("succeeded", at_gateway)


@pytest.mark.parametrize("amount", ["59.50", "60", "999999999999"])
async def test_more_than_was_authorised_is_refused(rest: RestClient, sandbox: SandboxClient, amount: str) -> None:
    """INVALID_AMOUNT, and the authorisation stays as it was: the right amount can still be captured."""
    payment = await authorised(rest)
    told = refusal(await rest.post(f"{PAYMENTS}/{payment['id']}/capture", {"amount": amount}))
    assert (told.status, told.code, told.outcome, told.fields) == (400, "INVALID_AMOUNT", "not_sent", ["amount"])
    assert await read(rest, payment["id"]) == payment
    assert (await rest.post(f"{PAYMENTS}/{payment['id']}/capture")).json["captured_amount"] == "59.49"
    assert await taken(sandbox, payment) == ("succeeded", 5949)


@pytest.mark.parametrize("amount", ["0", "-1", "1.234", "NaN", "", 5, "1e1"], ids=repr)
async def test_what_is_no_amount_is_refused(rest: RestClient, amount: object) -> None:
    """The same rules as for a payment's own amount."""
    payment = await authorised(rest)
    told = refusal(await rest.post(f"{PAYMENTS}/{payment['id']}/capture", {"amount": amount}))
    assert (told.status, told.code, told.fields) == (400, "INVALID_AMOUNT", ["amount"])
    assert await read(rest, payment["id"]) == payment


async def test_a_part_that_the_gateway_cannot_express_is_refused(rest: RestClient) -> None:
    """Stripe's three-decimal amounts end in 0; the authorisation stays as it was."""
    payment = await authorised(rest, amount="12.340", currency="KWD")
    told = refusal(await rest.post(f"{PAYMENTS}/{payment['id']}/capture", {"amount": "12.339"}))
    assert (told.status, told.code, told.outcome) == (400, "INVALID_AMOUNT", "not_sent")
    assert await read(rest, payment["id"]) == payment


@pytest.mark.parametrize("amount", [None, "59.49", "10.00"])
async def test_capturing_twice_is_refused(rest: RestClient, sandbox: SandboxClient, amount: str | None) -> None:
    """409 ALREADY_CAPTURED, outcome `done`, whatever the second amount; the gateway took the first alone."""
    payment = await authorised(rest)
    first = await rest.post(f"{PAYMENTS}/{payment['id']}/capture", {"amount": "40.00"})
    told = refusal(await rest.post(f"{PAYMENTS}/{payment['id']}/capture", {"amount": amount}))
    assert (told.status, told.code, told.outcome, told.retry_safe) == (409, "ALREADY_CAPTURED", "done", False)
    assert told.details == [{"payment_id": payment["id"]}]
    assert await read(rest, payment["id"]) == first.json
    assert await taken(sandbox, payment) == ("succeeded", 4000)


async def test_capturing_what_was_captured_automatically_is_refused(rest: RestClient) -> None:
    """It is captured already."""
    told = refusal(await rest.post(f"{PAYMENTS}/{(await paid(rest))['id']}/capture"))
    assert (told.status, told.code, told.outcome) == (409, "ALREADY_CAPTURED", "done")


async def test_capturing_after_a_cancel_is_refused(rest: RestClient, sandbox: SandboxClient) -> None:
    """409 INVALID_STATE: nothing is reserved any more."""
    payment = await authorised(rest)
    assert (await rest.post(f"{PAYMENTS}/{payment['id']}/cancel")).status == 200
    told = refusal(await rest.post(f"{PAYMENTS}/{payment['id']}/capture"))
    assert (told.status, told.code, told.outcome) == (409, "INVALID_STATE", "not_sent")
    assert await taken(sandbox, payment) == ("canceled", 0)


async def test_captures_at_the_same_moment_take_the_money_once(rest: RestClient, sandbox: SandboxClient) -> None:
    """One wins; the others are told that it is captured, or that another operation is under way."""
    payment = await authorised(rest)
    amounts = ("10.00", "20.00", "30.00", "40.00", "50.00", "59.49") * 2
    answers = await asyncio.gather(
        *(rest.post(f"{PAYMENTS}/{payment['id']}/capture", {"amount": amount}) for amount in amounts)
    )
    (won,) = [answer for answer in answers if answer.status == 200]
    lost = {refusal(answer).code for answer in answers if answer.status == 409}
    assert len(answers) == 1 + sum(answer.status == 409 for answer in answers)
    assert lost <= {"ALREADY_CAPTURED", "INVALID_STATE"}
    shown = await read(rest, payment["id"])
    assert shown["captured_amount"] == won.json["captured_amount"]
    assert await taken(sandbox, payment) == ("succeeded", int(shown["captured_amount"].replace(".", "")))


async def test_a_capture_and_a_cancel_at_the_same_moment_agree_with_the_gateway(
    rest: RestClient, sandbox: SandboxClient
) -> None:
    """Exactly one of both happens."""
    for order in (("capture", "cancel"), ("cancel", "capture")):
        payment = await authorised(rest)
        answers = await asyncio.gather(*(rest.post(f"{PAYMENTS}/{payment['id']}/{verb}") for verb in order))
        assert sorted(answer.status for answer in answers) == [200, 409]
        shown = await read(rest, payment["id"])
        assert (shown["status"], *await taken(sandbox, payment)) in {
            ("succeeded", "succeeded", 5949),
            ("canceled", "canceled", 0),
        }


@pytest.mark.parametrize(
    "payment_id", ["0190a5c4-7d3e-7b1c-9f2a-6e1d5c4b3a29", "1", "pi_123", "%20", "550e8400e29b41d4a716446655440200"]
)
async def test_capturing_what_does_not_exist_is_404(rest: RestClient, payment_id: str) -> None:
    """PAYMENT_NOT_FOUND, for a name that cannot be one as well."""
    told = refusal(await rest.post(f"{PAYMENTS}/{payment_id}/capture"))
    assert (told.status, told.code, told.outcome, told.details) == (404, "PAYMENT_NOT_FOUND", "not_sent", [])


async def test_capturing_over_grpc(rest: RestClient, payments: "PaymentServiceAsyncStub", service: Development) -> None:
    """A part, and the second time ALREADY_CAPTURED as FAILED_PRECONDITION."""
    payment_id, caller = (await authorised(rest))["id"], a_callers_metadata(service.secret_key)
    captured = await payments.CapturePayment(pb.CapturePaymentRequest(id=payment_id, amount="12.34"), metadata=caller)
    assert (captured.status, captured.captured_amount) == (pb.PAYMENT_STATUS_SUCCEEDED, "12.34")
    told = await refused(payments.CapturePayment(pb.CapturePaymentRequest(id=payment_id), metadata=caller))
    assert (told.code.name, told.reason) == ("FAILED_PRECONDITION", "ALREADY_CAPTURED")
    told = await refused(payments.CapturePayment(pb.CapturePaymentRequest(id=str(uuid4())), metadata=caller))
    assert (told.code.name, told.reason) == ("NOT_FOUND", "PAYMENT_NOT_FOUND")
