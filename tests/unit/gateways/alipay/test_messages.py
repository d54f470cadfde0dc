"""No message of the open platform's is believed on its word, and what it tells of is asked for."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from aiohttp import web

from gateways.alipay.adapter import AlipayGateway
from gateways.alipay.dialect import AlipayDialect
from server.domain.callback import CallbackFormat, CallbackMessage, CheckResult, DisputeNews, NoNews, Reading, Reply
from server.domain.dispute import DisputeStatus
from tests.unit.gateways.alipay.answering import a_reply, answered, setup
from tests.unit.gateways.alipay.merchant import (
    APP_ID,
    NOON,
    SELLER_ID,
    a_config,
    a_form,
    as_form,
    certificates,
    signature,
    signed,
)
from tests.unit.gateways.alipay.test_complaints import DONE, FORBIDDEN, NUMBER, a_complaint

CHANGED = "alipay.merchant.tradecomplain.changed"


def a_message(**changes: str) -> dict[str, str]:
    """The example of the documentation; a change to `-` leaves the field out."""
    fields = {
        "charset": "UTF-8",
        "biz_content": json.dumps({"complain_event_id": NUMBER}),
        "msg_method": CHANGED,
        "utc_timestamp": "1516797622752",
        "version": "1.1",
        "notify_id": "d275fec564e62af6bedbcee73f3f05fi5x",
        "app_id": APP_ID,
    }
    return {name: value for name, value in {**fields, **changes}.items() if value != "-"}


def signed_whole(fields: Mapping[str, str]) -> dict[str, str]:
    """As the other of Alipay's two ways has it: over `sign_type` too."""
    whole = {**fields, "sign_type": "RSA2"}
    content = "&".join(f"{name}={whole[name]}" for name in sorted(whole))
    return {**whole, "sign": signature(content.encode())}


async def read(
    fields: Mapping[str, str], answer: Mapping[str, Any] | None = None, charset: str = "utf-8", **config: str
) -> Reading:
    """What the adapter makes of a message, with what Alipay answers when it is asked for the complaint, an empty one being lost; without an answer nobody may ask."""

    def reply(method: str, _parameters: Mapping[str, str]) -> web.StreamResponse:
        assert method == "alipay.merchant.tradecomplain.query"
        return a_reply(method, json.dumps(answer)) if answer else web.Response(status=500)

    async with answered(reply, config=a_config(seller_id=SELLER_ID, **config)) as (gateway, answering):
        reading = await gateway.read_callback(a_form(as_form(fields, charset)))
    assert len(answering.calls) == (0 if answer is None else 1)
    return reading


def results(reading: Reading) -> dict[str, str]:
    return {check.name: check.result.value for check in reading.checks}


def failed_at(reading: Reading) -> str:
    (failed,) = [check.name for check in reading.checks if check.result is CheckResult.FAILED]
    assert reading.news is None
    assert not reading.later
    return failed


@pytest.mark.parametrize("mode", ["keys", "certificates"])
async def test_a_complaint_is_told_of(mode: str) -> None:
    """The message names it, and Alipay says the rest: our number for the payment among it."""
    config = certificates() if mode == "certificates" else {}
    reading = await read(signed(a_message()), {**DONE, **a_complaint()}, **config)
    assert results(reading) == dict.fromkeys(
        ("format", "sign_type", "signature", "app_id", "seller_id", "content"), "passed"
    )
    assert isinstance(reading.news, DisputeNews)
    report = reading.news.report
    assert (report.gateway_dispute_id, report.status) == (NUMBER, DisputeStatus.NEEDS_RESPONSE)
    assert (reading.reference, reading.gateway_payment_id) == ("20240101123456789", "2020092322001412345678901234")
    assert reading.event_id == "d275fec564e62af6bedbcee73f3f05fi5x"


@pytest.mark.parametrize("charset", ["GBK", "utf-8"])
async def test_a_message_is_read_in_its_charset(charset: str) -> None:
    """The documentation's example is in GBK; a field that we do not know is signed like any other."""
    fields = a_message(charset=charset, note="投诉")
    reading = await read(signed(fields, charset), {**DONE, **a_complaint()}, charset)
    assert isinstance(reading.news, DisputeNews)


async def test_both_texts_that_alipay_signs_are_taken() -> None:
    """With `sign_type` and without, as Alipay's own SDK does; the same fields of a trade's notification are not."""
    assert isinstance((await read(signed_whole(a_message()), {**DONE, **a_complaint()})).news, DisputeNews)
    trade = signed_whole(a_message(msg_method="-", trade_status="TRADE_SUCCESS"))
    assert failed_at(await read(trade)) == "signature"


@pytest.mark.parametrize(
    "change",
    [
        {"biz_content": json.dumps({"complain_event_id": "2020092300102000000001459759"})},
        {"msg_method": "alipay.open.app.api.status.changed"},
        {"new": ""},
        {"sign": ""},
        {"sign": "QUJD"},
    ],
    ids=str,
)
async def test_a_message_that_was_altered_is_refused(change: dict[str, str]) -> None:
    """Without asking Alipay anything."""
    assert failed_at(await read({**signed(a_message()), **change})) == "signature"
    assert failed_at(await read({**signed_whole(a_message()), **change})) == "signature"


@pytest.mark.parametrize("owner", ["somebody", "app"])
async def test_a_message_by_somebody_else_is_refused(owner: str) -> None:
    """The merchant's own key signs nothing for Alipay either."""
    assert failed_at(await read(signed(a_message(), owner=owner))) == "signature"


@pytest.mark.parametrize("sign_type", [None, "RSA", "MD5"])
async def test_a_weaker_signature_is_refused(sign_type: str | None) -> None:
    """As of every notification."""
    assert failed_at(await read(signed(a_message(), sign_type=sign_type))) == "sign_type"


@pytest.mark.parametrize("app_id", ["2021001234567891", "", "-"])
async def test_a_message_for_another_application_is_refused(app_id: str) -> None:
    """However well it is signed."""
    assert failed_at(await read(signed(a_message(app_id=app_id)))) == "app_id"


async def test_a_complaint_against_another_merchant_is_refused() -> None:
    """Where we know which merchant it must be; one against an application names none."""
    others = {**DONE, **a_complaint(target_id="2088000000000000")}
    assert failed_at(await read(signed(a_message()), others)) == "seller_id"
    of_an_application = {**DONE, **a_complaint(target_type="APPID", target_id=APP_ID)}
    reading = await read(signed(a_message()), of_an_application)
    assert isinstance(reading.news, DisputeNews)
    assert results(reading)["seller_id"] == "skipped"


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{}",
        '{"complain_event_id": 1}',
        '{"complain_event_id": "../x"}',
        '{"complain_event_id":"1","complain_event_id":"2"}',
    ],
)
async def test_a_content_that_names_no_complaint_is_refused(content: str) -> None:
    """Even a signed one."""
    assert failed_at(await read(signed(a_message(biz_content=content)))) == "content"


async def test_a_complaint_that_alipay_does_not_show_is_refused() -> None:
    """It is another application's."""
    hidden = {"code": "40004", "sub_code": "AUTHORITY_ILLEGAL"}
    assert failed_at(await read(signed(a_message()), hidden)) == "content"


@pytest.mark.parametrize(
    "answer", [{}, FORBIDDEN, {**DONE, **a_complaint(status="NEW")}, {"code": "40004", "sub_code": "SYSTEM_ERROR"}]
)
async def test_a_complaint_that_cannot_be_asked_for_now_is_taken_later(answer: Any) -> None:
    """Alipay repeats the message: an application that may not ask can be given the permission meanwhile."""
    reading = await read(signed(a_message()), answer)
    assert reading.later
    assert reading.news is None
    assert results(reading)["content"] == "skipped"


async def test_other_messages_change_nothing() -> None:
    """One address serves all that an application has subscribed to."""
    reading = await read(signed(a_message(msg_method="alipay.open.app.api.status.changed")))
    assert isinstance(reading.news, NoNews)
    no_trade = {**DONE, **a_complaint(merchant_order_no=None, trade_no=None)}
    assert isinstance((await read(signed(a_message()), no_trade)).news, NoNews)


@pytest.mark.parametrize("body", [b"msg_method=x&msg_method=y&sign=z", b"msg_method=x&charset=latin-1", b"msg_method"])
async def test_what_cannot_be_read_is_refused(body: bytes) -> None:
    """And never raises."""
    gateway = AlipayGateway(setup())
    try:
        assert failed_at(await gateway.read_callback(a_form(body))) == "format"
    finally:
        await gateway.aclose()


def test_a_message_is_recognised_and_answered() -> None:
    """By the name of its method; it is acknowledged as notifications are."""
    dialect, message = AlipayDialect(), a_form(as_form(signed(a_message())))
    assert dialect.recognises(message)
    assert dialect.recognises(a_form(as_form(a_message())))
    assert dialect.reference_in(message) is None
    assert dialect.acknowledgement(message, Reply.ACCEPTED).body == b"success"
    later = dialect.acknowledgement(message, Reply.LATER)
    assert (later.status, later.body) == (503, b"fail")
    assert not dialect.recognises(CallbackMessage(CallbackFormat.UNKNOWN, "", {}, b"", NOON))
