"""Payouts, between the contract and the domain."""

from datetime import UTC, date, datetime, time

from server.domain.errors import ValidationError
from server.domain.listing import Page, PayoutFilter, PayoutQuery
from server.domain.payout import Payout, PayoutStatus
from server.operations.commands import CreatePayout
from server.rpc.convert.fields import numbers_of, timestamp, words_of
from server.rpc.convert.page_tokens import cursor_of, page_token
from server.rpc.convert.pages import PER_PAGE, pagination
from sycee.v1 import payout_service_pb2 as pb

_STATUS_NUMBERS = numbers_of(PayoutStatus, pb.PayoutStatus, "PAYOUT_STATUS")
_STATUSES = words_of(PayoutStatus, pb.PayoutStatus, "PAYOUT_STATUS")

_DEFAULT_GATEWAY = "stripe"


def payout(stored: Payout) -> pb.Payout:
    """A payout as callers see it."""
    return pb.Payout(
        id=str(stored.id),
        amount=str(stored.money),
        currency=stored.money.currency,
        status=_STATUS_NUMBERS[stored.status],
        gateway=stored.gateway,
        gateway_payout_id=stored.gateway_payout_id,
        arrival_date=stored.arrival_date.isoformat() if stored.arrival_date else None,
        failure_reason=stored.failure_reason,
        created_at=timestamp(stored.created_at),
        updated_at=timestamp(stored.updated_at),
    )


def snapshot(stored: Payout) -> bytes:
    """A payout as an event keeps it."""
    return payout(stored).SerializeToString()


def create_command(request: pb.CreatePayoutRequest) -> CreatePayout:
    """A payout to make, through Stripe unless the caller says otherwise."""
    gateway = request.gateway if request.HasField("gateway") else _DEFAULT_GATEWAY
    return CreatePayout(amount=request.amount, currency=request.currency, gateway=gateway)


def query(request: pb.ListPayoutsRequest) -> PayoutQuery:
    """Which page of which payouts. Raises ValidationError for a token of another list and for a day that is none."""
    wanted = PayoutFilter(
        status=_STATUSES[request.status] if request.HasField("status") else None,
        gateway=request.gateway if request.HasField("gateway") else None,
        created_from=_start_of(request.date_after, "date_after") if request.HasField("date_after") else None,
        created_before=_start_of(request.date_before, "date_before") if request.HasField("date_before") else None,
    )
    return PayoutQuery(
        filter=wanted,
        page=request.page or 1,
        per_page=request.per_page or PER_PAGE,
        after=cursor_of(request.page_token, request) if request.page_token else None,
    )


def page(found: Page[Payout], asked: PayoutQuery, request: pb.ListPayoutsRequest) -> pb.ListPayoutsResponse:
    """A page of payouts with where it stands and how to go on."""
    return pb.ListPayoutsResponse(
        data=[payout(item) for item in found.items],
        pagination=pagination(asked.page, asked.per_page, found.total),
        next_page_token=page_token(found.next, request),
    )


def _start_of(day: str, field: str) -> datetime:
    """The start of a day in UTC. Raises ValidationError for one that no calendar has; its form was checked by the contract's rules."""
    try:
        return datetime.combine(date.fromisoformat(day), time(), UTC)
    except ValueError:
        raise ValidationError(field, "is no day of the calendar") from None
