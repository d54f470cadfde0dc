"""The simulated Stripe forgets nothing that it has answered, however it dies."""

import asyncio
import random
import signal
import sqlite3
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
import stripe

from sandbox.state.database import Database, StateInUse, StateOfAnotherVersion
from tests.integration.stripe_sandbox import CARDS_ONLY, SECRET_KEY, Inbox, Sandbox, client_of, closing

ROUNDS = 2
ROOT = Path(__file__).parents[2]


@asynccontextmanager
async def process(data_dir: Path) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    """A sandbox in a process of its own, killed at the end whatever it does."""
    arguments = ["-m", "sandbox", "--port", "0", "--data-dir", str(data_dir), "--stripe-secret-key", SECRET_KEY]
    child = await asyncio.create_subprocess_exec(sys.executable, *arguments, stdout=asyncio.subprocess.PIPE, cwd=ROOT)
    assert child.stdout is not None
    try:
        async with asyncio.timeout(20):
            address = (await child.stdout.readline()).decode().strip()
        yield child, address
    finally:
        if child.returncode is None:
            child.kill()
        await child.wait()


async def pay_until_the_end(client: stripe.StripeClient, answered: dict[str, str], first: int) -> None:
    for number in range(first, first + 1000):
        intent = await client.v1.payment_intents.create_async(
            {
                "amount": 1000 + number,
                "currency": "usd",
                "confirm": True,
                "payment_method": "pm_card_visa",
                "automatic_payment_methods": CARDS_ONLY,
                "metadata": {"sycee_reference": f"R{number}"},
            },
            {"idempotency_key": f"key-{number}"},
        )
        answered[f"key-{number}"] = intent.id


async def test_no_answer_is_lost_when_the_sandbox_is_killed(tmp_path: Path) -> None:
    """After SIGKILL in the middle of payments every answered one is there, whole, and its key replays it."""
    chance = random.Random(7)
    answered: dict[str, str] = {}
    for round_number in range(ROUNDS):
        async with process(tmp_path) as (child, url), closing(client_of(url)) as client:
            paying = asyncio.create_task(pay_until_the_end(client, answered, round_number * 1000))
            await asyncio.wait({paying}, timeout=0.2 + chance.random() * 0.3)
            child.send_signal(signal.SIGKILL)
            with pytest.raises((stripe.APIConnectionError, aiohttp.ClientError, asyncio.TimeoutError)):
                await paying
    assert len(answered) > 2 * ROUNDS
    async with process(tmp_path) as (_, url), closing(client_of(url)) as client, aiohttp.ClientSession() as http:
        after = Sandbox(url, client, http, Inbox())
        known = {each["gateway_payment_id"]: each for each in (await after.control("GET", "payments"))["payments"]}
        assert set(answered.values()) <= set(known)
        assert {each["status"] for each in known.values()} == {"succeeded"}
        assert len({each["reference"] for each in known.values()}) == len(known)
        key, intent_id = next(iter(answered.items()))
        number = int(key.removeprefix("key-"))
        again = await after.pay(
            amount=1000 + number, metadata={"sycee_reference": f"R{number}"}, options={"idempotency_key": key}
        )
        assert again.id == intent_id
        charge = await client.v1.charges.retrieve_async(str(again.latest_charge))
        assert charge.amount_captured == 1000 + number


async def test_faults_and_callback_modes_outlive_the_sandbox(tmp_path: Path) -> None:
    """What a test has armed stays armed: the outside world does not restart with us."""
    for first in (True, False):
        async with (
            process(tmp_path) as (child, url),
            closing(client_of(url)) as client,
            aiohttp.ClientSession() as http,
        ):
            started = Sandbox(url, client, http, Inbox())
            if first:
                await started.arm("pay", "rate_limit", count=2)
                await started.control("POST", "callbacks", {"mode": "hold"})
            else:
                assert (await started.control("GET", "callbacks"))["mode"] == "hold"
            with pytest.raises(stripe.RateLimitError):
                await started.pay()
            child.send_signal(signal.SIGKILL)


async def test_a_terminated_sandbox_ends_at_once(tmp_path: Path) -> None:
    """SIGTERM ends it within moments, even while a call hangs."""
    async with process(tmp_path) as (child, url), closing(client_of(url)) as client, aiohttp.ClientSession() as http:
        started = Sandbox(url, client, http, Inbox())
        await started.arm("pay", "timeout_before", count=1)
        hanging = asyncio.create_task(started.pay())
        async with asyncio.timeout(5):
            # The fault leaves the list when it is drawn: from then on the call hangs.
            while (await started.control("GET", "faults"))["faults"]:
                pass
        child.send_signal(signal.SIGTERM)
        async with asyncio.timeout(5):
            assert await child.wait() == 0
        with pytest.raises((stripe.APIConnectionError, aiohttp.ClientError)):
            await hanging


def test_two_sandboxes_do_not_share_a_file(tmp_path: Path) -> None:
    """The second one is refused instead of corrupting the first one's state."""
    first = Database(tmp_path / "sandbox.db")
    with pytest.raises(StateInUse):
        Database(tmp_path / "sandbox.db")
    first.close()
    Database(tmp_path / "sandbox.db").close()


def test_a_file_of_another_version_is_refused(tmp_path: Path) -> None:
    """State that this version cannot read is named, not misread."""
    with sqlite3.connect(tmp_path / "sandbox.db") as other:
        other.execute("CREATE TABLE documents (id TEXT)")
        other.execute("PRAGMA user_version = 99")
    other.close()
    with pytest.raises(StateOfAnotherVersion):
        Database(tmp_path / "sandbox.db")
