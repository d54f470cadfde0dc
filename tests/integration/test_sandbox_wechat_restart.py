"""The simulated WeChat Pay forgets nothing that it has answered, however it dies."""

import asyncio
import random
import signal
from dataclasses import asdict
from pathlib import Path

import aiohttp
import pytest

from tests.integration.test_sandbox_stripe_restart import process
from tests.integration.wechat_sandbox import Inbox, Sandbox, sdk_of, terms

ROUNDS = 2


async def sell_until_the_end(sandbox: Sandbox, paid: dict[str, str], refunded: set[str], first: int) -> None:
    """Orders that are placed, paid and partly refunded; what was answered is written down."""
    for number in range(first, first + 1000):
        reference = f"restart-{number}"
        await sandbox.v2_place(reference, 100)
        paid[reference] = (await sandbox.pay(reference=reference))["id"]
        fields = {"out_trade_no": reference, "out_refund_no": f"r-{number}", "total_fee": "100", "refund_fee": "30"}
        await sandbox.v2("secapi/pay/refund", **fields)
        refunded.add(reference)


async def test_no_answer_is_lost_when_the_sandbox_is_killed(tmp_path: Path) -> None:
    """After SIGKILL in the middle of sales every answered one is there, whole, and a repeat changes nothing."""
    chance = random.Random(7)
    paid: dict[str, str] = {}
    refunded: set[str] = set()
    merchant = {"gateway": "wechat", **asdict(terms())}
    for round_number in range(ROUNDS):
        async with process(tmp_path) as (child, url), aiohttp.ClientSession() as http:
            sandbox = Sandbox(url, "http://127.0.0.1:9/notify", sdk_of(url), http, Inbox())
            if round_number == 0:
                await sandbox.control("POST", "merchants", merchant)
            selling = asyncio.create_task(sell_until_the_end(sandbox, paid, refunded, round_number * 1000))
            await asyncio.wait({selling}, timeout=0.3 + chance.random() * 0.3)
            child.send_signal(signal.SIGKILL)
            with pytest.raises(aiohttp.ClientError):
                await selling
    assert len(refunded) > 2 * ROUNDS
    async with process(tmp_path) as (_, url), aiohttp.ClientSession() as http:
        sandbox = Sandbox(url, "http://127.0.0.1:9/notify", sdk_of(url), http, Inbox())
        views = (await sandbox.control("GET", "payments?gateway=wechat"))["payments"]
        known = {view["reference"]: view for view in views}
        assert {reference: known[reference]["gateway_payment_id"] for reference in paid} == paid
        assert {known[reference]["refunded_minor"] for reference in refunded} == {30}
        for reference in sorted(refunded)[:3]:
            fields = {"out_refund_no": reference.replace("restart", "r"), "total_fee": "100", "refund_fee": "30"}
            again = await sandbox.v2("secapi/pay/refund", **fields, out_trade_no=reference)
            assert again["result_code"] == "SUCCESS"
            assert (await sandbox.payment(reference))["refunded_minor"] == 30
