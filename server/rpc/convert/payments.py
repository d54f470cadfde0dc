"""Payments, between the contract and the domain."""

from server.domain.errors import PaymentNotFound
from server.domain.listing import Page, PaymentFilter, PaymentQuery, PaymentSort
from server.domain.money import Money, parse_common_units
from server.domain.outcomes import NextAction, NextActionKind
from server.domain.payment import CaptureMethod, ConfirmationMethod, Payment, PaymentStatus
from server.domain.resolution import Resolution, Verdict
from server.operations.commands import CapturePayment, CreatePayment
from server.rpc.convert.choices import CAPTURE_NUMBERS, CAPTURES, CONFIRMATION_NUMBERS, CONFIRMATIONS
from server.rpc.convert.disputes import dispute
from server.rpc.convert.fields import moment, numbers_of, optional_uuid, timestamp, uuid_or, words_of
from server.rpc.convert.page_tokens import cursor_of, page_token
from server.rpc.convert.pages import PER_PAGE, pagination
from server.rpc.convert.payment_methods import details, instrument
from server.rpc.convert.refunds import refund
from sycee.v1 import common_pb2 as common
from sycee.v1 import payment_service_pb2 as pb

_STATUS_NUMBERS = numbers_of(PaymentStatus, pb.PaymentStatus, "PAYMENT_STATUS")
_STATUSES = words_of(PaymentStatus, pb.PaymentStatus, "PAYMENT_STATUS")
_SORTS = words_of(PaymentSort, pb.PaymentSort, "PAYMENT_SORT")
_ACTION_NUMBERS = numbers_of(NextActionKind, common.NextActionType, "NEXT_ACTION_TYPE")
_VERDICTS = words_of(Verdict, pb.PaymentResolution, "PAYMENT_RESOLUTION")


def payment(stored: Payment) -> pb.Payment:
    """A payment as callers see it."""
    currency = stored.money.currency
    return pb.Payment(
        id=str(stored.id),
        order_id=str(stored.order_id) if stored.order_id else None,
        amount=str(stored.money),
        currency=currency,
        status=_STATUS_NUMBERS[stored.status],
        gateway=stored.gateway,
        gateway_payment_id=stored.gateway_payment_id,
        payment_method=details(stored.method, stored.card),
        description=stored.description,
        receipt_email=stored.receipt_email,
        receipt_url=stored.receipt_url,
        captured=stored.captured,
        capture_method=CAPTURE_NUMBERS[stored.capture_method],
        confirmation_method=CONFIRMATION_NUMBERS[stored.confirmation_method],
        customer_id=str(stored.customer_id) if stored.customer_id else None,
        refunded_amount=str(Money(stored.refunded_minor, currency)),
        refunds=[refund(each) for each in stored.refunds],
        dispute=dispute(stored.dispute) if stored.dispute else None,
        metadata=dict(stored.metadata),
        created_at=timestamp(stored.created_at),
        updated_at=timestamp(stored.updated_at),
        captured_at=timestamp(stored.captured_at) if stored.captured_at else None,
        captured_amount=str(Money(stored.captured_minor, currency)),
        reference=stored.reference,
        next_action=next_action(stored.next_action) if stored.next_action else None,
        failure_code=stored.failure_code,
        failure_message=stored.failure_message,
        expires_at=timestamp(stored.expires_at) if stored.expires_at else None,
        canceled_at=timestamp(stored.canceled_at) if stored.canceled_at else None,
    )


def snapshot(stored: Payment) -> bytes:
    """A payment as an event keeps it."""
    return payment(stored).SerializeToString()


def next_action(action: NextAction) -> common.NextAction:
    """What the customer must do."""
    return common.NextAction(
        type=_ACTION_NUMBERS[action.kind],
        redirect_url=action.url if action.kind is NextActionKind.REDIRECT else None,
        qr_code_url=action.url if action.kind is NextActionKind.DISPLAY_QR_CODE else None,
        parameters=dict(action.parameters),
    )


def create_command(request: pb.CreatePaymentRequest) -> CreatePayment:
    """A wish to be paid. Raises InvalidPaymentMethod when the payment method's parts do not fit its type."""
    return CreatePayment(
        amount=request.amount,
        currency=request.currency,
        instrument=instrument(request.payment_method),
        gateway=request.gateway or None,
        capture_method=CAPTURES.get(request.capture_method, CaptureMethod.AUTOMATIC),
        confirmation_method=CONFIRMATIONS.get(request.confirmation_method, ConfirmationMethod.AUTOMATIC),
        order_id=optional_uuid(request.order_id),
        customer_id=optional_uuid(request.customer_id),
        description=request.description if request.HasField("description") else None,
        receipt_email=request.receipt_email or None,
        return_url=request.return_url or None,
        cancel_url=request.cancel_url or None,
        metadata=dict(request.metadata),
    )


def capture_command(request: pb.CapturePaymentRequest) -> CapturePayment:
    """What to capture. Raises PaymentNotFound for an id that is none."""
    return CapturePayment(
        uuid_or(request.id, PaymentNotFound()), request.amount if request.HasField("amount") else None
    )


def resolution(request: pb.ResolvePaymentRequest) -> Resolution:
    """An operator's verdict."""
    return Resolution(_VERDICTS[request.resolution], request.evidence, request.gateway_payment_id or None)


def query(request: pb.ListPaymentsRequest) -> PaymentQuery:
    """Which page of which payments. Raises ValidationError for a token of another list and for a time or an amount that is none."""
    wanted = PaymentFilter(
        order_id=optional_uuid(request.order_id),
        customer_id=optional_uuid(request.customer_id),
        gateway=request.gateway if request.HasField("gateway") else None,
        status=_STATUSES[request.status] if request.HasField("status") else None,
        min_common_units=parse_common_units(request.min_amount, "min_amount")
        if request.HasField("min_amount")
        else None,
        max_common_units=parse_common_units(request.max_amount, "max_amount")
        if request.HasField("max_amount")
        else None,
        created_after=moment(request.created_after, "created_after") if request.HasField("created_after") else None,
        created_before=moment(request.created_before, "created_before") if request.HasField("created_before") else None,
    )
    return PaymentQuery(
        filter=wanted,
        sort=_SORTS.get(request.sort, PaymentSort.CREATED_AT),
        descending=request.order != common.SORT_ORDER_ASC,
        page=request.page or 1,
        per_page=request.per_page or PER_PAGE,
        after=cursor_of(request.page_token, request) if request.page_token else None,
    )


def page(found: Page[Payment], asked: PaymentQuery, request: pb.ListPaymentsRequest) -> pb.ListPaymentsResponse:
    """A page of payments with where it stands and how to go on."""
    return pb.ListPaymentsResponse(
        data=[payment(item) for item in found.items],
        pagination=pagination(asked.page, asked.per_page, found.total),
        next_page_token=page_token(found.next, request),
    )
