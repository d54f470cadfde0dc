"""Events, between the contract and the domain; and as webhooks carry them."""

from uuid import UUID

import orjson
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from codec.codec import JsonCodec
from codec.times import Rfc3339Times
from server.domain.errors import EventNotFound, ValidationError
from server.domain.events import SUBSCRIBABLE, Event
from server.domain.ids import prefixed, unprefixed
from server.domain.listing import EventFilter, EventQuery, Page
from server.operations.event_watching import Watch
from server.rpc.convert.fields import moment, timestamp
from server.rpc.convert.page_tokens import cursor_of, page_token
from server.rpc.convert.pages import PER_PAGE, pagination
from sycee.v1 import webhook_service_pb2 as pb

_PREFIX = "evt"
_WRITE = JsonCodec(Rfc3339Times()).writer(pb.Event.DESCRIPTOR)

# The object of an event is named by the first part of the event's type.
_OBJECTS: dict[str, type[Message]] = {
    field.name: GetMessageClass(field.message_type)
    for field in pb.EventData.DESCRIPTOR.oneofs_by_name["object"].fields
    if field.message_type is not None
}


def event(stored: Event) -> pb.Event:
    """An event as callers see it."""
    kind = stored.type.value.partition(".")[0]
    data = pb.EventData(**{kind: _OBJECTS[kind].FromString(stored.payload)})  # type: ignore[arg-type]  # the table's classes are the fields' own
    return pb.Event(
        id=prefixed(_PREFIX, stored.id),
        type=stored.type.value,
        created_at=timestamp(stored.created_at),
        sequence=stored.sequence,
        data=data,
    )


def body(stored: Event) -> bytes:
    """An event as a webhook carries it, the same JSON that REST answers; the same bytes each time."""
    return orjson.dumps(_WRITE(event(stored)))


def event_id(text: str) -> UUID:
    """An event's id from a request. Raises EventNotFound for what is none."""
    found = unprefixed(text, _PREFIX)
    if found is None:
        raise EventNotFound
    return found


def event_type(text: str, field: str) -> str:
    """A type of events. Raises ValidationError naming `field`."""
    if text not in SUBSCRIBABLE:
        raise ValidationError(field, "there is no such type of event")
    return text


def query(request: pb.ListEventsRequest) -> EventQuery:
    """Which page of which events. Raises ValidationError naming a filter that does not parse."""
    wanted = EventFilter(
        type=event_type(request.type, "type") if request.HasField("type") else None,
        object_id=_object_id(request.object_id) if request.HasField("object_id") else None,
        created_after=moment(request.created_after, "created_after") if request.HasField("created_after") else None,
        created_before=moment(request.created_before, "created_before") if request.HasField("created_before") else None,
    )
    return EventQuery(
        filter=wanted,
        page=request.page or 1,
        per_page=request.per_page or PER_PAGE,
        after=cursor_of(request.page_token, request) if request.page_token else None,
    )


def page(found: Page[Event], asked: EventQuery, request: pb.ListEventsRequest) -> pb.ListEventsResponse:
    """A page of events with where it stands and how to go on."""
    return pb.ListEventsResponse(
        data=[event(item) for item in found.items],
        pagination=pagination(asked.page, asked.per_page, found.total),
        next_page_token=page_token(found.next, request),
    )


def watch(request: pb.WatchEventsRequest) -> Watch:
    """What to watch. Raises EventNotFound for a cursor that is none, ValidationError."""
    types = [event_type(name, f"types[{place}]") for place, name in enumerate(request.types)]
    return Watch(
        cursor=event_id(request.cursor) if request.cursor else None,
        created_after=moment(request.created_after, "created_after") if request.HasField("created_after") else None,
        types=frozenset(types),
    )


def _object_id(text: str) -> UUID:
    """All objects of events are UUIDs."""
    try:
        return UUID(text)
    except ValueError:
        raise ValidationError("object_id", "must be a UUID") from None
