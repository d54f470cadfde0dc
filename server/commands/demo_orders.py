"""The demo's scenes of the mall: an order, a hosted page on which its customer pays, and the gateway's signed callback that tells of it."""

import asyncio
from typing import Any

from server.commands.demo_client import DemoClient
from server.commands.demo_line import Shown, Told

_PAID_WITHIN_SECONDS = 30
_NAMES = {"alipay": "Alipay", "wechat": "WeChat Pay", "paypal": "PayPal"}


async def order_through_alipay(client: DemoClient) -> list[Shown]:
    """A mall order through Alipay: the customer pays at the cashier, the signed form arrives"""
    return [await _order(client, "alipay", "CNY")]


async def order_through_wechat(client: DemoClient) -> list[Shown]:
    """A mall order through WeChat Pay: the customer scans the code, the encrypted message arrives"""
    return [await _order(client, "wechat", "CNY")]


async def order_through_paypal(client: DemoClient) -> list[Shown]:
    """A mall order through PayPal: the customer approves, the signed webhook arrives, the money is captured"""
    return [await _order(client, "paypal", "USD")]


async def _order(client: DemoClient, gateway: str, currency: str) -> Shown:
    shopper = client.shopper
    wanted = {"total_amount": "100.00", "currency": currency, "subject": "太极剑"}
    order = (await shopper.post("/api/orders", wanted)).json["data"]
    opened = await shopper.post("/api/payments", {"order_id": order["id"], "gateway": gateway})
    told = Told(
        f"order, {_NAMES[gateway]}", "mall", f"HTTP {opened.status} {opened.json['message']}", opened.status == 200
    )
    if not told.right:
        return Shown(told, "not paid", "", right=False)
    await client.customer.pay(opened.json["data"]["payment_url"])
    order = await _until_paid(client, order["id"])
    kept = (await client.rest.get("/api/v1/callbacks", reference=order["order_no"], decision="applied")).json["data"]
    truth = await client.sandbox.at(gateway).payments(order["order_no"])
    taken = [f"{one['captured_minor']} {one['currency'].lower()} taken, {one['status']}" for one in truth]
    by = f", told by {kept[-1]['format'].replace('_', ' ')}" if kept else ""
    right = order["status"] == "paid" and [one["captured_minor"] for one in truth] == [10000] and bool(kept)
    return Shown(told, f"{order['status']}, {order['total_amount']} {currency}{by}", "; ".join(taken), right)


async def _until_paid(client: DemoClient, order_id: int) -> dict[str, Any]:
    order: dict[str, Any] = {}
    for _ in range(_PAID_WITHIN_SECONDS * 5):
        order = (await client.shopper.get(f"/api/orders/{order_id}")).json["data"]
        if order["status"] != "pending":
            break
        await asyncio.sleep(0.2)
    return order
