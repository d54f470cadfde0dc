"""What a payment looks like: every documented field, in its order, of its type, whichever call and whichever face shows it."""

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from codec.codec import JsonCodec
from codec.times import Rfc3339Times
from server.commands.cards import card, typed_card
from server.commands.rest_client import RestClient
from server.commands.running import Development
from server.domain.ids import reference_of
from sycee.v1 import common_pb2 as common
from sycee.v1 import payment_service_pb2 as pb
from tests.contract.documented_fields import RESOURCES
from tests.e2e.wishes import PAYMENTS, VISA, authorised, paid, read, token, wish
from tests.rpc import a_callers_metadata

if TYPE_CHECKING:
    from sycee.v1.payment_service_pb2_grpc import PaymentServiceAsyncStub

ORDER, CUSTOMER = "550e8400-e29b-41d4-a716-446655440100", "550e8400-e29b-41d4-a716-446655440001"
TIME = re.compile(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ")

# The documented request, word for word but for a card that has not expired since.
DOCUMENTED = wish(
    order_id=ORDER,
    payment_method=card(VISA),
    capture_method="automatic",
    receipt_email="customer@example.com",
    description="订单 #1001",
    metadata={"order_number": "1001"},
)


async def created(rest: RestClient) -> dict[str, Any]:
    return await paid(rest, **DOCUMENTED, customer_id=CUSTOMER, confirmation_method="automatic")


async def test_every_documented_field_is_present_in_the_documented_order(rest: RestClient) -> None:
    """The document's fields first, then those that only the specification beside it has; the same down to the card."""
    payment = await created(rest)
    assert list(payment) == RESOURCES["Payment"].split()
    assert list(payment["payment_method"]) == RESOURCES["PaymentMethodDetails"].split()
    assert list(payment["payment_method"]["card"]) == RESOURCES["CardDetails"].split()


async def test_the_documented_creation_answers_the_documented_payment(rest: RestClient) -> None:
    """Each field says what was asked for, or what came of it."""
    payment = await created(rest)
    told = {name: value for name, value in payment.items() if name not in _CHECKED_APART}
    assert told == {
        "order_id": ORDER,
        "amount": "59.49",
        "currency": "USD",
        "status": "succeeded",
        "gateway": "stripe",
        "payment_method": {
            "type": "card",
            "card": {
                "brand": "visa",
                "last4": "4242",
                "exp_month": 12,
                "exp_year": 2035,
                "fingerprint": payment["payment_method"]["card"]["fingerprint"],
            },
        },
        "description": "订单 #1001",
        "receipt_email": "customer@example.com",
        "captured": True,
        "capture_method": "automatic",
        "confirmation_method": "automatic",
        "customer_id": CUSTOMER,
        "refunded_amount": "0.00",
        "refunds": [],
        "dispute": None,
        "metadata": {"order_number": "1001"},
        "captured_amount": "59.49",
        "next_action": None,
        "failure_code": None,
        "failure_message": None,
        "expires_at": None,
        "canceled_at": None,
    }


async def test_ids_times_and_references_have_their_documented_form(rest: RestClient, service: Development) -> None:
    """Ids are UUIDs, times RFC 3339 in UTC, the reference 26 base32 characters of the id, the fingerprint is ours."""
    before = datetime.now(UTC).replace(microsecond=0)
    payment = await created(rest)
    assert UUID(payment["id"]).version == 7
    assert payment["reference"] == reference_of(UUID(payment["id"]))
    assert re.fullmatch(r"[0-9A-Z]{26}", payment["reference"])
    assert payment["gateway_payment_id"].startswith("pi_")
    assert payment["receipt_url"].startswith(f"{service.sandbox}/stripe/receipts/")
    assert re.fullmatch(r"fp_[0-9a-f]{32}", payment["payment_method"]["card"]["fingerprint"])
    for name in ("created_at", "updated_at", "captured_at"):
        assert TIME.fullmatch(payment[name])
    assert before <= datetime.fromisoformat(payment["created_at"]) <= datetime.now(UTC)
    assert payment["created_at"] <= payment["captured_at"] <= payment["updated_at"]


_CHECKED_APART = {
    *("id", "gateway_payment_id", "receipt_url", "reference"),
    *("created_at", "updated_at", "captured_at"),
}


async def test_what_was_not_given_is_null(rest: RestClient) -> None:
    """Absent values are null, empty maps and lists are there; nothing is left out."""
    payment = await paid(rest)
    absent = {name for name, value in payment.items() if value is None}
    assert absent == {
        *("order_id", "description", "receipt_email", "customer_id", "dispute"),
        *("next_action", "failure_code", "failure_message", "expires_at", "canceled_at"),
    }
    assert (payment["metadata"], payment["refunds"]) == ({}, [])


async def test_null_in_a_request_is_the_same_as_absent(rest: RestClient) -> None:
    """A caller may send back what it has read."""
    names = ("order_id", "description", "receipt_email", "customer_id", "return_url", "cancel_url", "metadata")
    answer = await rest.post(PAYMENTS, wish() | dict.fromkeys((*names, "capture_method", "confirmation_method")))
    assert answer.status == 201
    assert (answer.json["capture_method"], answer.json["order_id"]) == ("automatic", None)


async def test_an_authorised_payment_is_pending_and_not_captured(rest: RestClient) -> None:
    """It waits for a capture until it expires, some days later."""
    payment = await authorised(rest)
    assert list(payment) == RESOURCES["Payment"].split()
    assert (payment["status"], payment["captured"], payment["captured_at"]) == ("pending", False, None)
    assert (payment["amount"], payment["captured_amount"]) == ("59.49", "0.00")
    assert payment["capture_method"] == "manual"
    waits = datetime.fromisoformat(payment["expires_at"]) - datetime.fromisoformat(payment["created_at"])
    assert 1 <= waits.days <= 7


async def test_reading_shows_what_the_creation_answered(rest: RestClient) -> None:
    """The same resource, byte for byte."""
    answer = await rest.post(PAYMENTS, DOCUMENTED)
    shown = await rest.get(f"{PAYMENTS}/{answer.json['id']}")
    assert (shown.status, shown.body) == (200, answer.body)
    assert shown.headers["Content-Type"] == "application/json"


async def test_both_faces_show_the_same_payment(
    rest: RestClient, payments: "PaymentServiceAsyncStub", service: Development
) -> None:
    """What gRPC answers is what REST shows, field by field, whoever created it."""
    caller = a_callers_metadata(service.secret_key)
    made = await payments.CreatePayment(
        pb.CreatePaymentRequest(
            order_id=ORDER,
            amount="59.49",
            currency="USD",
            gateway="stripe",
            payment_method=typed_card(VISA),
            capture_method=common.CAPTURE_METHOD_MANUAL,
            receipt_email="customer@example.com",
            description="订单 #1001",
            metadata={"order_number": "1001", "a": "1"},
            customer_id=CUSTOMER,
        ),
        metadata=caller,
    )
    got = await payments.GetPayment(pb.GetPaymentRequest(id=made.id), metadata=caller)
    assert got == made
    assert (made.status, made.captured) == (pb.PAYMENT_STATUS_PENDING, False)
    shown = await rest.get(f"{PAYMENTS}/{made.id}")
    assert shown.body == JsonCodec(Rfc3339Times()).encode(made)


async def test_descriptions_and_metadata_come_back_unchanged(rest: RestClient) -> None:
    """Any text: other scripts, quotes, brackets, emoji, line ends."""
    text = 'Ünïcode 订单 "q" \\ <b> 🎉\n\t[x]'
    metadata = {"a[b]": "1", "键": text, "empty": "", "sycee_reference": "mine"}
    payment = await paid(rest, description=text, metadata=metadata)
    assert (payment["description"], payment["metadata"]) == (text, metadata)
    assert await read(rest, payment["id"]) == payment


async def test_a_card_given_as_a_token_is_shown_like_any_other(rest: RestClient) -> None:
    """Brand and last four digits come from the gateway."""
    payment = await paid(rest, payment_method=token("pm_card_mastercard"))
    shown = payment["payment_method"]
    assert (shown["type"], shown["card"]["brand"], shown["card"]["last4"]) == ("card", "mastercard", "4444")


async def test_ids_carry_the_order_of_creation(rest: RestClient) -> None:
    """A later payment has a greater id."""
    ids = [(await paid(rest))["id"] for _ in range(3)]
    assert ids == sorted(ids)
