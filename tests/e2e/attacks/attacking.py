"""What an attack is measured by: refused for the right reason, nothing changed, one row in the inbox and one in the audit log."""

from collections.abc import Callable
from typing import Any

from tests.e2e.mall import Mall, Opened
from tests.e2e.pens.gateways import Pens
from tests.e2e.pens.message import Message, form

Forge = Callable[[Pens, str], Message]


async def refuses(
    mall: Mall, message: Message, opened: Opened, because: str, gateway: str = "", **headers: str
) -> None:
    """Fails unless the message is refused with a 4xx for that reason and no other, nothing changes, and it is kept once in the inbox and once in the audit log."""
    order, payment = await mall.read(opened.id), await mall.payment(opened)
    row = await mall.decided(message, gateway, **headers)
    assert row["reason"].startswith(because), row["reason"]
    assert 400 <= row["told"].status < 500, row["told"].body
    assert (row["decision"], row["audit"]) == ("rejected", ["callback.rejected"])
    assert await mall.read(opened.id) == order
    assert await mall.payment(opened) == payment


async def paypal_event(mall: Mall, opened: Opened, **changes: Any) -> dict[str, Any]:
    truth = await mall.truth("paypal", opened.order_no)
    return mall.pens.paypal.capture(opened.order_no, truth["gateway_payment_id"], **changes)


def ipn(opened: Opened, **changes: str) -> Message:
    fields = {
        "txn_type": "express_checkout",
        "txn_id": "61E67681CH3238416",
        "payment_status": "Completed",
        "mc_gross": "100.00",
        "mc_currency": "USD",
        "invoice": opened.order_no,
        "receiver_email": "shop@business.example.com",
        "ipn_track_id": "3e2d1c0b9a8f7",
        "verify_sign": "AtkOfCXbDm2hu0ZELryHFjY-Vb7PAUvS6nMXgysbElEn9v-1XcmSoGtf",
        "charset": "UTF-8",
    }
    return form(fields | changes)
