"""WeChat Pay's notifications as they can be told without anybody's credentials."""

from datetime import UTC, datetime

import pytest

from gateways.wechat.callback import WechatDialect
from gateways.wechat.v2.xml import read
from server.domain.callback import CallbackFormat, CallbackMessage, Reply, Unreadable

NOW = datetime(2024, 1, 1, tzinfo=UTC)
DIALECT = WechatDialect()
SIGNED = {"wechatpay-signature": "s"}


def a_message(
    form: CallbackFormat, body: bytes = b"{}", headers: dict[str, str] | None = None, **documented: str
) -> CallbackMessage:
    return CallbackMessage(form, "", headers or {}, body, NOW, documented or None)


XML = a_message(CallbackFormat.XML, b"<xml><out_trade_no><![CDATA[2024]]></out_trade_no></xml>")
JSON = a_message(CallbackFormat.SIGNED_JSON, b'{"id": "EV-1"}', SIGNED)
DOCUMENTED = a_message(CallbackFormat.DOCUMENTED_JSON, out_trade_no="2024", transaction_id="42", result_code="SUCCESS")


@pytest.mark.parametrize("message", [XML, JSON, DOCUMENTED])
def test_its_own_forms_are_recognised(message: CallbackMessage) -> None:
    """API v2's XML, API v3's signed JSON, the documented JSON."""
    assert DIALECT.recognises(message)


@pytest.mark.parametrize(
    "message",
    [
        a_message(CallbackFormat.SIGNED_JSON, headers={"paypal-transmission-sig": "s"}),
        a_message(CallbackFormat.SIGNED_JSON, headers={"stripe-signature": "s"}),
        a_message(CallbackFormat.XML, b"<html></html>"),
        a_message(CallbackFormat.XML, b"<!DOCTYPE xml><xml></xml>"),
        a_message(CallbackFormat.FORM, b"out_trade_no=2024"),
        a_message(CallbackFormat.UNKNOWN, b"<xml></xml>"),
        a_message(CallbackFormat.DOCUMENTED_JSON, out_trade_no="2024", trade_no="42", trade_status="TRADE_SUCCESS"),
        a_message(CallbackFormat.DOCUMENTED_JSON),
    ],
)
def test_other_gateways_forms_are_not(message: CallbackMessage) -> None:
    """Each belongs to somebody else, or to nobody."""
    assert not DIALECT.recognises(message)


def test_the_order_is_named_where_it_can_be_read() -> None:
    """API v3 encrypts everything and API v2 its refunds: those are told by credentials alone."""
    assert DIALECT.reference_in(XML) == "2024"
    assert DIALECT.reference_in(DOCUMENTED) == "2024"
    assert DIALECT.reference_in(JSON) is None
    assert DIALECT.reference_in(a_message(CallbackFormat.XML, b"<xml><req_info>x</req_info></xml>")) is None


@pytest.mark.parametrize(
    "message",
    [
        a_message(CallbackFormat.XML, b"<xml>"),
        a_message(CallbackFormat.XML, b"<xml><a>1</a></xml>"),
        a_message(CallbackFormat.XML, b"<xml><out_trade_no>1</out_trade_no><out_trade_no>2</out_trade_no></xml>"),
        a_message(CallbackFormat.SIGNED_JSON, b"{", SIGNED),
        a_message(CallbackFormat.SIGNED_JSON, b"\xff", SIGNED),
        a_message(CallbackFormat.SIGNED_JSON, b'{"id": 1, "id": 2}', SIGNED),
        a_message(CallbackFormat.DOCUMENTED_JSON, transaction_id="42", result_code="SUCCESS"),
        a_message(CallbackFormat.DOCUMENTED_JSON, out_trade_no="", transaction_id="42"),
    ],
)
def test_what_cannot_be_read_says_so(message: CallbackMessage) -> None:
    """And quotes nothing of it."""
    with pytest.raises(Unreadable):
        DIALECT.reference_in(message)


@pytest.mark.parametrize(
    ("reply", "status", "code"),
    [(Reply.ACCEPTED, 200, "SUCCESS"), (Reply.REFUSED, 400, "FAIL"), (Reply.LATER, 503, "FAIL")],
)
def test_api_v2_is_answered_in_xml(reply: Reply, status: int, code: str) -> None:
    """Its own words for yes and no."""
    answer = DIALECT.acknowledgement(XML, reply)
    assert (answer.status, answer.content_type) == (status, "text/xml")
    assert read(answer.body)["return_code"] == code


def test_api_v3_is_answered_with_nothing_or_a_failure() -> None:
    """Without a body when all is well."""
    accepted = DIALECT.acknowledgement(JSON, Reply.ACCEPTED)
    assert (accepted.status, accepted.body) == (204, b"")
    for reply, status in ((Reply.REFUSED, 400), (Reply.LATER, 503)):
        answer = DIALECT.acknowledgement(JSON, reply)
        assert (answer.status, answer.content_type) == (status, "application/json")
        assert answer.body.startswith(b'{"code": "FAIL", "message": ')
