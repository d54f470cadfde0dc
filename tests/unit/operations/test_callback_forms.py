"""Whose callback a body claims to be, before anything of it is believed."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.callback import CallbackFormat, Unreadable
from server.domain.errors import GatewayUnsupported
from server.operations.callback_forms import MOST_BYTES, Post, Recognised, message_of, recognise
from tests.builders import NOON
from tests.page_gateway import PageDialect, native

DIALECTS = {"alipay": PageDialect("alipay"), "wechat": PageDialect("wechat")}


def read(body: bytes, path: str = "", headers: Mapping[str, str] | None = None) -> Recognised:
    message = message_of(Post(path, "text/plain", headers or {}, body), NOON)
    return recognise(message, path, DIALECTS)


@pytest.mark.parametrize(
    ("body", "form"),
    [
        (b"", CallbackFormat.UNKNOWN),
        (b'{"a": 1}', CallbackFormat.SIGNED_JSON),
        (b' \r\n {"a": 1}', CallbackFormat.SIGNED_JSON),
        (b"<xml/>", CallbackFormat.XML),
        (b"\n<xml/>", CallbackFormat.XML),
        (b"a=1&b=2", CallbackFormat.FORM),
        (b"\xff", CallbackFormat.FORM),
    ],
)
def test_a_body_is_kept_as_what_it_looks_like(body: bytes, form: CallbackFormat) -> None:
    """Whatever its content type says."""
    message = message_of(Post("", "application/json", {}, body), NOON)
    assert (message.format, message.body, message.received_at) == (form, body, NOON)


def test_credentials_are_left_out() -> None:
    """A caller's own, sent by mistake."""
    sent = {"authorization": "Bearer sk_1", "cookie": "a=b", "proxy-authorization": "Basic x", "x-signature": "1"}
    assert dict(message_of(Post("", "", sent, b""), NOON).headers) == {"x-signature": "1"}


def test_the_documented_json_names_its_gateway() -> None:
    """Its other fields are what the gateway reads."""
    read_ = read(b'{"gateway": "wechat", "out_trade_no": "1", "sign": "x"}')
    assert (read_.gateway, read_.message.format) == ("wechat", CallbackFormat.DOCUMENTED_JSON)
    assert read_.message.documented == {"out_trade_no": "1", "sign": "x"}


def test_what_is_stored_is_recognised_again() -> None:
    """From its body alone."""
    first = read(b'{"gateway": "wechat", "out_trade_no": "1"}')
    again = recognise(first.message, "wechat", DIALECTS)
    assert again == first


@pytest.mark.parametrize(
    ("body", "path", "why"),
    [
        (b'{"gateway": "wechat"}', "alipay", "another gateway"),
        (b'{"gateway": "alipay", "amount": 1}', "", "amount"),
        (b'{"gateway": "alipay", "amount": null}', "", "amount"),
        (b'{"gateway": "alipay", "gateway": "alipay"}', "", "twice"),
        (b'{"gateway": "alipay", "a": {"b": 1, "b": 2}}', "", "twice"),
        (b'{"gateway": "alipay", "amount": NaN}', "", "does not know"),
        (b'{"gateway": "alipay", "amount": -Infinity}', "", "does not know"),
        (b'{"a": 1}', "", "notification of any gateway"),
        (b'{"a": 1}', "alipay", "notification of any gateway"),
        (b"{", "", "JSON"),
        (b"\x7b\xff\x7d", "", "JSON"),
        (b"{" * 50_000, "", "JSON"),
        (b"<xml/>", "wechat", "notification of any gateway"),
        (b"", "", "notification of any gateway"),
        (b"x" * MOST_BYTES, "", "longer"),
    ],
)
def test_what_is_nobodys_is_refused(body: bytes, path: str, why: str) -> None:
    """With the reason, and without a word of its text."""
    with pytest.raises(Unreadable) as refused:
        read(body, path)
    assert why in str(refused.value)


@pytest.mark.parametrize(
    ("body", "path"),
    [(b"", "square"), (b'{"gateway": "square"}', ""), (b'{"gateway": 1}', ""), (b'{"gateway": ["alipay"]}', "alipay")],
)
def test_a_gateway_that_there_is_not(body: bytes, path: str) -> None:
    """By its address or by its field."""
    with pytest.raises(GatewayUnsupported):
        read(body, path)


def test_a_gateways_own_form_needs_no_name() -> None:
    """And its own address asks no other gateway."""
    assert read(b"{}", headers=native("wechat")).gateway == "wechat"
    with pytest.raises(Unreadable):
        read(b"{}", "alipay", native("wechat"))


@given(st.binary(max_size=200) | st.text(max_size=100).map(lambda text: b"{" + text.encode() + b"}"))
def test_nothing_breaks_the_reader(body: bytes) -> None:
    """Whatever is posted is recognised or refused."""
    try:
        read(body)
    except (Unreadable, GatewayUnsupported):
        return
