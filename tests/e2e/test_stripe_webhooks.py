"""Stripe tells by itself what became of a payment: signed webhooks settle what no answer did, and nobody else's are believed."""

import hmac
import json
import time
from typing import Any
from uuid import uuid4

from server.commands.cards import card
from server.commands.dev_credentials import dev_credentials
from server.commands.rest_client import Answer, RestClient
from server.commands.sandbox_client import SandboxClient
from tests.e2e.installation import Installation
from tests.e2e.polling import until
from tests.e2e.wishes import PAYMENTS, paid, read, wish

CALLBACKS, ADDRESS = "/api/v1/callbacks", "/api/payments/callback/stripe"

# The background looks for the first time after five seconds.
_BEFORE_THE_BACKGROUND = 4.0


async def callbacks_about(rest: RestClient, payment_id: str) -> list[dict[str, Any]]:
    """What Stripe has told of a payment, newest first."""
    answer = await rest.get(CALLBACKS, payment_id=payment_id)
    assert answer.status == 200, answer.body
    told: list[dict[str, Any]] = answer.json["data"]
    return told


async def test_a_webhook_settles_what_no_answer_did(rest: RestClient, sandbox: SandboxClient) -> None:
    """Its receipt included, before the background would have asked; a callback that was applied stands for it."""
    await sandbox.fault("pay", "reset_after")
    begun = await rest.post(PAYMENTS, wish(), key=str(uuid4()))
    await sandbox.no_faults()
    assert begun.status == 201
    payment_id = begun.json["id"]
    became = await until(
        lambda: read(rest, payment_id), lambda payment: payment["status"] == "succeeded", _BEFORE_THE_BACKGROUND
    )
    assert became["captured_amount"] == "59.49"
    assert became["receipt_url"]
    told = await until(
        lambda: callbacks_about(rest, payment_id),
        lambda found: "applied" in {one["decision"] for one in found},
        _BEFORE_THE_BACKGROUND,
    )
    assert {one["gateway"] for one in told} == {"stripe"}
    assert len(await sandbox.payments(became["reference"])) == 1


async def test_a_challenge_is_over_at_once(rest: RestClient, sandbox: SandboxClient) -> None:
    """The customer's part is told by a webhook; what is left to us is done on that."""
    challenged = [
        await paid(rest, payment_method=card("4000002760003184"), confirmation_method=method)
        for method in ("automatic", "manual")
    ]
    for payment in challenged:
        await sandbox.pay(payment["next_action"]["redirect_url"], "succeed")
    became = await until(
        lambda: read(rest, challenged[0]["id"]),
        lambda payment: payment["status"] == "succeeded",
        _BEFORE_THE_BACKGROUND,
    )
    assert became["receipt_url"]


async def test_repeated_webhooks_change_nothing(rest: RestClient, sandbox: SandboxClient) -> None:
    """Each comes twice, and is acknowledged; the payment is what it was, its times included."""
    await sandbox.callbacks("duplicate")
    try:
        payment = await paid(rest)
        # Stored first and looked into then: `pending` lasts for as long as Stripe is asked.
        told = await until(
            lambda: callbacks_about(rest, payment["id"]),
            lambda found: len(found) >= 2 and "pending" not in {one["decision"] for one in found},
            _BEFORE_THE_BACKGROUND * 2,
        )
    finally:
        await sandbox.callbacks("normal")
    assert {one["decision"] for one in told} <= {"applied", "ignored"}
    assert await read(rest, payment["id"]) == payment


def signed(body: bytes, secret: str, at: int) -> str:
    return f"t={at},v1={hmac.new(secret.encode(), b'%d.' % at + body, 'sha256').hexdigest()}"


async def test_what_stripe_has_not_signed_is_refused(rest: RestClient, installation: Installation) -> None:
    """400, whoever sends it and whatever it says; a payment that waits for its customer goes on waiting."""
    payment = await paid(rest, payment_method=card("4000002760003184"))
    secret = dev_credentials(installation.data_dir).stripe_webhook_secret
    intent = {
        "id": payment["gateway_payment_id"],
        "object": "payment_intent",
        "amount": 5949,
        "amount_received": 5949,
        "amount_capturable": 0,
        "currency": "usd",
        "status": "succeeded",
        "latest_charge": {"receipt_url": "https://evil.example/"},
        "metadata": {"sycee_reference": payment["reference"]},
    }
    event = {"id": "evt_forged", "object": "event", "type": "payment_intent.succeeded", "data": {"object": intent}}
    body = json.dumps(event).encode()
    now = int(time.time())

    async def post(header: str | None) -> Answer:
        headers = {"Content-Type": "application/json"} | ({} if header is None else {"Stripe-Signature": header})
        return await rest.by(None).send("POST", ADDRESS, body, headers)

    forged = [None, "", signed(body, "", now), signed(body, "whsec_guessed", now)]
    forged += [signed(body, secret, now - 400), signed(body, secret, now + 400), signed(body + b" ", secret, now)]
    for header in forged:
        assert (await post(header)).status == 400
    assert (await read(rest, payment["id"]))["status"] == "pending"
