"""Faults at the simulated WeChat Pay, in the words of both of its APIs."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import pytest
import requests

from tests.integration.wechat_sandbox import Sandbox, sandbox

__all__ = ["sandbox"]

CALLS: dict[str, Callable[[Sandbox], Awaitable[tuple[int, dict[str, Any]]]]] = {
    "pay": lambda sandbox: sandbox.place("fault-new"),
    "cancel": lambda sandbox: sandbox.call(sandbox.sdk.close, "fault-open"),
    "refund": lambda sandbox: sandbox.refund("fault-refund", 1, out_trade_no="fault-paid"),
    "fetch": lambda sandbox: sandbox.call(sandbox.sdk.query, out_trade_no="fault-paid"),
}


@pytest.mark.parametrize("operation", CALLS)
async def test_a_fault_hits_the_operation_it_names(sandbox: Sandbox, operation: str) -> None:
    """Once, and no other; nothing is done then."""
    await sandbox.paid("fault-paid")
    await sandbox.place("fault-open")
    await sandbox.arm(operation, "http_500", count=1)
    answers = {name: await call(sandbox) for name, call in CALLS.items()}
    assert answers.pop(operation) == (500, {"code": "SYSTEM_ERROR", "message": "系统异常，请用相同参数重新调用"})
    assert {status for status, _ in answers.values()} <= {200, 204}
    assert (await CALLS[operation](sandbox))[0] in (200, 204)


async def test_a_rate_limit_is_429_in_api_v3(sandbox: Sandbox) -> None:
    """And does nothing."""
    await sandbox.arm("pay", "rate_limit", count=1)
    status, answer = await sandbox.place("fault-1")
    assert (status, answer["code"]) == (429, "FREQUENCY_LIMITED")
    assert (await sandbox.control("GET", "payments?gateway=wechat"))["payments"] == []


@pytest.mark.parametrize(("fault", "err_code"), [("http_500", "SYSTEMERROR"), ("rate_limit", "FREQUENCY_LIMITED")])
async def test_api_v2_words_them_in_its_own_way(sandbox: Sandbox, fault: str, err_code: str) -> None:
    """With status 200 and signed, as all that it answers; nothing is done."""
    await sandbox.arm("pay", fault, count=1)
    answer = await sandbox.v2_place("fault-2")
    assert (answer["result_code"], answer["err_code"]) == ("FAIL", err_code)
    assert (await sandbox.control("GET", "payments?gateway=wechat"))["payments"] == []


@pytest.mark.parametrize(("fault", "done"), [("timeout_before", 0), ("timeout_after", 1), ("reset_after", 1)])
async def test_a_lost_answer_is_a_connection_error(sandbox: Sandbox, fault: str, done: int) -> None:
    """`..._after` did the work, `timeout_before` did not; the caller cannot tell which, and asks again safely."""
    await sandbox.arm("pay", fault, count=1, delay_ms=50)
    with pytest.raises(requests.ConnectionError):
        await sandbox.place("fault-3")
    assert len((await sandbox.control("GET", "payments?gateway=wechat"))["payments"]) == done
    assert (await sandbox.place("fault-3"))[0] == 200


async def test_api_v2_loses_answers_too(sandbox: Sandbox) -> None:
    """A refund whose answer is lost has happened, and happens no second time."""
    await sandbox.v2_paid("fault-4")
    await sandbox.arm("refund", "reset_after", count=1)
    fields = {"out_trade_no": "fault-4", "out_refund_no": "fault-r4", "total_fee": "100", "refund_fee": "60"}
    with pytest.raises((aiohttp.ClientError, asyncio.TimeoutError)):
        await sandbox.v2("secapi/pay/refund", **fields)
    assert (await sandbox.v2("secapi/pay/refund", **fields))["result_code"] == "SUCCESS"
    assert (await sandbox.payment("fault-4"))["refunded_minor"] == 60


async def test_a_slow_answer_comes(sandbox: Sandbox) -> None:
    """The work is done after the delay."""
    await sandbox.arm("pay", "slow", count=1, delay_ms=20)
    assert (await sandbox.place("fault-5"))[0] == 200


async def test_unsigned_requests_use_up_no_fault(sandbox: Sandbox) -> None:
    """Nobody but a merchant can draw one."""
    await sandbox.arm("*", "http_500", count=1)
    assert (await sandbox.v3_raw("GET", "/v3/certificates", key="stranger"))[0] == 401
    assert (await sandbox.v2_raw("pay/orderquery", b"<xml/>"))["return_code"] == "FAIL"
    assert len((await sandbox.control("GET", "faults"))["faults"]) == 1
