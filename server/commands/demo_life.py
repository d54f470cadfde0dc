"""The demo's last scene: the whole life of money in one, from an intent with a challenge to a dispute, a payout and the proof of the ledger."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

from server.commands.cards import card
from server.commands.demo_client import DemoClient, new_key
from server.commands.demo_line import Shown, Told

# Its holder passes a 3-D Secure challenge for every payment; the other one's money can be paid out at once.
_CHALLENGED, _AVAILABLE_AT_ONCE = "4000002760003184", "4000000000000077"
_WITHIN_SECONDS, _LOOK_EVERY_SECONDS = 30.0, 0.2

Look = Callable[[], Awaitable[dict[str, Any]]]


async def one_life(client: DemoClient) -> list[Shown]:
    """One life: a saved card, an intent with 3-D Secure, a refund, a dispute, a payout, and the ledger proven"""
    payment, paid = await _paid_through_an_intent(client)
    return [
        paid,
        await _refunded(client, payment),
        *await _disputed(client, payment),
        await _paid_out(client),
        await _proven(client),
    ]


async def _paid_through_an_intent(client: DemoClient) -> tuple[dict[str, Any], Shown]:
    """The customer passes the bank's page, in a browser; the webhook tells."""
    customer = str(uuid.uuid4())
    saved = (await _post(client, f"/api/v1/customers/{customer}/payment_methods", card(_CHALLENGED))).json
    wish = {"amount": "59.49", "currency": "USD", "customer_id": customer, "payment_method": saved["id"]}
    opened = await _post(client, "/api/v1/payment_intents", wish)
    intent = opened.json
    asked = intent["status"]
    await client.customer.pay(intent["next_action"]["redirect_url"])
    intent = await _until(_look(client, f"/api/v1/payment_intents/{intent['id']}"), "status", "succeeded")
    payment = (await client.rest.get(f"/api/v1/payments/{intent['payment_id']}")).json
    told = Told("intent, 3-D Secure", "REST", f"HTTP {opened.status} {asked}", asked == "requires_action")
    became = f"{intent['status']}, {payment['captured_amount']} {payment['currency']} captured"
    truth = await _truth(client, payment)
    right = intent["status"] == "succeeded" and truth["captured_minor"] == 5949
    return payment, Shown(told, became, f"{truth['captured_minor']} usd taken, {truth['status']}", right)


async def _refunded(client: DemoClient, payment: dict[str, Any]) -> Shown:
    answer = await _post(client, f"/api/v1/payments/{payment['id']}/refunds", {"amount": "9.49"})
    truth = await _truth(client, payment)
    told = Told("... refunded in part", "REST", f"HTTP {answer.status}")
    right = answer.json["status"] == "succeeded" and truth["refunded_minor"] == 949
    return Shown(
        told, f"{answer.json['status']}, {answer.json['amount']} USD", f"{truth['refunded_minor']} usd returned", right
    )


async def _disputed(client: DemoClient, payment: dict[str, Any]) -> list[Shown]:
    """The bank holds the money, takes our evidence, and decides for us."""
    number = await client.sandbox.dispute(payment["gateway_payment_id"])
    seen = await _until(_look(client, f"/api/v1/payments/{payment['id']}"), "dispute")
    dispute = seen["dispute"]
    opened = Shown(
        Told("... disputed", "callback", str(dispute["reason"])),
        f"{dispute['status']}, {dispute['amount']} USD held",
        number[:3] + "...",
        right=dispute["status"] == "needs_response",
    )
    path = f"/api/v1/disputes/{dispute['id']}"
    evidence = {"product_description": "优质棉质 T 恤", "shipping_carrier": "UPS", "shipping_tracking_number": "1Z999"}
    answer = await _post(client, f"{path}/evidence", evidence)
    await client.sandbox.close_dispute(number, "won")
    closed = await _until(_look(client, path), "status", "won")
    told = Told("... evidence, decided", "REST", f"HTTP {answer.status} {answer.json['status']}")
    return [
        opened,
        Shown(told, f"{closed['status']}, {closed['amount']} USD back", closed["status"], closed["status"] == "won"),
    ]


async def _paid_out(client: DemoClient) -> Shown:
    wish = {"amount": "500.00", "currency": "USD", "gateway": "stripe", "payment_method": card(_AVAILABLE_AT_ONCE)}
    payment = (await _post(client, "/api/v1/payments", wish)).json
    answer = await _post(client, "/api/v1/payouts", {"amount": "250.00", "currency": "USD", "gateway": "stripe"})
    payout = answer.json
    if answer.status != 201:
        error = payout["error"]["code"]
        return Shown(Told("payout", "REST", f"HTTP {answer.status} {error}"), "not paid out", "", right=False)
    for status in ("in_transit", "paid"):
        await client.sandbox.payout(payout["gateway_payout_id"], status)
    paid = await _until(_look(client, f"/api/v1/payouts/{payout['id']}"), "status", "paid")
    told = Told("payout", "REST", f"HTTP {answer.status} {payout['status']}", payment["status"] == "succeeded")
    return Shown(told, f"{paid['status']}, {paid['amount']} USD", paid["status"], paid["status"] == "paid")


async def _proven(client: DemoClient) -> Shown:
    """The ledger is held against itself and against every payment, refund, dispute and payout."""
    answer = await _post(client, "/api/v1/ledger/verify", {})
    proof = answer.json
    told = Told("ledger verified", "REST", f"HTTP {answer.status}")
    found = f"{'balanced' if proof['balanced'] else 'NOT balanced'}, {proof['entries_checked']} entries"
    return Shown(told, found, "", right=proof["balanced"])


def _look(client: DemoClient, path: str) -> Look:
    async def look() -> dict[str, Any]:
        found: dict[str, Any] = (await client.rest.get(path)).json
        return found

    return look


async def _until(look: Look, name: str, wanted: str | None = None) -> dict[str, Any]:
    """What is looked at, once its field is as wanted (anything at all without `wanted`), or as it is when the time is over."""
    found = await look()
    for _ in range(int(_WITHIN_SECONDS / _LOOK_EVERY_SECONDS)):
        if found[name] if wanted is None else found[name] == wanted:
            break
        await asyncio.sleep(_LOOK_EVERY_SECONDS)
        found = await look()
    return found


async def _post(client: DemoClient, path: str, body: dict[str, Any]) -> Any:
    return await client.rest.post(path, body, new_key())


async def _truth(client: DemoClient, payment: dict[str, Any]) -> dict[str, Any]:
    """The gateway's own books."""
    (truth,) = await client.sandbox.payments(payment["reference"])
    return truth
