"""Payments in the contract's words: every field that a payment has is told, and every field that a caller may give is heard."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from server.domain.errors import PaymentNotFound, ValidationError
from server.domain.gateway import Instrument
from server.domain.listing import Cursor, Page, PaymentFilter, PaymentQuery, PaymentSort
from server.domain.outcomes import Card, NextAction, NextActionKind
from server.domain.payment import CaptureMethod, ConfirmationMethod, PaymentMethodKind, PaymentStatus
from server.domain.resolution import Resolution, Verdict
from server.rpc.convert import payments as convert
from server.rpc.convert import refunds as convert_refunds
from sycee.v1 import common_pb2 as common
from sycee.v1 import payment_method_service_pb2 as methods
from sycee.v1 import payment_service_pb2 as pb
from tests.builders import NOON, a_payment, a_refund, an_id

A_TOKEN = pb.PaymentMethodInput(type=methods.PAYMENT_METHOD_TYPE_CARD, token="tok_good")


def test_a_payment_is_told_whole() -> None:
    """Each field with its value, amounts with their currency's exponent."""
    captured = a_payment("1.230", "KWD", captured="1.000")
    returned = a_refund(captured, "0.030").succeed("gr_1", NOON)
    stored = replace(
        captured,
        order_id=an_id(2),
        customer_id=an_id(3),
        card=Card("visa", "4242", 12, 2040, "fp_1"),
        description="元宝",
        receipt_email="a@example.com",
        metadata={"till": "7"},
        refunds=(returned,),
        receipt_url="https://receipts.example/1",
        next_action=NextAction(NextActionKind.INVOKE_SDK, parameters=(("appId", "wx1"),)),
        failure_code="CARD_DECLINED",
        failure_message="no",
        capture_method=CaptureMethod.MANUAL,
        confirmation_method=ConfirmationMethod.MANUAL,
        updated_at=NOON + timedelta(seconds=1),
        captured_at=NOON + timedelta(seconds=2),
        canceled_at=NOON + timedelta(seconds=3),
        expires_at=NOON + timedelta(seconds=4),
    )
    noon = int(NOON.timestamp())
    told = convert.payment(stored)
    assert told == pb.Payment(
        id=str(an_id(1)),
        order_id=str(an_id(2)),
        amount="1.230",
        currency="KWD",
        status=pb.PAYMENT_STATUS_SUCCEEDED,
        gateway="fake",
        gateway_payment_id="gp_1",
        payment_method=pb.PaymentMethodDetails(
            type=methods.PAYMENT_METHOD_TYPE_CARD,
            card=methods.CardDetails(brand="visa", last4="4242", exp_month=12, exp_year=2040, fingerprint="fp_1"),
        ),
        description="元宝",
        receipt_email="a@example.com",
        receipt_url="https://receipts.example/1",
        captured=True,
        capture_method=common.CAPTURE_METHOD_MANUAL,
        confirmation_method=common.CONFIRMATION_METHOD_MANUAL,
        customer_id=str(an_id(3)),
        refunded_amount="0.030",
        refunds=[convert_refunds.refund(returned)],
        metadata={"till": "7"},
        created_at=Timestamp(seconds=noon),
        updated_at=Timestamp(seconds=noon + 1),
        captured_at=Timestamp(seconds=noon + 2),
        captured_amount="1.000",
        reference=stored.reference,
        next_action=common.NextAction(type=common.NEXT_ACTION_TYPE_INVOKE_SDK, parameters={"appId": "wx1"}),
        failure_code="CARD_DECLINED",
        failure_message="no",
        expires_at=Timestamp(seconds=noon + 4),
        canceled_at=Timestamp(seconds=noon + 3),
    )
    unset = {"dispute"}
    assert {field.name for field, _ in told.ListFields()} == {
        field.name for field in pb.Payment.DESCRIPTOR.fields
    } - unset


def test_what_a_payment_has_not_is_absent() -> None:
    """Absent, which REST shows as null, and not an empty text."""
    told = convert.payment(a_payment())
    present = {field.name for field, _ in told.ListFields() if field.has_presence}
    assert present == {"payment_method", "created_at", "updated_at"}
    assert (told.captured_amount, told.refunded_amount) == ("0.00", "0.00")


@pytest.mark.parametrize("status", PaymentStatus)
def test_every_status_has_its_word(status: PaymentStatus) -> None:
    """The enum's name is the word in upper case."""
    told = convert.payment(replace(a_payment(), status=status))
    assert pb.PaymentStatus.Name(told.status) == f"PAYMENT_STATUS_{status.upper()}"


@pytest.mark.parametrize(
    ("action", "field"),
    [
        (NextAction(NextActionKind.REDIRECT, "https://bank.example/1"), "redirect_url"),
        (NextAction(NextActionKind.DISPLAY_QR_CODE, "weixin://wxpay/1"), "qr_code_url"),
    ],
)
def test_a_next_action_has_the_field_of_its_type_alone(action: NextAction, field: str) -> None:
    """A redirect has no QR code."""
    told = convert.next_action(action)
    assert {one.name for one, _ in told.ListFields()} == {"type", field}
    assert getattr(told, field) == action.url


def test_an_event_keeps_the_payment_as_it_is_told() -> None:
    """What a subscriber gets is what a reader would have got."""
    stored = a_payment(captured="59.49")
    assert pb.Payment.FromString(convert.snapshot(stored)) == convert.payment(stored)


def test_a_creation_is_heard_whole() -> None:
    """Each field that a caller may give, but for the payment method, which has tests of its own."""
    command = convert.create_command(
        pb.CreatePaymentRequest(
            order_id=str(an_id(2)).upper(),
            amount="59.49",
            currency="USD",
            gateway="stripe",
            payment_method=A_TOKEN,
            capture_method=common.CAPTURE_METHOD_MANUAL,
            confirmation_method=common.CONFIRMATION_METHOD_MANUAL,
            receipt_email="a@example.com",
            description="元宝",
            metadata={"till": "7"},
            customer_id=str(an_id(3)),
            return_url="https://shop.example/back",
            cancel_url="https://shop.example/oh",
        )
    )
    assert (command.order_id, command.customer_id) == (an_id(2), an_id(3))
    assert (command.amount, command.currency, command.gateway) == ("59.49", "USD", "stripe")
    assert isinstance(command.instrument, Instrument)
    assert command.instrument.token == "tok_good"
    assert command.capture_method is CaptureMethod.MANUAL
    assert command.confirmation_method is ConfirmationMethod.MANUAL
    assert (command.receipt_email, command.description) == ("a@example.com", "元宝")
    assert (command.return_url, command.cancel_url) == ("https://shop.example/back", "https://shop.example/oh")
    assert command.metadata == {"till": "7"}


def test_a_creation_may_say_little() -> None:
    """Captured and confirmed at once, through the payment method's own gateway."""
    command = convert.create_command(pb.CreatePaymentRequest(amount="1", currency="USD", payment_method=A_TOKEN))
    assert command.gateway is None
    assert command.capture_method is CaptureMethod.AUTOMATIC
    assert command.confirmation_method is ConfirmationMethod.AUTOMATIC
    assert (command.order_id, command.description, command.return_url) == (None, None, None)
    assert command.metadata == {}


def test_a_capture_without_amount_is_one_of_all() -> None:
    """And an empty amount is one, and wrong: it is checked with the payment's currency."""
    name = str(an_id(1))
    assert convert.capture_command(pb.CapturePaymentRequest(id=name)).amount is None
    assert convert.capture_command(pb.CapturePaymentRequest(id=name, amount="")).amount == ""
    assert convert.capture_command(pb.CapturePaymentRequest(id=name, amount="1.5")).amount == "1.5"


@pytest.mark.parametrize("verdict", Verdict)
def test_every_verdict_is_heard(verdict: Verdict) -> None:
    """With its evidence, and the gateway's number where it is given."""
    number = pb.PaymentResolution.Value(f"PAYMENT_RESOLUTION_{verdict.name}")
    request = pb.ResolvePaymentRequest(id=str(an_id(1)), resolution=number, evidence="ticket 4711")
    assert convert.resolution(request) == Resolution(verdict, "ticket 4711")
    request.gateway_payment_id = "pi_1"
    assert convert.resolution(request) == Resolution(verdict, "ticket 4711", "pi_1")


@pytest.mark.parametrize(
    "name",
    ["", "x", "{00000000-0000-0000-0000-000000000001}", "urn:uuid:00000000-0000-0000-0000-000000000001", "1" * 32],
)
def test_what_is_no_uuid_names_no_payment(name: str) -> None:
    """PAYMENT_NOT_FOUND: an id has one way to be written."""
    with pytest.raises(PaymentNotFound):
        convert.capture_command(pb.CapturePaymentRequest(id=name))


def test_a_list_without_anything_is_the_newest_page() -> None:
    """Twenty payments, newest first."""
    assert convert.query(pb.ListPaymentsRequest()) == PaymentQuery(PaymentFilter())


def test_every_filter_is_heard() -> None:
    """Amounts in units that compare across currencies."""
    query = convert.query(
        pb.ListPaymentsRequest(
            page=3,
            per_page=50,
            order_id=str(an_id(2)),
            customer_id=str(an_id(3)),
            gateway="stripe",
            status=pb.PAYMENT_STATUS_FAILED,
            min_amount="0",
            max_amount="59.49",
            created_after=Timestamp(seconds=1, nanos=500_000_000),
            created_before=Timestamp(seconds=0),
            sort=pb.PAYMENT_SORT_AMOUNT,
            order=common.SORT_ORDER_ASC,
        )
    )
    assert query == PaymentQuery(
        PaymentFilter(
            order_id=an_id(2),
            customer_id=an_id(3),
            gateway="stripe",
            status=PaymentStatus.FAILED,
            min_common_units=0,
            max_common_units=594_900,
            created_after=datetime(1970, 1, 1, 0, 0, 1, 500_000, tzinfo=UTC),
            created_before=datetime(1970, 1, 1, tzinfo=UTC),
        ),
        sort=PaymentSort.AMOUNT,
        descending=False,
        page=3,
        per_page=50,
    )


@pytest.mark.parametrize("field", ["created_after", "created_before"])
@pytest.mark.parametrize(
    "stamp",
    [Timestamp(seconds=10**12), Timestamp(seconds=-(10**12)), Timestamp(nanos=2_000_000_000), Timestamp(nanos=-1)],
)
def test_a_time_that_is_none_is_a_wrong_filter(field: str, stamp: Timestamp) -> None:
    """Callers of gRPC can send any numbers: VALIDATION_ERROR names the filter."""
    request = pb.ListPaymentsRequest()
    getattr(request, field).CopyFrom(stamp)
    with pytest.raises(ValidationError) as refused:
        convert.query(request)
    assert refused.value.field == field


@pytest.mark.parametrize(("total", "pages"), [(0, 0), (1, 1), (20, 1), (21, 2), (153, 8)])
def test_a_page_says_where_it_stands(total: int, pages: int) -> None:
    """The documented example: 153 payments at 20 a page are 8 pages."""
    asked = PaymentQuery(PaymentFilter())
    told = convert.page(Page((), total, None), asked, pb.ListPaymentsRequest())
    assert told.pagination == common.Pagination(page=1, per_page=20, total=total, total_pages=pages)
    assert told.next_page_token == ""


def test_a_page_behind_a_token_does_not_count() -> None:
    """It says how to go on, and not how many there are."""
    request = pb.ListPaymentsRequest(per_page=1)
    asked = replace(convert.query(request), after=Cursor(an_id(9)))
    told = convert.page(Page((a_payment(),), None, Cursor(an_id(1))), asked, request)
    assert not told.HasField("pagination")
    assert [one.id for one in told.data] == [str(an_id(1))]
    following = pb.ListPaymentsRequest(per_page=5, page_token=told.next_page_token)
    assert convert.query(following).after == Cursor(an_id(1))


@pytest.mark.parametrize("kind", PaymentMethodKind)
def test_a_payment_method_without_a_card_shows_its_kind_alone(kind: PaymentMethodKind) -> None:
    """As the document's Alipay payments do."""
    told = convert.payment(replace(a_payment(), method=kind)).payment_method
    assert methods.PaymentMethodType.Name(told.type) == f"PAYMENT_METHOD_TYPE_{kind.upper()}"
    assert not told.HasField("card")
