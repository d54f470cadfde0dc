"""Webhook endpoints and deliveries, between the contract and the domain."""

from datetime import timedelta
from uuid import UUID

from server.domain.errors import WebhookEndpointNotFound
from server.domain.ids import prefixed, unprefixed
from server.domain.listing import DeliveryQuery, EndpointQuery, Page
from server.domain.webhook import DeliveryStatus, EndpointStatus, WebhookDelivery, WebhookEndpoint
from server.operations.webhook_commands import CreateWebhookEndpoint, RedeliverEvents, UpdateWebhookEndpoint
from server.operations.webhook_endpoints import ShownOnce
from server.rpc.convert.events import event_id, event_type
from server.rpc.convert.fields import moment, numbers_of, timestamp, words_of
from server.rpc.convert.page_tokens import cursor_of, page_token
from server.rpc.convert.pages import PER_PAGE, pagination
from sycee.v1 import webhook_service_pb2 as pb

_STATUS_NUMBERS = numbers_of(EndpointStatus, pb.WebhookEndpointStatus, "WEBHOOK_ENDPOINT_STATUS")
_STATUSES = words_of(EndpointStatus, pb.WebhookEndpointStatus, "WEBHOOK_ENDPOINT_STATUS")
_DELIVERY_NUMBERS = numbers_of(DeliveryStatus, pb.WebhookDeliveryStatus, "WEBHOOK_DELIVERY_STATUS")
_DELIVERY_STATUSES = words_of(DeliveryStatus, pb.WebhookDeliveryStatus, "WEBHOOK_DELIVERY_STATUS")

_PREFIX = "we"
_A_DAY = timedelta(days=1)


def endpoint(stored: WebhookEndpoint, secret: str | None = None) -> pb.WebhookEndpoint:
    """An endpoint as callers see it, with its secret the once that it is shown."""
    return pb.WebhookEndpoint(
        id=prefixed(_PREFIX, stored.id),
        url=stored.url,
        events=stored.events,
        status=_STATUS_NUMBERS[stored.status],
        secret=secret,
        created_at=timestamp(stored.created_at),
    )


def shown_once(shown: ShownOnce) -> pb.WebhookEndpoint:
    """An endpoint with its new secret."""
    return endpoint(shown.endpoint, shown.secret)


def snapshot(stored: WebhookEndpoint) -> bytes:
    """An endpoint as a test event carries it."""
    return endpoint(stored).SerializeToString()


def delivery(stored: WebhookDelivery) -> pb.WebhookDelivery:
    """A delivery as callers see it."""
    waits = stored.status is DeliveryStatus.PENDING
    return pb.WebhookDelivery(
        id=str(stored.id),
        endpoint_id=prefixed(_PREFIX, stored.endpoint_id),
        event_id=prefixed("evt", stored.event_id),
        event_type=stored.event_type,
        status=_DELIVERY_NUMBERS[stored.status],
        attempts=stored.attempts,
        response_status=stored.response_status,
        failure_reason=stored.failure_reason,
        next_attempt_at=timestamp(stored.due_at) if waits else None,
        attempted_at=timestamp(stored.attempted_at) if stored.attempted_at else None,
        created_at=timestamp(stored.created_at),
    )


def endpoint_id(text: str) -> UUID:
    """An endpoint's id from a request. Raises WebhookEndpointNotFound for what is none."""
    found = unprefixed(text, _PREFIX)
    if found is None:
        raise WebhookEndpointNotFound
    return found


def create_command(request: pb.CreateWebhookEndpointRequest) -> CreateWebhookEndpoint:
    """Where to send what."""
    return CreateWebhookEndpoint(request.url, tuple(request.events))


def update_command(request: pb.UpdateWebhookEndpointRequest) -> UpdateWebhookEndpoint:
    """What to change. Raises WebhookEndpointNotFound for an id that is none."""
    return UpdateWebhookEndpoint(
        id=endpoint_id(request.id),
        url=request.url if request.HasField("url") else None,
        events=tuple(request.events),
        status=_STATUSES[request.status] if request.HasField("status") else None,
    )


def overlap(request: pb.RotateWebhookEndpointSecretRequest) -> timedelta:
    """For how long the old secret signs as well."""
    return timedelta(seconds=request.overlap_seconds) if request.HasField("overlap_seconds") else _A_DAY


def redelivery_command(request: pb.RedeliverEventsRequest) -> RedeliverEvents:
    """Which events to send again. Raises WebhookEndpointNotFound for an id that is none, ValidationError."""
    return RedeliverEvents(
        created_after=moment(request.created_after, "created_after"),
        created_before=moment(request.created_before, "created_before") if request.HasField("created_before") else None,
        type=event_type(request.type, "type") if request.HasField("type") else None,
        endpoint_id=endpoint_id(request.endpoint_id) if request.HasField("endpoint_id") else None,
        failed_only=request.failed_only,
    )


def endpoint_query(request: pb.ListWebhookEndpointsRequest) -> EndpointQuery:
    """Which page of endpoints. Raises ValidationError for a token of another list."""
    return EndpointQuery(
        page=request.page or 1,
        per_page=request.per_page or PER_PAGE,
        after=cursor_of(request.page_token, request) if request.page_token else None,
    )


def endpoint_page(
    found: Page[WebhookEndpoint], asked: EndpointQuery, request: pb.ListWebhookEndpointsRequest
) -> pb.ListWebhookEndpointsResponse:
    """A page of endpoints with where it stands and how to go on."""
    return pb.ListWebhookEndpointsResponse(
        data=[endpoint(item) for item in found.items],
        pagination=pagination(asked.page, asked.per_page, found.total),
        next_page_token=page_token(found.next, request),
    )


def delivery_query(request: pb.ListWebhookDeliveriesRequest) -> DeliveryQuery:
    """Which page of an endpoint's deliveries. Raises WebhookEndpointNotFound, EventNotFound for ids that are none, ValidationError for a token of another list."""
    return DeliveryQuery(
        endpoint_id=endpoint_id(request.id),
        status=_DELIVERY_STATUSES[request.status] if request.HasField("status") else None,
        event_id=event_id(request.event_id) if request.HasField("event_id") else None,
        page=request.page or 1,
        per_page=request.per_page or PER_PAGE,
        after=cursor_of(request.page_token, request) if request.page_token else None,
    )


def delivery_page(
    found: Page[WebhookDelivery], asked: DeliveryQuery, request: pb.ListWebhookDeliveriesRequest
) -> pb.ListWebhookDeliveriesResponse:
    """A page of deliveries with where it stands and how to go on."""
    return pb.ListWebhookDeliveriesResponse(
        data=[delivery(item) for item in found.items],
        pagination=pagination(asked.page, asked.per_page, found.total),
        next_page_token=page_token(found.next, request),
    )
