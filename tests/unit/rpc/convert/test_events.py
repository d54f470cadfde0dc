"""Events in the contract's words, each with its own kind of object; and requests about them."""

import json
from typing import Any

import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from server.domain.errors import EventNotFound, ValidationError
from server.domain.events import Event, EventType
from server.domain.ids import prefixed
from server.domain.listing import Cursor, EventFilter, EventQuery, Page
from server.operations.event_watching import Watch
from server.rpc.convert import events as convert
from sycee.v1 import dispute_service_pb2 as disputes
from sycee.v1 import payment_service_pb2 as payments
from sycee.v1 import payout_service_pb2 as payouts
from sycee.v1 import refund_service_pb2 as refunds
from sycee.v1 import webhook_service_pb2 as pb
from tests.builders import NOON, an_id

OBJECTS: dict[str, Any] = {
    "payment": payments.Payment(id="p", amount="59.49"),
    "refund": refunds.Refund(id="r", amount="1.00"),
    "dispute": disputes.Dispute(id="d"),
    "payout": payouts.Payout(id="o"),
    "webhook_endpoint": pb.WebhookEndpoint(id="w"),
}
AN_HOUR = 3600
NOON_STAMP = Timestamp(seconds=int(NOON.timestamp()))


def an_event(kind: EventType) -> Event:
    payload = OBJECTS[kind.value.partition(".")[0]].SerializeToString()
    return Event(an_id(7), "default", kind, an_id(1), 3, payload, NOON, position=9)


@pytest.mark.parametrize("kind", EventType)
def test_an_event_carries_the_object_of_its_type(kind: EventType) -> None:
    """Whole, as it was kept; every type has one."""
    told = convert.event(an_event(kind))
    name = kind.value.partition(".")[0]
    assert told.data.WhichOneof("object") == name
    assert getattr(told.data, name) == OBJECTS[name]
    assert (told.id, told.type, told.sequence, told.created_at) == (
        prefixed("evt", an_id(7)),
        kind.value,
        3,
        NOON_STAMP,
    )


@pytest.mark.parametrize("kind", EventType)
def test_a_webhook_has_exactly_the_documented_fields(kind: EventType) -> None:
    """`sequence` is a number, and the object stands under `data.object`."""
    body = json.loads(convert.body(an_event(kind)))
    assert {name: body[name] for name in body if name != "data"} == {
        "id": prefixed("evt", an_id(7)),
        "type": kind.value,
        "created_at": "2024-01-15T12:00:00Z",
        "sequence": 3,
    }
    assert list(body["data"]) == ["object"]
    assert body["data"]["object"]["id"] == OBJECTS[kind.value.partition(".")[0]].id
    assert convert.body(an_event(kind)) == convert.body(an_event(kind))


@pytest.mark.parametrize(
    "text", ["", "evt_", "evt_1", str(an_id(7)), f"evt_{an_id(7)}", f"we_{an_id(7).hex}", f"EVT_{an_id(7).hex}"]
)
def test_what_is_no_id_of_an_event_names_none(text: str) -> None:
    """In any other form than ours."""
    with pytest.raises(EventNotFound):
        convert.event_id(text)
    assert convert.event_id(f"evt_{an_id(7).hex}") == an_id(7)


def test_every_filter_is_heard() -> None:
    """And what is absent does not filter."""
    request = pb.ListEventsRequest(
        page=2,
        per_page=5,
        type="refund.failed",
        object_id=str(an_id(1)),
        created_after=NOON_STAMP,
        created_before=Timestamp(seconds=NOON_STAMP.seconds + AN_HOUR),
    )
    wanted = convert.query(request)
    assert (wanted.page, wanted.per_page, wanted.filter.type, wanted.filter.object_id) == (
        *(2, 5, "refund.failed"),
        an_id(1),
    )
    assert wanted.filter.created_after == NOON
    assert (wanted.filter.created_before or NOON) > NOON
    assert convert.query(pb.ListEventsRequest()) == EventQuery(EventFilter())


@pytest.mark.parametrize(
    ("request_", "field"),
    [
        (pb.ListEventsRequest(type="payment"), "type"),
        (pb.ListEventsRequest(type="webhook_endpoint.test"), "type"),
        (pb.ListEventsRequest(object_id="1"), "object_id"),
        (pb.ListEventsRequest(page_token="x"), "page_token"),
    ],
)
def test_a_filter_that_does_not_parse_is_named(request_: pb.ListEventsRequest, field: str) -> None:
    """By its field."""
    with pytest.raises(ValidationError) as refused:
        convert.query(request_)
    assert refused.value.field == field


def test_a_page_goes_on_where_it_ended() -> None:
    """Its token belongs to its filters alone."""
    request = pb.ListEventsRequest(type="payment.created", per_page=1)
    answered = convert.page(
        Page((an_event(EventType.PAYMENT_CREATED),), 4, Cursor(an_id(7))), convert.query(request), request
    )
    assert (answered.pagination.total, answered.pagination.total_pages) == (4, 4)
    following = pb.ListEventsRequest(type="payment.created", page_token=answered.next_page_token)
    assert convert.query(following).after == Cursor(an_id(7))
    with pytest.raises(ValidationError):
        convert.query(pb.ListEventsRequest(page_token=answered.next_page_token))


def test_what_to_watch() -> None:
    """From a cursor or a time, all types or some; one that does not exist is named by its place."""
    cursor = prefixed("evt", an_id(7))
    assert convert.watch(pb.WatchEventsRequest(cursor=cursor)) == Watch(cursor=an_id(7))
    request = pb.WatchEventsRequest(created_after=NOON_STAMP, types=["payment.created"])
    assert convert.watch(request) == Watch(created_after=NOON, types=frozenset({"payment.created"}))
    with pytest.raises(ValidationError, match=r"^types\[1\]"):
        convert.watch(pb.WatchEventsRequest(types=["payment.created", "x"]))
