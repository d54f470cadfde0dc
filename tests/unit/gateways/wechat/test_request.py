"""What an attempt stores, and the order that is made of it."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateways.wechat.amounts import to_fen
from gateways.wechat.instrument import checked
from gateways.wechat.request import order_of, stored_request
from gateways.wechat.times import from_v2, from_v3, v2_time, v3_time
from server.domain.channels import WechatChannel
from server.domain.errors import InvalidAmount, InvalidCurrency
from server.domain.money import Money
from server.domain.outcomes import Tokenised, Unusable
from tests.unit.gateways.wechat.attempts import NOON, REFERENCE, RETURN_URL, a_wish, an_attempt


def test_the_same_attempt_gives_the_same_order() -> None:
    """Everything that is sent is stored, the time to pay included: a repeat after a change of settings asks for nothing else."""
    order = order_of(an_attempt(wish=a_wish({"channel": "h5", "client_ip": "14.23.150.211"})))
    assert (order.reference, order.fen, order.channel) == (REFERENCE, 10000, WechatChannel.H5)
    assert (order.client_ip, order.openid, order.return_url) == ("14.23.150.211", None, RETURN_URL)
    assert order.expires_at == NOON + timedelta(minutes=15)


def test_a_payment_without_details_shows_a_code() -> None:
    """NATIVE is what needs nothing of the customer's."""
    assert order_of(an_attempt()).channel is WechatChannel.NATIVE


def test_a_payment_without_a_description_is_called_by_its_number() -> None:
    """WeChat Pay demands one."""
    for nothing in (None, "", " \n\t"):
        assert order_of(an_attempt(wish=a_wish(description=nothing))).description == REFERENCE


@given(st.text(max_size=300))
def test_a_description_always_fits(text: str) -> None:
    """At most 127 bytes, never half a character, nothing that XML cannot carry, and of what fits everything."""
    description = order_of(an_attempt(wish=a_wish(description=text))).description
    assert 0 < len(description.encode()) <= 127
    assert description.isprintable()
    assert text.isprintable() is False or len(text.encode()) > 127 or description in (" ".join(text.split()), REFERENCE)


def test_a_long_description_is_cut_between_two_characters() -> None:
    """42 Chinese characters have 126 bytes; the 43rd would pass the limit."""
    assert order_of(an_attempt(wish=a_wish(description="茶" * 100))).description == "茶" * 42


def test_the_callers_page_goes_before_the_settings() -> None:
    """Where the caller names no page, the one of the settings is used."""
    stored = stored_request(a_wish(return_url="https://shop.example/done"), RETURN_URL, timedelta(minutes=15))
    assert stored["return_url"] == "https://shop.example/done"


@pytest.mark.parametrize(
    ("details", "field"),
    [
        ({"channel": "app"}, "wechat.channel"),
        ({"channel": "h5"}, "wechat.client_ip"),
        ({"channel": "jsapi"}, "wechat.openid"),
        ({"channel": "jsapi", "openid": ""}, "wechat.openid"),
    ],
)
def test_a_channel_is_refused_without_what_it_needs(details: dict[str, str], field: str) -> None:
    """Before anything is stored or sent."""
    outcome = checked(details)
    assert isinstance(outcome, Unusable)
    assert outcome.field == field


@pytest.mark.parametrize(
    "details", [{}, {"channel": "native"}, {"channel": "h5", "client_ip": "::1"}, {"channel": "jsapi", "openid": "o"}]
)
def test_a_channel_with_what_it_needs_is_usable(details: dict[str, str]) -> None:
    """There is nothing to make a token of."""
    assert checked(details) == Tokenised(None)


def test_amounts_are_in_fen_of_yuan_alone() -> None:
    """Nothing else can be paid, and nothing that WeChat Pay's number cannot hold."""
    assert to_fen(Money(1, "CNY")) == 1
    assert to_fen(Money(2**31 - 1, "CNY")) == 2**31 - 1
    for fen in (0, -1, 2**31):
        with pytest.raises(InvalidAmount):
            to_fen(Money(fen, "CNY"))
    with pytest.raises(InvalidCurrency):
        to_fen(Money(100, "USD"))


def test_times_are_those_of_beijing() -> None:
    """Eight hours ahead, in the form of each API; what is no time is none."""
    assert v2_time(NOON) == "20240115200000"
    assert v3_time(NOON) == "2024-01-15T20:00:00+08:00"
    assert from_v2("20240115200000") == from_v3("2024-01-15T20:00:00+08:00") == NOON
    for text in (None, "", "2024", "20241315200000"):
        assert from_v2(text) is None
    for text in (None, "", "2024-01-15T20:00:00", "yesterday"):
        assert from_v3(text) is None
