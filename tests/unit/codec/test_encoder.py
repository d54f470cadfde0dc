"""Messages as the documented JSON."""

import json
from zoneinfo import ZoneInfo

from google.protobuf.timestamp_pb2 import Timestamp

from codec.codec import JsonCodec
from codec.facts import descriptor_of
from codec.times import LocalTimes, Rfc3339Times
from sycee.v1.common_pb2 import NEXT_ACTION_TYPE_REDIRECT, NextAction, Pagination
from sycee.v1.order_service_pb2 import ORDER_STATUS_PAID, Checkout, ListOrdersResponse, Order
from sycee.v1.payment_service_pb2 import PAYMENT_STATUS_SUCCEEDED, ListPaymentsResponse, Payment
from sycee.v1.webhook_service_pb2 import Event, EventData, WebhookEndpoint

V1 = JsonCodec(Rfc3339Times())
MALL = JsonCodec(LocalTimes(ZoneInfo("Asia/Shanghai")))


def test_every_documented_field_is_present() -> None:
    """Absent values are null, empty lists and maps are empty, an unspecified enum is null."""
    shown = json.loads(V1.encode(Payment(id="a", status=PAYMENT_STATUS_SUCCEEDED)))
    assert list(shown) == [field.name for field in descriptor_of(Payment).fields]
    assert shown["status"] == "succeeded"
    assert shown["captured"] is False
    assert shown["refunds"] == []
    assert shown["metadata"] == {}
    for name in ("order_id", "payment_method", "dispute", "captured_at", "created_at", "next_action", "capture_method"):
        assert shown[name] is None


def test_what_is_grpcs_alone_is_not_shown() -> None:
    """A page carries exactly the two documented keys."""
    page = ListPaymentsResponse(
        pagination=Pagination(page=1, per_page=20, total=153, total_pages=8), next_page_token="t"
    )
    assert V1.encode(page) == b'{"data":[],"pagination":{"page":1,"per_page":20,"total":153,"total_pages":8}}'


def test_the_malls_numbers_and_times_are_the_malls() -> None:
    """Ids are JSON numbers, times are local."""
    order = Order(id=123, status=ORDER_STATUS_PAID, paid_at=Timestamp(seconds=1705312890), uuid="hidden")
    shown = json.loads(MALL.encode(ListOrdersResponse(items=[order], page=1, per_page=20, total=2**53)))
    assert shown["total"] == 2**53
    [item] = shown["items"]
    assert item["id"] == 123
    assert item["status"] == "paid"
    assert item["paid_at"] == "2024-01-15 18:01:30"
    assert item["created_at"] is None
    assert "uuid" not in item


def test_what_belongs_to_one_kind_alone_is_left_out_of_the_others() -> None:
    """A redirect has no QR code and no parameters; a checkout with a URL has no next action."""
    action = NextAction(type=NEXT_ACTION_TYPE_REDIRECT, redirect_url="https://bank.example")
    assert V1.encode(action) == b'{"type":"redirect","redirect_url":"https://bank.example"}'
    assert list(json.loads(MALL.encode(Checkout(payment_url="https://pay.example")))) == [
        "payment_url",
        "order_no",
        "gateway",
    ]
    assert "secret" not in json.loads(V1.encode(WebhookEndpoint(id="we_1")))
    assert json.loads(V1.encode(WebhookEndpoint(id="we_1", secret="whsec_1")))["secret"] == "whsec_1"


def test_a_named_choice_is_shown_under_its_own_name() -> None:
    """An event's object is `data.object`, whatever it is."""
    event = Event(id="evt_1", type="payment.succeeded", sequence=3, data=EventData(payment=Payment(id="p")))
    shown = json.loads(V1.encode(event))
    assert shown["sequence"] == 3
    assert list(shown["data"]) == ["object"]
    assert shown["data"]["object"]["id"] == "p"
    assert json.loads(V1.encode(Event(data=EventData())))["data"] == {"object": None}


def test_maps_are_written_in_the_order_of_their_keys() -> None:
    """Two processes write the same bytes for the same message."""
    keys = [f"key_{number}" for number in range(30)]
    shown = json.loads(V1.encode(Payment(metadata=dict.fromkeys(reversed(keys), "x"))))
    assert list(shown["metadata"]) == sorted(keys)


def test_one_field_can_be_written_alone() -> None:
    """The mall's `data` is one field of some answers."""
    write = MALL.field_writer(descriptor_of(ListOrdersResponse), "items")
    assert write(ListOrdersResponse()) == []


def test_an_enum_value_of_a_newer_contract_stays_a_number() -> None:
    """A bridge that is older than its server hides nothing."""
    payment = Payment()
    payment.MergeFromString(b"\x28\x63")  # field 5, value 99
    assert json.loads(V1.encode(payment))["status"] == 99
