"""What else a creation may carry, and what it may not: each refusal is a 400 that names the field, and nothing is created."""

from typing import TYPE_CHECKING, Any

import pytest

from server.commands.cards import typed_card
from server.commands.rest_client import RestClient
from server.commands.running import Development
from server.commands.sandbox_client import SandboxClient
from sycee.v1 import payment_service_pb2 as pb
from tests.e2e.wishes import PAYMENTS, VISA, paid, refusal, wish
from tests.rpc import a_callers_metadata, refused

if TYPE_CHECKING:
    from sycee.v1.payment_service_pb2_grpc import PaymentServiceAsyncStub

REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"order_id": "abc"}, "order_id"),
    ({"order_id": ""}, "order_id"),
    ({"order_id": "550e8400-e29b-41d4-a716-44665544010"}, "order_id"),
    ({"customer_id": "1001"}, "customer_id"),
    ({"receipt_email": ""}, "receipt_email"),
    ({"receipt_email": "customer"}, "receipt_email"),
    ({"receipt_email": "customer@"}, "receipt_email"),
    ({"receipt_email": "customer@example"}, "receipt_email"),
    ({"receipt_email": "customer@example."}, "receipt_email"),
    ({"receipt_email": "a b@example.com"}, "receipt_email"),
    ({"receipt_email": "Customer <customer@example.com>"}, "receipt_email"),
    ({"receipt_email": "a@example.com, b@example.com"}, "receipt_email"),
    ({"receipt_email": 5}, "receipt_email"),
    ({"return_url": "not a url"}, "return_url"),
    ({"return_url": "/back"}, "return_url"),
    ({"cancel_url": "shop.example"}, "cancel_url"),
    ({"description": "x" * 1001}, "description"),
    ({"description": ["x"]}, "description"),
    ({"description": "a\0b"}, "description"),
    ({"capture_method": "later"}, "capture_method"),
    ({"capture_method": "AUTOMATIC"}, "capture_method"),
    ({"capture_method": "CAPTURE_METHOD_MANUAL"}, "capture_method"),
    ({"capture_method": "unspecified"}, "capture_method"),
    ({"capture_method": 1}, "capture_method"),
    ({"confirmation_method": ""}, "confirmation_method"),
    ({"payment_method": None}, "payment_method"),
    ({"payment_method": "card"}, "payment_method"),
    ({"payment_method": {"type": "bitcoin"}}, "payment_method.type"),
    ({"payment_method": {"token": "tok_visa"}}, "payment_method.type"),
    ({"gateway": ""}, "gateway"),
    ({"gateway": "visa"}, "gateway"),
    ({"gateway": "Stripe"}, "gateway"),
    ({"metadata": {"k" * 41: "v"}}, "metadata"),
    ({"metadata": {"": "v"}}, "metadata"),
    ({"metadata": {"k": "v" * 501}}, "metadata"),
    ({"metadata": {str(number): "v" for number in range(50)}}, "metadata"),
    ({"metadata": {"k": "a\0b"}}, "metadata"),
    ({"metadata": {"k": 5}}, "metadata.k"),
    ({"metadata": {"k": None}}, "metadata.k"),
    ({"metadata": {"k": {"nested": "v"}}}, "metadata.k"),
    ({"metadata": ["k"]}, "metadata"),
    ({"colour": "red"}, "colour"),
    ({"id": "550e8400-e29b-41d4-a716-446655440200"}, "id"),
    ({"status": "succeeded"}, "status"),
    ({"payment_method": {"type": "card", "token": "tok_visa", "brand": "visa"}}, "payment_method.brand"),
]


@pytest.mark.parametrize(("changes", "field"), REFUSED, ids=lambda value: str(value)[:40])
async def test_a_field_that_is_wrong_is_named(
    rest: RestClient, sandbox: SandboxClient, changes: dict[str, Any], field: str
) -> None:
    """400 VALIDATION_ERROR; nothing has been sent to the gateway."""
    before = len(await sandbox.payments())
    told = refusal(await rest.post(PAYMENTS, wish(**changes)))
    assert (told.status, told.code, told.outcome, told.retry_safe) == (400, "VALIDATION_ERROR", "not_sent", False)
    assert told.fields == [field]
    assert len(await sandbox.payments()) == before


async def test_every_wrong_field_is_named_at_once(rest: RestClient) -> None:
    """A caller need not find them one by one."""
    told = refusal(await rest.post(PAYMENTS, wish(order_id="x", receipt_email="x", metadata={"": ""})))
    assert set(told.fields) == {"order_id", "receipt_email", "metadata"}


@pytest.mark.parametrize("kind", ["alipay", "wechat", "paypal"])
async def test_what_a_gateway_cannot_do_is_not_supported(rest: RestClient, kind: str) -> None:
    """Stripe takes cards from us, and nothing else."""
    told = refusal(await rest.post(PAYMENTS, wish(payment_method={"type": kind})))
    assert (told.status, told.code, told.outcome) == (400, "NOT_SUPPORTED", "not_sent")


async def test_cards_go_to_stripe_where_no_gateway_is_named(rest: RestClient) -> None:
    """The payment method's own gateway."""
    assert (await paid(rest, gateway=None))["gateway"] == "stripe"


async def test_the_limits_themselves_are_accepted(rest: RestClient) -> None:
    """49 keys of 40 characters with 500 each, 1000 characters of description, in any script."""
    metadata = {f"{number:02}" + "键" * 38: "值" * 500 for number in range(49)}
    answered = await paid(rest, metadata=metadata, description="订" * 1000)
    assert (answered["metadata"], answered["description"]) == (metadata, "订" * 1000)


@pytest.mark.parametrize("address", ["a@b.co", "first.last+tag@sub.example.com", "o'brien@example.ie"])
async def test_ordinary_addresses_are_accepted(rest: RestClient, address: str) -> None:
    """Plus signs, dots and apostrophes are part of real ones."""
    assert (await paid(rest, receipt_email=address))["receipt_email"] == address


async def test_an_empty_description_is_one(rest: RestClient) -> None:
    """It is the caller's to leave empty; the gateway is not asked to make anything of it."""
    assert (await paid(rest, description=""))["description"] == ""


async def test_an_order_may_have_several_payments(rest: RestClient) -> None:
    """`order_id` is the caller's and never looked up."""
    order = "00000000-0000-0000-0000-00000000abcd"
    first, second = [await paid(rest, order_id=order.upper()) for _ in range(2)]
    assert first["id"] != second["id"]
    assert first["order_id"] == second["order_id"] == order


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        (pb.CreatePaymentRequest(receipt_email="x"), "receipt_email"),
        (pb.CreatePaymentRequest(order_id="x"), "order_id"),
        (pb.CreatePaymentRequest(metadata={"k" * 41: "v"}), "metadata"),
        (pb.CreatePaymentRequest(gateway="visa"), "gateway"),
    ],
)
async def test_the_same_rules_hold_over_grpc(
    payments: "PaymentServiceAsyncStub", service: Development, changes: pb.CreatePaymentRequest, field: str
) -> None:
    """INVALID_ARGUMENT with a google.rpc.BadRequest that names the field."""
    wanted = pb.CreatePaymentRequest(amount="1.00", currency="USD", payment_method=typed_card(VISA))
    wanted.MergeFrom(changes)
    told = await refused(payments.CreatePayment(wanted, metadata=a_callers_metadata(service.secret_key)))
    assert told.code.name == "INVALID_ARGUMENT"
    assert [name for name, _ in told.violations] == [field]
