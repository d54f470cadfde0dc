"""What is over after a time at the simulated PayPal: tokens, orders, authorizations, refunds, and the memory of request ids."""

import asyncio
from pathlib import Path

from tests.integration.paypal_sandbox import PATIENCE_SECONDS, Sandbox, amount_of, link_of, order_of, timed

ORDERS = "/v2/checkout/orders"


async def due_jobs_done(sandbox: Sandbox) -> None:
    """A call that schedules something makes the sandbox look at its clock again; what it announces is done."""
    await sandbox.create()


async def until(sandbox: Sandbox, path: str, status: str) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while (await sandbox.call("GET", path)).body["status"] != status:
            pass


async def test_a_token_is_over_after_nine_hours(tmp_path: Path) -> None:
    """401 invalid_token; a fresh one works."""
    async with timed(tmp_path) as (sandbox, clock):
        order = await sandbox.create()
        clock.advance(seconds=32_399)
        assert (await sandbox.call("GET", f"{ORDERS}/{order['id']}")).status == 200
        clock.advance(seconds=1)
        assert (await sandbox.call("GET", f"{ORDERS}/{order['id']}")).body["error"] == "invalid_token"
        sandbox.forget_token()
        assert (await sandbox.call("GET", f"{ORDERS}/{order['id']}")).status == 200


async def test_an_order_is_void_after_three_hours_unless_it_is_approved(tmp_path: Path) -> None:
    """The page is gone and a capture is refused; an approved order can still be captured."""
    async with timed(tmp_path) as (sandbox, clock):
        forgotten, approved = await sandbox.create(), await sandbox.approved()
        clock.advance(hours=3)
        await due_jobs_done(sandbox)
        await until(sandbox, f"{ORDERS}/{forgotten['id']}", "VOIDED")
        assert (await sandbox.decide(link_of(forgotten, "approve"), "approve")).status == 404
        assert (await sandbox.call("POST", f"{ORDERS}/{forgotten['id']}/capture")).issue == "ORDER_EXPIRED"
        assert (await sandbox.call("POST", f"{ORDERS}/{approved['id']}/capture")).status == 201


async def test_an_authorization_is_void_after_29_days(tmp_path: Path) -> None:
    """The money goes back to the buyer, and the merchant is told."""
    async with timed(tmp_path) as (sandbox, clock):
        held = await sandbox.authorized()
        path = f"/v2/payments/authorizations/{held['id']}"
        clock.advance(days=29, seconds=-1)
        sandbox.forget_token()
        assert (await sandbox.call("GET", path)).body["status"] == "CREATED"
        clock.advance(seconds=1)
        assert (await sandbox.call("POST", f"{path}/capture")).issue == "AUTHORIZATION_EXPIRED"
        await due_jobs_done(sandbox)
        voided = await sandbox.inbox.wait_for("PAYMENT.AUTHORIZATION.VOIDED")
        assert voided.event["resource"]["id"] == held["id"]
        assert (await sandbox.call("GET", path)).body["status"] == "VOIDED"
        assert (await sandbox.call("POST", f"{path}/capture")).issue == "AUTHORIZATION_EXPIRED"


async def test_a_refund_is_possible_for_180_days(tmp_path: Path) -> None:
    """Later the merchant has to send the money in another way."""
    async with timed(tmp_path) as (sandbox, clock):
        capture = await sandbox.captured()
        path = f"/v2/payments/captures/{capture['id']}/refund"
        clock.advance(days=180, seconds=-1)
        sandbox.forget_token()
        assert (await sandbox.call("POST", path, {"amount": amount_of("1.00")})).status == 201
        clock.advance(seconds=1)
        assert (await sandbox.call("POST", path)).issue == "REFUND_TIME_LIMIT_EXCEEDED"


async def test_request_ids_are_kept_six_hours_for_orders_and_45_days_for_payments(tmp_path: Path) -> None:
    """Within that time a repeat gets the first reply; afterwards it is a call of its own."""
    async with timed(tmp_path) as (sandbox, clock):
        first = await sandbox.create(order_of(), PayPal_Request_Id="o")
        capture = await sandbox.captured()
        path = f"/v2/payments/captures/{capture['id']}/refund"
        part = {"amount": amount_of("1.00")}
        refund = await sandbox.call("POST", path, part, PayPal_Request_Id="r")
        clock.advance(hours=6, seconds=-1)
        assert (await sandbox.create(order_of(), PayPal_Request_Id="o"))["id"] == first["id"]
        clock.advance(seconds=1)
        assert (await sandbox.create(order_of(), PayPal_Request_Id="o"))["id"] != first["id"]
        clock.advance(days=44, hours=17)
        sandbox.forget_token()
        assert (await sandbox.call("POST", path, part, PayPal_Request_Id="r")).body == refund.body
        clock.advance(hours=1)
        assert (await sandbox.call("POST", path, part, PayPal_Request_Id="r")).body["id"] != refund.body["id"]
