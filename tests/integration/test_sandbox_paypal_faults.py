"""Faults at the simulated PayPal: what a test arms happens to the operation it names, and to nothing else."""

import asyncio
from collections.abc import Awaitable, Callable

import aiohttp
import pytest

from tests.integration.paypal_sandbox import Answer, Sandbox, order_of, sandbox

__all__ = ["sandbox"]

ORDERS = "/v2/checkout/orders"
Calls = dict[str, Callable[[], Awaitable[Answer]]]


async def calls_of(sandbox: Sandbox) -> Calls:
    """One call of each operation, under a request id."""
    order, held = await sandbox.approved(), await sandbox.authorized(invoice_id="I")
    capture = await sandbox.captured()
    paths = {
        "capture": f"{ORDERS}/{order['id']}/capture",
        "cancel": f"/v2/payments/authorizations/{held['id']}/void",
        "refund": f"/v2/payments/captures/{capture['id']}/refund",
    }
    calls: Calls = {
        name: lambda path=path: sandbox.call("POST", path, PayPal_Request_Id="k")  # type: ignore[misc]
        for name, path in paths.items()
    }
    calls["pay"] = lambda: sandbox.call("POST", ORDERS, order_of(), PayPal_Request_Id="k")
    calls["fetch"] = lambda: sandbox.call("GET", f"{ORDERS}/{order['id']}")
    return calls


@pytest.mark.parametrize("operation", ["pay", "capture", "cancel", "refund", "fetch"])
@pytest.mark.parametrize(
    ("fault", "status", "name"),
    [("http_500", 500, "INTERNAL_SERVER_ERROR"), ("rate_limit", 429, "RATE_LIMIT_REACHED")],
)
async def test_a_refusal_hits_its_operation_once(
    sandbox: Sandbox, operation: str, fault: str, status: int, name: str
) -> None:
    """The others go through; nothing is done, and the same id works afterwards."""
    calls = await calls_of(sandbox)
    await sandbox.arm(operation, fault, count=1)
    for other in calls.keys() - {operation}:
        assert (await calls[other]()).status < 300
    hit = await calls[operation]()
    assert (hit.status, hit.body["name"]) == (status, name)
    assert (await calls[operation]()).status < 300


@pytest.mark.parametrize("operation", ["pay", "capture", "cancel", "refund"])
async def test_what_was_done_behind_a_cut_line_is_told_under_its_id(sandbox: Sandbox, operation: str) -> None:
    """reset_after: the caller learns nothing, but the repeat under the same id gets the reply of what was done."""
    calls = await calls_of(sandbox)
    await sandbox.arm(operation, "reset_after", count=1)
    with pytest.raises(aiohttp.ClientError):
        await calls[operation]()
    repeated = await calls[operation]()
    assert repeated.status in (200, 201, 204)
    assert repeated.body == (await calls[operation]()).body


async def test_a_silent_line_has_done_it_or_not(sandbox: Sandbox) -> None:
    """timeout_before: nothing; timeout_after: everything."""
    for number, fault in enumerate(("timeout_before", "timeout_after")):
        await sandbox.arm("pay", fault, count=1, delay_ms=50)
        with pytest.raises((aiohttp.ClientError, asyncio.TimeoutError)):
            await sandbox.create(order_of(invoice_id="I"))
        assert len(await sandbox.payments("I")) == number


async def test_authentication_and_webhooks_are_no_operations(sandbox: Sandbox) -> None:
    """Faults never hit them."""
    await sandbox.arm("*", "http_500")
    assert (await sandbox.authenticate(sandbox.client_id, sandbox.secret)).status == 200
    assert (await sandbox.call("GET", "/v1/notifications/webhooks")).status == 200
    assert (await sandbox.call("POST", ORDERS, order_of())).status == 500
