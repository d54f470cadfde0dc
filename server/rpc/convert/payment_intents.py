"""Payment intents, between the contract and the domain."""

from server.domain.errors import PaymentIntentNotFound
from server.domain.listing import IntentFilter, IntentQuery, Page
from server.domain.payment import CaptureMethod, ConfirmationMethod, FutureUsage
from server.domain.payment_intent import IntentStatus, PaymentIntent
from server.operations.commands import ConfirmIntent, CreateIntent
from server.rpc.convert.choices import CAPTURE_NUMBERS, CAPTURES, CONFIRMATION_NUMBERS, CONFIRMATIONS
from server.rpc.convert.fields import moment, numbers_of, optional_uuid, timestamp, uuid_or, words_of
from server.rpc.convert.page_tokens import cursor_of, page_token
from server.rpc.convert.pages import PER_PAGE, pagination
from server.rpc.convert.payment_methods import method_id
from server.rpc.convert.payments import next_action
from server.rpc.convert.saved_methods import method_name
from sycee.v1 import payment_intent_service_pb2 as pb

_STATUS_NUMBERS = numbers_of(IntentStatus, pb.PaymentIntentStatus, "PAYMENT_INTENT_STATUS")
_STATUSES = words_of(IntentStatus, pb.PaymentIntentStatus, "PAYMENT_INTENT_STATUS")
_USAGE_NUMBERS = numbers_of(FutureUsage, pb.SetupFutureUsage, "SETUP_FUTURE_USAGE")
_USAGES = words_of(FutureUsage, pb.SetupFutureUsage, "SETUP_FUTURE_USAGE")


def intent(stored: PaymentIntent) -> pb.PaymentIntent:
    """An intent as callers see it."""
    usage, error = stored.setup_future_usage, stored.error
    return pb.PaymentIntent(
        id=str(stored.id),
        amount=str(stored.money),
        currency=stored.money.currency,
        status=_STATUS_NUMBERS[stored.status],
        gateway=stored.gateway,
        gateway_payment_id=stored.gateway_payment_id,
        payment_id=str(stored.payment_id) if stored.payment_id else None,
        customer_id=str(stored.customer_id) if stored.customer_id else None,
        payment_method=method_name(stored.method_id) if stored.method_id else None,
        confirmation_method=CONFIRMATION_NUMBERS[stored.confirmation_method],
        capture_method=CAPTURE_NUMBERS[stored.capture_method],
        setup_future_usage=_USAGE_NUMBERS[usage] if usage else None,
        next_action=next_action(stored.next_action) if stored.next_action else None,
        last_error=pb.PaymentIntentError(code=error.code, message=error.message) if error else None,
        metadata=dict(stored.metadata),
        created_at=timestamp(stored.created_at),
        updated_at=timestamp(stored.updated_at),
        canceled_at=timestamp(stored.canceled_at) if stored.canceled_at else None,
    )


def create_command(request: pb.CreatePaymentIntentRequest) -> CreateIntent:
    """A wish to be paid in several steps. Raises PaymentMethodNotFound for a payment method's id that is none."""
    return CreateIntent(
        amount=request.amount,
        currency=request.currency,
        gateway=request.gateway or None,
        customer_id=optional_uuid(request.customer_id),
        method_id=method_id(request.payment_method) if request.HasField("payment_method") else None,
        capture_method=CAPTURES.get(request.capture_method, CaptureMethod.AUTOMATIC),
        confirmation_method=CONFIRMATIONS.get(request.confirmation_method, ConfirmationMethod.AUTOMATIC),
        setup_future_usage=_USAGES[request.setup_future_usage] if request.HasField("setup_future_usage") else None,
        return_url=request.return_url or None,
        metadata=dict(request.metadata),
    )


def confirm_command(request: pb.ConfirmPaymentIntentRequest) -> ConfirmIntent:
    """What to confirm. Raises PaymentIntentNotFound and PaymentMethodNotFound for ids that are none."""
    return ConfirmIntent(
        intent_id=uuid_or(request.id, PaymentIntentNotFound()),
        method_id=method_id(request.payment_method) if request.HasField("payment_method") else None,
        return_url=request.return_url or None,
    )


def query(request: pb.ListPaymentIntentsRequest) -> IntentQuery:
    """Which page of which intents. Raises ValidationError for a token of another list and for a time that is none."""
    return IntentQuery(
        filter=IntentFilter(
            customer_id=optional_uuid(request.customer_id),
            gateway=request.gateway if request.HasField("gateway") else None,
            status=_STATUSES[request.status] if request.HasField("status") else None,
            created_after=moment(request.created_after, "created_after") if request.HasField("created_after") else None,
            created_before=moment(request.created_before, "created_before")
            if request.HasField("created_before")
            else None,
        ),
        page=request.page or 1,
        per_page=request.per_page or PER_PAGE,
        after=cursor_of(request.page_token, request) if request.page_token else None,
    )


def page(
    found: Page[PaymentIntent], asked: IntentQuery, request: pb.ListPaymentIntentsRequest
) -> pb.ListPaymentIntentsResponse:
    """A page of intents with where it stands and how to go on."""
    return pb.ListPaymentIntentsResponse(
        data=[intent(item) for item in found.items],
        pagination=pagination(asked.page, asked.per_page, found.total),
        next_page_token=page_token(found.next, request),
    )
