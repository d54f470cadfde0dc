"""Saved payment methods, between the contract and the domain."""

from uuid import UUID

from server.domain.errors import InvalidPaymentMethod
from server.domain.gateway import Instrument
from server.domain.ids import prefixed
from server.domain.listing import Page, SavedMethodQuery
from server.domain.payment import PaymentMethodKind
from server.domain.saved_method import SavedMethod
from server.operations.commands import SaveMethod
from server.rpc.convert.fields import timestamp
from server.rpc.convert.page_tokens import cursor_of, page_token
from server.rpc.convert.pages import PER_PAGE, pagination
from server.rpc.convert.payment_methods import KINDS, PREFIX, card_details, kind_number, raw_card
from sycee.v1 import payment_method_service_pb2 as pb


def method(stored: SavedMethod) -> pb.PaymentMethod:
    """A payment method as callers see it."""
    return pb.PaymentMethod(
        id=method_name(stored.id),
        customer_id=str(stored.customer_id),
        type=kind_number(stored.kind),
        card=None if stored.card is None else card_details(stored.card),
        is_default=stored.is_default,
        created_at=timestamp(stored.created_at),
    )


def method_name(id: UUID) -> str:
    """What callers call a payment method."""
    return prefixed(PREFIX, id)


def save_command(request: pb.CreatePaymentMethodRequest) -> SaveMethod:
    """What to keep. Raises InvalidPaymentMethod when the parts do not fit the type."""
    kind = KINDS[request.type]
    if kind is PaymentMethodKind.CARD and request.HasField("card") == request.HasField("token"):
        raise InvalidPaymentMethod("card", "give exactly one of card and token")
    if kind is not PaymentMethodKind.CARD and request.HasField("card"):
        raise InvalidPaymentMethod("card", f"does not belong to a {kind.value}")
    instrument = Instrument(
        kind,
        card=raw_card(request.card) if request.HasField("card") else None,
        token=request.token if request.HasField("token") else None,
    )
    return SaveMethod(
        customer_id=UUID(request.customer_id), instrument=instrument, set_as_default=request.set_as_default
    )


def query(request: pb.ListPaymentMethodsRequest) -> SavedMethodQuery:
    """Which page of whose payment methods. Raises ValidationError for a token of another list."""
    return SavedMethodQuery(
        customer_id=UUID(request.customer_id),
        page=request.page or 1,
        per_page=request.per_page or PER_PAGE,
        after=cursor_of(request.page_token, request) if request.page_token else None,
    )


def page(
    found: Page[SavedMethod], asked: SavedMethodQuery, request: pb.ListPaymentMethodsRequest
) -> pb.ListPaymentMethodsResponse:
    """A page of payment methods with where it stands and how to go on."""
    return pb.ListPaymentMethodsResponse(
        data=[method(item) for item in found.items],
        pagination=pagination(asked.page, asked.per_page, found.total),
        next_page_token=page_token(found.next, request),
    )
