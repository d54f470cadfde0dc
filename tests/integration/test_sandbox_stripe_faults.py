"""Faults at the simulated Stripe: what a test arms happens to the operation it names, and to nothing else."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import stripe

from tests.integration.stripe_sandbox import Sandbox, client_of, closing, sandbox

__all__ = ["sandbox"]

PATIENCE_SECONDS = 0.3


async def count(sandbox: Sandbox) -> int:
    return len((await sandbox.v1.payment_intents.list_async({"limit": 100})).data)


async def pay_impatiently(sandbox: Sandbox) -> Any:
    async with closing(client_of(sandbox.url, timeout_seconds=PATIENCE_SECONDS)) as client:
        return await Sandbox(sandbox.url, client, sandbox.http, sandbox.inbox).pay()


@pytest.mark.parametrize(("fault", "done"), [("timeout_before", 0), ("timeout_after", 1), ("reset_after", 1)])
async def test_a_lost_answer_is_a_connection_error(sandbox: Sandbox, fault: str, done: int) -> None:
    """`..._after` did the work, `timeout_before` did not; the caller cannot tell which."""
    await sandbox.arm("pay", fault, count=1)
    with pytest.raises((stripe.APIConnectionError, asyncio.TimeoutError)):
        await pay_impatiently(sandbox)
    assert await count(sandbox) == done


async def test_a_hanging_line_is_cut_after_its_time(sandbox: Sandbox) -> None:
    """`delay_ms` bounds the silence for callers who would wait for ever."""
    await sandbox.arm("pay", "timeout_before", count=1, delay_ms=50)
    with pytest.raises(stripe.APIConnectionError):
        await sandbox.pay()


async def test_a_500_does_nothing(sandbox: Sandbox) -> None:
    """Stripe's own failure is an api_error."""
    await sandbox.arm("pay", "http_500", count=1)
    with pytest.raises(stripe.APIError) as caught:
        await sandbox.pay()
    body: Any = caught.value.error
    assert (caught.value.http_status, body.type) == (500, "api_error")
    assert await count(sandbox) == 0


async def test_a_rate_limit_is_429(sandbox: Sandbox) -> None:
    """The SDK knows it by its status."""
    await sandbox.arm("pay", "rate_limit", count=1)
    with pytest.raises(stripe.RateLimitError) as caught:
        await sandbox.pay()
    body: Any = caught.value.error
    assert body.code == "rate_limit"
    assert await count(sandbox) == 0


async def test_a_slow_call_takes_its_time_and_works(sandbox: Sandbox) -> None:
    """`slow` delays by `delay_ms`."""
    await sandbox.arm("pay", "slow", count=1, delay_ms=120)
    started = time.monotonic()
    assert (await sandbox.pay()).status == "succeeded"
    assert time.monotonic() - started >= 0.12


async def test_a_slow_call_is_done_though_its_caller_gave_up(sandbox: Sandbox) -> None:
    """Leaving does not undo what was asked for."""
    await sandbox.arm("pay", "slow", count=1, delay_ms=int(PATIENCE_SECONDS * 1000) + 100)
    with pytest.raises((stripe.APIConnectionError, asyncio.TimeoutError)):
        await pay_impatiently(sandbox)
    await sandbox.inbox.wait_for("payment_intent.succeeded")
    assert await count(sandbox) == 1


@pytest.mark.parametrize("operation", ["pay", "capture", "cancel", "refund", "fetch"])
async def test_a_fault_hits_its_operation_only(sandbox: Sandbox, operation: str) -> None:
    """Each of the five operations can fail by itself."""
    paid = await sandbox.pay()
    held = [await sandbox.pay(capture_method="manual") for _ in range(2)]
    waiting = await sandbox.v1.payment_intents.create_async({"amount": 500, "currency": "usd"})
    calls: dict[str, Callable[[], Awaitable[object]]] = {
        "pay": lambda: sandbox.v1.payment_intents.confirm_async(
            waiting.id, {"payment_method": "pm_card_visa", "return_url": "https://shop.example"}
        ),
        "capture": lambda: sandbox.v1.payment_intents.capture_async(held[0].id),
        "cancel": lambda: sandbox.v1.payment_intents.cancel_async(held[1].id),
        "refund": lambda: sandbox.v1.refunds.create_async({"payment_intent": paid.id}),
        "fetch": lambda: sandbox.v1.payment_intents.retrieve_async(paid.id),
    }
    await sandbox.arm(operation, "http_500")
    for name, call in calls.items():
        if name == operation:
            with pytest.raises(stripe.APIError):
                await call()
        else:
            await call()


async def test_every_operation_can_fail_but_tokenisation_never_does(sandbox: Sandbox) -> None:
    """`*` means the five operations; payment methods and customers are made all the same."""
    await sandbox.arm("*", "http_500")
    card = await sandbox.new_card()
    customer = await sandbox.v1.customers.create_async({})
    await sandbox.v1.payment_methods.attach_async(card.id, {"customer": customer.id})
    await sandbox.v1.tokens.create_async({"card": {"number": "4242424242424242", "exp_month": "1", "exp_year": "2040"}})
    for call in (sandbox.pay(), sandbox.v1.balance.retrieve_async(), sandbox.v1.charges.list_async()):
        with pytest.raises(stripe.APIError):
            await call


async def test_a_fault_lasts_for_its_count(sandbox: Sandbox) -> None:
    """After `count` calls the operation works again."""
    await sandbox.arm("pay", "http_500", count=2)
    for _ in range(2):
        with pytest.raises(stripe.APIError):
            await sandbox.pay()
    assert (await sandbox.pay()).status == "succeeded"
    assert (await sandbox.control("GET", "faults"))["faults"] == []


async def test_a_fault_without_a_count_lasts_until_it_is_deleted(sandbox: Sandbox) -> None:
    """`DELETE /_control/faults` ends all of them."""
    await sandbox.arm("pay", "http_500")
    for _ in range(3):
        with pytest.raises(stripe.APIError):
            await sandbox.pay()
    await sandbox.control("DELETE", "faults")
    assert (await sandbox.pay()).status == "succeeded"


async def test_a_fault_by_chance_hits_some_calls(sandbox: Sandbox) -> None:
    """With `probability` a call is hit or not, repeatably for one seed."""
    await sandbox.arm("fetch", "http_500", probability=0.5)
    outcomes = []
    for _ in range(20):
        try:
            await sandbox.v1.balance.retrieve_async()
            outcomes.append(True)
        except stripe.APIError:
            outcomes.append(False)
    assert 3 <= sum(outcomes) <= 17


@pytest.mark.parametrize(
    "body",
    [
        {"gateway": "stripe", "operation": "pay"},
        {"gateway": "stripe", "operation": "pay", "fault": "flood"},
        {"gateway": "stripe", "operation": "tokenise", "fault": "slow"},
        {"gateway": "stripe", "operation": "pay", "fault": "slow", "count": 0},
        {"gateway": "stripe", "operation": "pay", "fault": "slow", "probability": 2},
        {"gateway": "stripe", "operation": "pay", "fault": "slow", "delay_ms": -1},
        {"gateway": "stripe", "operation": "pay", "fault": "slow", "delay": 1},
    ],
)
async def test_a_fault_that_makes_no_sense_is_refused(sandbox: Sandbox, body: dict[str, object]) -> None:
    """400 with a message; a misspelt field is no fault at all."""
    status, answer = await sandbox.control_raw("POST", "faults", body)
    assert status == 400
    assert answer["error"]["message"]


@pytest.mark.parametrize("gateway", ["adyen", "Stripe", "_control"])
async def test_a_gateway_that_is_not_simulated_is_refused(sandbox: Sandbox, gateway: str) -> None:
    """Control says so instead of pretending."""
    calls = [
        ("GET", f"payments?gateway={gateway}", None),
        ("POST", "faults", {"gateway": gateway, "operation": "pay", "fault": "slow"}),
        ("POST", "merchants", {"gateway": gateway, "client_id": "a", "secret": "b"}),
        ("POST", "pay", {"gateway": gateway, "reference": "R", "outcome": "succeed"}),
        ("POST", "disputes", {"gateway": gateway, "gateway_payment_id": "x"}),
        ("POST", "payouts", {"gateway": gateway, "currency": "usd", "amount": 100}),
    ]
    for method, path, body in calls:
        status, answer = await sandbox.control_raw(method, path, body)
        assert status == 400
        assert f"{gateway} is not simulated" in answer["error"]["message"]
