"""The SDK's traps: each would lose a payment, believe a stranger, or speak of what it should not."""

import json
import logging
import subprocess
import sys
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from aiohttp import web

from server.domain.outcomes import Approved, Canceled, Outcome, Unknown, Unpaid, Waiting
from server.domain.payment import CaptureMethod
from tests.unit.gateways.alipay.answering import a_reply, an_attempt_at, answered
from tests.unit.gateways.alipay.merchant import a_config, bare, certificates

ROOT = Path(__file__).parents[4]


def a_trade(parameters: Mapping[str, str], **changes: object) -> dict[str, object]:
    return {
        "code": "10000",
        "msg": "Success",
        "out_trade_no": json.loads(parameters["biz_content"])["out_trade_no"],
        "trade_no": "2024010122001234567890",
        "trade_status": "TRADE_SUCCESS",
        "total_amount": "100.00",
        "send_pay_date": "2024-01-01 12:00:00",
        **changes,
    }


async def fetched(answer: object) -> Outcome:
    """What the adapter makes of an answer to a query; a dictionary changes that of a paid trade."""

    def reply(method: str, parameters: Mapping[str, str]) -> web.StreamResponse:
        if isinstance(answer, dict):
            return a_reply(method, json.dumps(a_trade(parameters, **answer), ensure_ascii=False))
        assert callable(answer)
        response: web.StreamResponse = answer(method, json.dumps(a_trade(parameters)))
        return response

    async with answered(reply) as (gateway, _):
        return await gateway.fetch(an_attempt_at(gateway))


@pytest.mark.parametrize(
    "subject",
    ["a}b", "a}b{c", "}", '\\"}', '{"sign":"x"}', "}]}", "测试", "a/b", "\\u007d", "alipay_trade_query_response"],
)
async def test_braces_in_a_customers_text_end_nothing(subject: str) -> None:
    """The SDK counts braces to find what is signed, and calls the answer forged after the operation has succeeded."""
    assert isinstance(await fetched({"subject": subject}), Approved)


async def test_the_order_and_the_blanks_of_an_answer_are_no_matter() -> None:
    """The text that is signed is the one that came."""

    def reply(_method: str, content: str) -> web.Response:
        answer = a_reply("alipay.trade.query", content)
        sign = json.loads(answer.text or "")["sign"]
        text = f' {{ "sign" : "{sign}" ,\n "alipay_cert_sn":"x", "alipay_trade_query_response" :\t{content} }}\n'
        return web.Response(text=text)

    assert isinstance(await fetched(reply), Approved)


UNBELIEVED = {
    "another signature": lambda method, content: a_reply(method, content, sign="QUJD"),
    "no base64": lambda method, content: a_reply(method, content, sign="!!!"),
    "an empty signature": lambda method, content: a_reply(method, content, sign=""),
    "no signature": lambda _method, content: web.Response(text=f'{{"alipay_trade_query_response":{content}}}'),
    "another amount": lambda method, content: web.Response(
        text=(a_reply(method, content).text or "").replace("100.00", "1.00")
    ),
    "another method": lambda method, content: a_reply(method, content, name="alipay_trade_pay_response"),
    "an empty object": lambda _method, _content: web.Response(text="{}"),
    "an empty error": lambda _method, _content: web.Response(text='{"error_response":{}}'),
    "an error without a form": lambda _method, _content: web.Response(text='{"error_response":"no"}'),
    "twice": lambda method, content: web.Response(
        text=(a_reply(method, content).text or "")[:-1] + f',"alipay_trade_query_response":{content}}}'
    ),
    "more behind": lambda method, content: web.Response(text=(a_reply(method, content).text or "") + "{}"),
    "cut": lambda method, content: web.Response(text=(a_reply(method, content).text or "")[:-9]),
    "a page": lambda _method, _content: web.Response(text="<html>busy</html>"),
    "nothing": lambda _method, _content: web.Response(text=""),
    "a list": lambda _method, _content: web.Response(text="[]"),
    "other bytes": lambda _method, _content: web.Response(body=b"\xff\xfe"),
    "a failure": lambda method, content: web.Response(status=502, text=a_reply(method, content).text),
    "a redirect": lambda _method, _content: web.Response(status=302, headers={"Location": "/elsewhere"}),
    "too much": lambda _method, _content: web.Response(body=b" " * (1024 * 1024) + b"{}"),
}


@pytest.mark.parametrize("answer", UNBELIEVED.values(), ids=UNBELIEVED)
async def test_what_alipay_did_not_sign_is_no_answer(answer: object) -> None:
    """The payment may have been made or not: it stays unknown."""
    assert isinstance(await fetched(answer), Unknown)


@pytest.mark.parametrize(
    "change",
    [
        {"out_trade_no": "another"},
        {"trade_no": ""},
        {"trade_no": 7},
        {"trade_status": None},
        {"total_amount": "-1"},
        {"total_amount": "1e2"},
        {"total_amount": "１００"},
        {"total_amount": 100},
        {"send_pay_date": "yesterday"},
        {"trade_status": "TRADE_OF_NEXT_YEAR"},
        {"code": "10003"},
    ],
    ids=str,
)
async def test_a_signed_answer_that_says_something_else_is_unknown(change: dict[str, object]) -> None:
    """Another trade's answer, an amount that is none, a status that nobody knows."""
    assert isinstance(await fetched(change), Unknown)


async def test_a_trade_of_another_amount_is_not_the_payments() -> None:
    """Somebody else of the merchant's has used its number: a person must look."""
    assert await fetched({"total_amount": "99.99"}) == Unknown(
        "Alipay has a trade of another amount under the payment's number."
    )


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("TRADE_SUCCESS", Approved),
        ("TRADE_FINISHED", Approved),
        ("TRADE_CLOSED", Canceled),
        ("WAIT_BUYER_PAY", Unpaid),
    ],
)
async def test_every_status_of_a_trade_is_an_outcome(status: str, kind: type[Outcome]) -> None:
    """A trade stands somewhere on its way to the money."""
    assert isinstance(await fetched({"trade_status": status}), kind)


REFUSALS = [
    ("40004", "ACQ.SYSTEM_ERROR", Unknown),
    ("40004", "aop.ACQ.SYSTEM_ERROR", Unknown),
    ("40004", "ACQ.TRADE_NOT_EXIST", Unpaid),
    ("40004", "ACQ.ACCESS_FORBIDDEN", Unknown),
    ("40004", None, Unknown),
    ("20000", "isp.unknow-error", Unknown),
    ("40002", "isv.invalid-app-id", Unknown),
    ("40006", "isv.insufficient-isv-permissions", Unknown),
]


@pytest.mark.parametrize(("code", "sub_code", "kind"), REFUSALS)
async def test_a_refused_look_tells_only_that_there_is_no_trade(
    code: str, sub_code: str | None, kind: type[Outcome]
) -> None:
    """Every other refusal says nothing of the payment. That there is none needs Alipay's signature, too."""
    content = json.dumps({"code": code, "msg": "No", **({"sub_code": sub_code} if sub_code else {})})
    assert isinstance(await fetched(lambda method, _: a_reply(method, content)), kind)
    assert isinstance(await fetched(lambda method, _: a_reply(method, content, sign="")), Unknown)
    assert isinstance(await fetched(lambda method, _: a_reply(method, content, name="error_response")), kind)


async def test_a_refusals_text_is_not_passed_on() -> None:
    """It can quote what was sent; a code that is none is left out."""
    content = json.dumps({"code": "40002", "sub_code": "MIIEvQ==" * 20, "sub_msg": "secret"})
    outcome = await fetched(lambda method, _: a_reply(method, content))
    assert outcome == Unknown("Alipay has not told yet where the payment stands (40002).")


async def test_a_call_says_the_time_in_beijing() -> None:
    """Wherever this machine is."""

    def reply(method: str, parameters: Mapping[str, str]) -> web.StreamResponse:
        return a_reply(method, json.dumps(a_trade(parameters)))

    async with answered(reply) as (gateway, answering):
        await gateway.fetch(an_attempt_at(gateway))
    beijing = timezone(timedelta(hours=8))
    said = datetime.fromisoformat(answering.calls[0]["timestamp"]).replace(tzinfo=beijing)
    assert abs(said - datetime.now(beijing)) < timedelta(minutes=1)
    assert (answering.calls[0]["sign_type"], answering.calls[0]["charset"]) == ("RSA2", "utf-8")


async def test_a_page_needs_no_answer_and_says_whom_to_notify() -> None:
    """The address is made without a call."""
    async with answered(lambda _method, _: web.Response(text="{}")) as (gateway, answering):
        page = await gateway.authorise(an_attempt_at(gateway, description="x" * 500))
        assert isinstance(page, Waiting)
        assert answering.calls == []


async def test_nothing_is_said_of_keys_or_calls(caplog: pytest.LogCaptureFixture) -> None:
    """Neither by the SDK, which logs whatever it signs when it is told to, nor in an error."""
    config = a_config(**certificates())
    with caplog.at_level(logging.DEBUG):
        async with answered(lambda _method, _: web.Response(text="{}"), config=config) as (gateway, _):
            attempt = an_attempt_at(gateway, capture_method=CaptureMethod.MANUAL)
            outcomes = [await gateway.authorise(attempt), await gateway.fetch(attempt)]
    said = caplog.text + repr(outcomes) + repr(gateway)
    assert "biz_content" not in said
    assert bare(config["private_key"])[30:60] not in said


def test_the_sdk_leaves_the_processs_logging_alone() -> None:
    """As it comes, it reconfigures logging when it is imported, which closes the handlers of everybody else."""
    program = (
        "import logging, logging.handlers, sys\n"
        "logging.basicConfig(stream=sys.stderr)\n"
        "before = logging._handlerList[:]\n"
        "import gateways.alipay.adapter\n"
        "loud = logging.getLogger('python-alipay-sdk')\n"
        "sys.exit(logging._handlerList[:len(before)] != before or bool(loud.handlers) or not loud.disabled)"
    )
    assert subprocess.run([sys.executable, "-W", "ignore", "-c", program], cwd=ROOT, check=False).returncode == 0
