"""Request messages out of path, query and body, for shapes that the contract does not have yet."""

import pytest
from google.api.http_pb2 import HttpRule
from google.protobuf.message import Message

from codec.codec import JsonCodec
from codec.facts import descriptor_of
from codec.times import Rfc3339Times
from http_bridge.failures.failure import Failed
from http_bridge.requests.binding import RequestBinder
from http_bridge.routing.template import parse_template
from sycee.v1.payment_method_service_pb2 import CardInput
from sycee.v1.payment_service_pb2 import (
    WECHAT_CHANNEL_H5,
    CreatePaymentRequest,
    GetPaymentRequest,
    PaymentMethodInput,
    WechatInput,
)

CODEC = JsonCodec(Rfc3339Times())


def _binder(message: type[Message], path: str, body: str = "") -> RequestBinder:
    return RequestBinder(descriptor_of(message), HttpRule(get=path, body=body), parse_template(path), CODEC)


def test_a_query_reaches_fields_of_fields() -> None:
    """Dots name the way; maps and lists of messages have none."""
    binder = _binder(CreatePaymentRequest, "/p")
    message = binder.message({}, "payment_method.wechat.channel=h5&payment_method.wechat.openid=o&amount=1", b"")
    expected = PaymentMethodInput(wechat=WechatInput(channel=WECHAT_CHANNEL_H5, openid="o"))
    assert message == CreatePaymentRequest(amount="1", payment_method=expected)
    with pytest.raises(Failed):
        binder.message({}, "metadata.a=1", b"")


def test_a_path_variable_may_name_a_field_of_a_field() -> None:
    """And is then refused elsewhere."""
    binder = _binder(CreatePaymentRequest, "/p/{payment_method.id}", "*")
    assert binder.message(
        {"payment_method.id": "pm"}, "", b'{"payment_method": {"token": "t"}}'
    ) == CreatePaymentRequest(payment_method=PaymentMethodInput(id="pm", token="t"))
    with pytest.raises(Failed) as refused:
        binder.message({"payment_method.id": "pm"}, "", b'{"payment_method": {"id": "other"}}')
    assert refused.value.failure.message == "payment_method.id: unknown field"


def test_a_body_may_be_one_field() -> None:
    """The others come in the query."""
    binder = _binder(CreatePaymentRequest, "/p/{payment_method.id}", "payment_method")
    message = binder.message({"payment_method.id": "pm"}, "amount=1", b'{"card": {"exp_month": 1}}')
    assert message == CreatePaymentRequest(
        amount="1", payment_method=PaymentMethodInput(id="pm", card=CardInput(exp_month=1))
    )
    for query in ("payment_method.token=t", "payment_method.id=x"):
        with pytest.raises(Failed, match="VALIDATION_ERROR"):
            binder.message({"payment_method.id": "pm"}, query, b"")
    with pytest.raises(Failed) as refused:
        binder.message({"payment_method.id": "pm"}, "", b'{"id": "x", "card": {"a": 1}}')
    assert [error.field for error in refused.value.failure.fields] == ["payment_method.id", "payment_method.card.a"]


def test_a_query_has_a_bounded_number_of_parameters() -> None:
    """Whoever sends thousands means no call of ours."""
    with pytest.raises(Failed) as refused:
        _binder(CreatePaymentRequest, "/p").message({}, "&".join(["amount=1"] * 300), b"")
    assert refused.value.failure.message == "the query has too many parameters"


def test_a_rule_that_names_no_field_is_refused_at_start_up() -> None:
    """Neither in the path nor as the body."""
    with pytest.raises(ValueError, match="has no field"):
        _binder(GetPaymentRequest, "/p/{nothing}")
    with pytest.raises(ValueError, match="cannot be a JSON body"):
        _binder(GetPaymentRequest, "/p", "id")
