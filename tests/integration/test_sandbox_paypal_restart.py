"""The simulated PayPal forgets nothing that it has answered, however it dies."""

import asyncio
import random
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from tests.integration.paypal_sandbox import Inbox, Sandbox, order_of

ROUNDS = 2
ROOT = Path(__file__).parents[2]
MERCHANT = {"gateway": "paypal", "client_id": "client-of-the-tests", "secret": "secret-of-the-tests"}


@asynccontextmanager
async def process(data_dir: Path) -> AsyncIterator[tuple[asyncio.subprocess.Process, Sandbox]]:
    """A sandbox in a process of its own, killed at the end whatever it does."""
    arguments = ["-m", "sandbox", "--port", "0", "--data-dir", str(data_dir)]
    child = await asyncio.create_subprocess_exec(sys.executable, *arguments, stdout=asyncio.subprocess.PIPE, cwd=ROOT)
    assert child.stdout is not None
    try:
        async with asyncio.timeout(20), aiohttp.ClientSession() as http:
            address = (await child.stdout.readline()).decode().strip()
            yield child, Sandbox(address, http, Inbox())
    finally:
        if child.returncode is None:
            child.kill()
        await child.wait()


async def pay_until_the_end(sandbox: Sandbox, answered: dict[str, str], first: int) -> None:
    for number in range(first, first + 1000):
        order = await sandbox.create(order_of(invoice_id=f"R{number}"), PayPal_Request_Id=f"o-{number}")
        await sandbox.control(
            "POST", "pay", {"gateway": "paypal", "gateway_payment_id": order["id"], "outcome": "succeed"}
        )
        paid = await sandbox.call("POST", f"/v2/checkout/orders/{order['id']}/capture", PayPal_Request_Id=f"c-{number}")
        answered[order["id"]] = paid.body["purchase_units"][0]["payments"]["captures"][0]["id"]


async def test_no_answer_is_lost_when_the_sandbox_is_killed(tmp_path: Path) -> None:
    """After SIGKILL in the middle of payments every captured one is there, and its request id gives the same capture."""
    chance = random.Random(7)
    answered: dict[str, str] = {}
    roots: set[bytes] = set()
    for round_number in range(ROUNDS):
        async with process(tmp_path) as (child, started):
            await started.control("POST", "merchants", MERCHANT)
            roots.add((tmp_path / "paypal-ca.pem").read_bytes())
            paying = asyncio.create_task(pay_until_the_end(started, answered, round_number * 1000))
            await asyncio.wait({paying}, timeout=0.3 + chance.random() * 0.3)
            child.send_signal(signal.SIGKILL)
            with pytest.raises(aiohttp.ClientError):
                await paying
    assert len(answered) > 2 * ROUNDS
    assert len(roots) == 1
    async with process(tmp_path) as (_, after):
        known = {each["gateway_payment_id"]: each for each in (await after.control("GET", "payments"))["payments"]}
        assert {known[id]["captured_minor"] for id in answered} == {1000}
        order_id, capture_id = next(iter(answered.items()))
        number = known[order_id]["reference"].removeprefix("R")
        again = await after.call("POST", f"/v2/checkout/orders/{order_id}/capture", PayPal_Request_Id=f"c-{number}")
        assert again.status == 200
        assert again.body["purchase_units"][0]["payments"]["captures"][0]["id"] == capture_id
        order = await after.create(order_of(), PayPal_Request_Id=f"o-{number}")
        assert order["id"] == order_id
