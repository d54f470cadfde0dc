"""The simulated Stripe's webhooks: signed, retried, and bent by the modes that a test chooses."""

import asyncio
from pathlib import Path

import aiohttp
import pytest
import stripe

from tests.integration.stripe_sandbox import (
    WEBHOOK_SECRET,
    Inbox,
    Sandbox,
    client_of,
    closing,
    sandbox,
    served,
    settings_of,
)

__all__ = ["sandbox"]

PAID = ["payment_intent.created", "charge.succeeded", "payment_intent.succeeded"]


async def held_payment(sandbox: Sandbox) -> None:
    """Three events at once, and none later."""
    await sandbox.pay(capture_method="automatic")


async def test_a_payment_is_told_in_signed_events(sandbox: Sandbox) -> None:
    """The SDK accepts the signature, and refuses it once the body is touched."""
    intent = await sandbox.pay(options={"idempotency_key": "order-7"})
    event = await sandbox.inbox.wait_for("payment_intent.succeeded")
    assert event.data.object["id"] == intent.id
    assert (event.api_version, event.livemode) == ("2026-10-28.endive", False)
    assert event.request is not None
    assert event.request.idempotency_key == "order-7"
    body, signature = sandbox.inbox.messages[0]
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event(body.replace(b"usd", b"eur"), signature, WEBHOOK_SECRET)
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event(body, signature, "whsec_another")


async def test_every_step_has_its_event(sandbox: Sandbox) -> None:
    """Hold, capture, refund, cancel and decline are told in Stripe's words."""
    held = await sandbox.pay(capture_method="manual")
    await sandbox.v1.payment_intents.capture_async(held.id)
    await sandbox.v1.refunds.create_async({"payment_intent": held.id})
    other = await sandbox.pay(capture_method="manual")
    await sandbox.v1.payment_intents.cancel_async(other.id)
    with pytest.raises(stripe.CardError):
        await sandbox.pay("pm_card_visa_chargeDeclined")
    await sandbox.pay("pm_card_authenticationRequired")
    expected = {
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.amount_capturable_updated",
        "charge.captured",
        "payment_intent.succeeded",
        "refund.created",
        "charge.refunded",
        "payment_intent.canceled",
        "charge.failed",
        "payment_intent.payment_failed",
        "payment_intent.requires_action",
    }
    await sandbox.inbox.wait_until(lambda inbox: expected <= set(inbox.types()))


async def test_events_can_be_read_again(sandbox: Sandbox) -> None:
    """GET /v1/events lists what was sent, newest first, and by type."""
    await held_payment(sandbox)
    listed = await sandbox.v1.events.list_async()
    assert [event.type for event in listed.data] == list(reversed(PAID))
    only = await sandbox.v1.events.list_async({"type": "charge.succeeded"})
    assert [event.type for event in only.data] == ["charge.succeeded"]
    assert (await sandbox.v1.events.retrieve_async(only.data[0].id)).data.object["object"] == "charge"


async def test_a_refused_webhook_is_sent_again_with_the_same_id(sandbox: Sandbox) -> None:
    """Whatever is not 2xx is retried; the event stays the same event."""
    sandbox.inbox.status = 500
    await held_payment(sandbox)
    await sandbox.inbox.wait_until(lambda inbox: len(inbox.messages) >= 6)
    sandbox.inbox.status = 200
    ids = [event.id for event in sandbox.inbox.events()]
    assert len(set(ids)) == 3
    assert len(ids) > 3


async def test_duplicates_are_sent_twice(sandbox: Sandbox) -> None:
    """Mode `duplicate`: every event arrives twice, with one id."""
    await sandbox.control("POST", "callbacks", {"mode": "duplicate"})
    await held_payment(sandbox)
    await sandbox.inbox.wait_until(lambda inbox: len(inbox.messages) == 6)
    assert sorted(sandbox.inbox.types()) == sorted(PAID * 2)
    assert len({event.id for event in sandbox.inbox.events()}) == 3


async def test_reordered_events_arrive_newest_first(sandbox: Sandbox) -> None:
    """Mode `reorder`: what happened last is told first."""
    await sandbox.control("POST", "callbacks", {"mode": "reorder"})
    await held_payment(sandbox)
    await sandbox.inbox.wait_until(lambda inbox: len(inbox.messages) == 3)
    assert sandbox.inbox.types() == list(reversed(PAID))


async def test_held_events_wait_for_their_release(sandbox: Sandbox) -> None:
    """Mode `hold`: nothing arrives until `release`, and then everything."""
    await sandbox.control("POST", "callbacks", {"mode": "hold"})
    await held_payment(sandbox)
    assert await sandbox.control("GET", "callbacks") == {"mode": "hold", "waiting": 3}
    assert sandbox.inbox.messages == []
    assert await sandbox.control("POST", "callbacks/release") == {"released": 3}
    await sandbox.inbox.wait_until(lambda inbox: sorted(inbox.types()) == sorted(PAID))


async def test_dropped_events_never_arrive(sandbox: Sandbox) -> None:
    """Mode `drop`: the event exists, its webhook does not; back in `normal` only new events are sent."""
    await sandbox.control("POST", "callbacks", {"mode": "drop"})
    await held_payment(sandbox)
    await sandbox.control("POST", "callbacks", {"mode": "normal"})
    customer = await sandbox.v1.customers.create_async({})
    event = await sandbox.inbox.wait_for("customer.created")
    assert event.data.object["id"] == customer.id
    assert sandbox.inbox.types() == ["customer.created"]
    assert len((await sandbox.v1.events.list_async()).data) == 4


async def test_a_mode_that_does_not_exist_is_refused(sandbox: Sandbox) -> None:
    """400."""
    status, _ = await sandbox.control_raw("POST", "callbacks", {"mode": "loop"})
    assert status == 400


async def test_a_dead_merchant_slows_nobody(sandbox: Sandbox) -> None:
    """One merchant's endpoint hangs; another's webhooks and everybody's payments go on."""
    hanging = asyncio.Event()

    async def hang(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await hanging.wait()
        writer.close()

    server = await asyncio.start_server(hang, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        dead = {
            "gateway": "stripe",
            "secret_key": "sk_test_dead",
            "webhook_secret": "whsec_dead",
            "webhook_url": f"http://127.0.0.1:{port}/",
        }
        await sandbox.control("POST", "merchants", dead)
        async with closing(client_of(sandbox.url, "sk_test_dead")) as client:
            for _ in range(10):
                await client.v1.customers.create_async({})
        await held_payment(sandbox)
        await sandbox.inbox.wait_until(lambda inbox: len(inbox.messages) == 3)
        hanging.set()


async def test_undeliverable_events_are_given_up(sandbox: Sandbox) -> None:
    """After its last retry a delivery is gone: six tries each, and none more."""
    sandbox.inbox.status = 500
    await held_payment(sandbox)
    await sandbox.inbox.wait_until(lambda inbox: len(inbox.messages) == 18)
    sandbox.inbox.status = 200
    await sandbox.v1.customers.create_async({})
    await sandbox.inbox.wait_for("customer.created")
    assert len(sandbox.inbox.messages) == 19


async def test_a_merchant_without_an_endpoint_gets_nothing(tmp_path: Path) -> None:
    """Without a URL no delivery is ever queued."""
    async with served(settings_of(tmp_path)) as url, closing(client_of(url)) as client, aiohttp.ClientSession() as http:
        nowhere = Sandbox(url, client, http, Inbox())
        await held_payment(nowhere)
        assert (await nowhere.control("GET", "callbacks"))["waiting"] == 0
        assert (await client.v1.events.list_async()).data[0].pending_webhooks == 0
