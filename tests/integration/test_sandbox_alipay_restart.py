"""The simulated Alipay forgets nothing that it has answered, however it dies."""

import asyncio
import random
import signal
from http.client import HTTPException
from pathlib import Path

import aiohttp
import pytest

from tests.integration.alipay_sandbox import (
    ALIPAY_KEY,
    APP_ID,
    MERCHANT_KEY,
    Inbox,
    Sandbox,
    opened_inbox,
    private_pem,
    public_pem,
    sdk_of,
)
from tests.integration.test_sandbox_stripe_restart import process

ROUNDS = 2
AT_LEAST = 2
MERCHANT = {
    "gateway": "alipay",
    "app_id": APP_ID,
    "merchant_public_key": public_pem(MERCHANT_KEY),
    "alipay_private_key": private_pem(ALIPAY_KEY),
}


async def pay_and_refund_until_the_end(sandbox: Sandbox, answered: set[str], first: int, enough: asyncio.Event) -> None:
    for number in range(first, first + 1000):
        await sandbox.paid(f"order_{number}", "10.00", notify_url=None)
        refund = {"out_trade_no": f"order_{number}", "refund_amount": "4.00", "out_request_no": f"refund_{number}"}
        assert (await sandbox.call("trade_refund", **refund))["fund_change"] == "Y"
        answered.add(f"order_{number}")
        if number - first == AT_LEAST:
            enough.set()


async def test_no_answer_is_lost_when_the_sandbox_is_killed(tmp_path: Path) -> None:
    """After SIGKILL in the middle of refunds every answered one is there, and its repeat moves nothing."""
    chance = random.Random(7)
    answered: set[str] = set()
    for round_number in range(ROUNDS):
        async with process(tmp_path) as (child, url), aiohttp.ClientSession() as http:
            sandbox = Sandbox(url, sdk_of(url), http, Inbox(), "")
            if round_number == 0:
                await sandbox.control("POST", "merchants", MERCHANT)
            enough = asyncio.Event()
            work = pay_and_refund_until_the_end(sandbox, answered, round_number * 1000, enough)
            working = asyncio.create_task(work)
            async with asyncio.timeout(30):
                await enough.wait()
            await asyncio.wait({working}, timeout=chance.random() * 0.1)
            child.send_signal(signal.SIGKILL)
            with pytest.raises((OSError, HTTPException, aiohttp.ClientError)):
                await working
    assert len(answered) > AT_LEAST * ROUNDS
    async with process(tmp_path) as (_, url), aiohttp.ClientSession() as http:
        sandbox = Sandbox(url, sdk_of(url), http, Inbox(), "")
        views = (await sandbox.control("GET", "payments?gateway=alipay"))["payments"]
        known = {view["reference"]: view for view in views}
        assert len(known) == len(views)
        for reference in answered:
            assert (known[reference]["captured_minor"], known[reference]["refunded_minor"]) == (1000, 400)
        reference = max(answered)
        refund = {"refund_amount": "4.00", "out_request_no": reference.replace("order", "refund")}
        assert (await sandbox.call("trade_refund", out_trade_no=reference, **refund))["fund_change"] == "N"


async def test_a_notification_outlives_the_sandbox(tmp_path: Path) -> None:
    """What was held before the death is sent after it, with the number that it had."""
    async with opened_inbox() as (inbox, notify_url), aiohttp.ClientSession() as http:
        async with process(tmp_path) as (child, url):
            sandbox = Sandbox(url, sdk_of(url), http, inbox, notify_url)
            await sandbox.control("POST", "merchants", MERCHANT)
            await sandbox.control("POST", "callbacks", {"mode": "hold"})
            await sandbox.paid()
            child.send_signal(signal.SIGKILL)
        assert inbox.messages == []
        async with process(tmp_path) as (_, url):
            sandbox = Sandbox(url, sdk_of(url), http, inbox, notify_url)
            assert (await sandbox.control("POST", "callbacks/release"))["released"] == 1
            message = dict(await inbox.wait_for("TRADE_SUCCESS"))
            assert sandbox.sdk.verify(message, message.pop("sign"))
