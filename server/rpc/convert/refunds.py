"""Refunds, between the contract and the domain."""

from server.domain.errors import PaymentNotFound
from server.domain.listing import Page, RefundQuery
from server.domain.refund import Refund, RefundReason, RefundStatus
from server.domain.refund_resolution import RefundResolution, RefundVerdict
from server.operations.commands import CreateRefund
from server.rpc.convert.fields import numbers_of, timestamp, uuid_or, words_of
from server.rpc.convert.page_tokens import cursor_of, page_token
from server.rpc.convert.pages import PER_PAGE, pagination
from sycee.v1 import refund_service_pb2 as pb

_STATUS_NUMBERS = numbers_of(RefundStatus, pb.RefundStatus, "REFUND_STATUS")
_REASON_NUMBERS = numbers_of(RefundReason, pb.RefundReason, "REFUND_REASON")
_VERDICTS = words_of(RefundVerdict, pb.RefundResolution, "REFUND_RESOLUTION")
_REASONS = words_of(RefundReason, pb.RefundReason, "REFUND_REASON")


def refund(stored: Refund) -> pb.Refund:
    """A refund as callers see it."""
    return pb.Refund(
        id=str(stored.id),
        payment_id=str(stored.payment_id),
        amount=str(stored.money),
        currency=stored.money.currency,
        status=_STATUS_NUMBERS[stored.status],
        reason=_REASON_NUMBERS[stored.reason] if stored.reason else None,
        gateway_refund_id=stored.gateway_refund_id,
        failure_reason=stored.failure_reason,
        metadata=dict(stored.metadata),
        created_at=timestamp(stored.created_at),
        updated_at=timestamp(stored.updated_at),
    )


def snapshot(stored: Refund) -> bytes:
    """A refund as an event keeps it."""
    return refund(stored).SerializeToString()


def create_command(request: pb.CreateRefundRequest) -> CreateRefund:
    """What to return. Raises PaymentNotFound for an id that is none."""
    return CreateRefund(
        payment_id=uuid_or(request.payment_id, PaymentNotFound()),
        amount=request.amount if request.HasField("amount") else None,
        reason=_REASONS[request.reason] if request.HasField("reason") else None,
        metadata=dict(request.metadata),
    )


def resolution(request: pb.ResolveRefundRequest) -> RefundResolution:
    """An operator's verdict."""
    return RefundResolution(_VERDICTS[request.resolution], request.evidence, request.gateway_refund_id or None)


def query(request: pb.ListRefundsRequest) -> RefundQuery:
    """Which page of a payment's refunds. Raises PaymentNotFound for an id that is none, ValidationError for a token of another list."""
    return RefundQuery(
        payment_id=uuid_or(request.payment_id, PaymentNotFound()),
        page=request.page or 1,
        per_page=request.per_page or PER_PAGE,
        after=cursor_of(request.page_token, request) if request.page_token else None,
    )


def page(found: Page[Refund], asked: RefundQuery, request: pb.ListRefundsRequest) -> pb.ListRefundsResponse:
    """A page of refunds with where it stands and how to go on."""
    return pb.ListRefundsResponse(
        data=[refund(item) for item in found.items],
        pagination=pagination(asked.page, asked.per_page, found.total),
        next_page_token=page_token(found.next, request),
    )
