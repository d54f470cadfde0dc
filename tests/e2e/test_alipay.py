"""Alipay through the whole service: the customer's page or code, the signed notification, and what the caller is told."""

from typing import Any

import pytest

from server.commands.rest_client import RestClient
from server.commands.sandbox_client import SandboxClient
from tests.e2e.polling import until
from tests.e2e.wishes import PAYMENTS, paid, read

# A notification arrives at once; a look comes after five seconds, and ten seconds later.
_SETTLED_WITHIN_SECONDS = 40


@pytest.fixture
def alipay(sandbox: SandboxClient) -> SandboxClient:
    return sandbox.at("alipay")


async def begun(rest: RestClient, **changes: Any) -> tuple[dict[str, Any], str]:
    """A payment that waits for its customer, and the address or code that the customer is shown."""
    method = {"type": "alipay", "alipay": {"channel": "page"}}
    payment = await paid(rest, currency="CNY", gateway="alipay", payment_method=method, **changes)
    assert payment["status"] == "pending"
    action = payment["next_action"]
    return payment, action.get("redirect_url") or action["qr_code_url"]


async def became(rest: RestClient, payment: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return await until(
        lambda: read(rest, payment["id"]), lambda seen: fields.items() <= seen.items(), _SETTLED_WITHIN_SECONDS
    )


async def reserved(rest: RestClient, alipay: SandboxClient) -> dict[str, Any]:
    """A payment whose customer has scanned and accepted."""
    payment, code = await begun(rest, capture_method="manual")
    assert payment["next_action"]["type"] == "display_qr_code"
    await alipay.pay(code, "succeed")
    return await became(rest, payment, status="pending", next_action=None)


async def test_a_page_is_paid_and_refunded(rest: RestClient, alipay: SandboxClient) -> None:
    """The notification alone tells of the payment; a part is returned under its own number."""
    payment, url = await begun(rest, description="两杯茶")
    assert payment["next_action"]["type"] == "redirect"
    assert await alipay.payments(payment["reference"]) == []
    await alipay.pay(url, "succeed")
    settled = await became(rest, payment, status="succeeded")
    (trade,) = await alipay.payments(payment["reference"])
    assert (settled["captured_amount"], settled["gateway_payment_id"]) == ("59.49", trade["gateway_payment_id"])
    refund = await rest.post(f"{PAYMENTS}/{payment['id']}/refunds", {"amount": "20.00"})
    assert (refund.status, refund.json["status"]) == (201, "succeeded")
    (trade,) = await alipay.payments(payment["reference"])
    assert (trade["captured_minor"], trade["refunded_minor"]) == (5949, 2000)


async def test_a_notification_that_is_lost_is_no_payment_lost(rest: RestClient, alipay: SandboxClient) -> None:
    """Alipay is asked instead."""
    await alipay.callbacks("drop")
    try:
        payment, url = await begun(rest)
        await alipay.pay(url, "succeed")
        await became(rest, payment, status="succeeded", captured_amount="59.49")
    finally:
        await alipay.callbacks("normal")


async def test_a_code_is_captured_in_part(rest: RestClient, alipay: SandboxClient) -> None:
    """The rest of what was frozen goes back to the customer."""
    payment = await reserved(rest, alipay)
    captured = await rest.post(f"{PAYMENTS}/{payment['id']}/capture", {"amount": "12.00"})
    assert (captured.status, captured.json["status"], captured.json["captured_amount"]) == (200, "succeeded", "12.00")
    assert sum(one["captured_minor"] for one in await alipay.payments(payment["reference"])) == 1200


async def test_a_reservation_is_canceled(rest: RestClient, alipay: SandboxClient) -> None:
    """Nothing was taken and nothing is held."""
    payment = await reserved(rest, alipay)
    canceled = await rest.post(f"{PAYMENTS}/{payment['id']}/cancel")
    assert (canceled.status, canceled.json["status"]) == (200, "canceled")
    assert sum(one["captured_minor"] for one in await alipay.payments(payment["reference"])) == 0


async def test_a_page_that_is_open_is_canceled(rest: RestClient, alipay: SandboxClient) -> None:
    """The customer who looks at it cannot pay it any more."""
    payment, url = await begun(rest)
    await alipay.pay(url, "abandon")
    canceled = await rest.post(f"{PAYMENTS}/{payment['id']}/cancel")
    assert (canceled.status, canceled.json["status"]) == (200, "canceled")


async def test_a_page_that_nobody_opened_is_not_called_canceled(rest: RestClient, alipay: SandboxClient) -> None:
    """It cannot be closed and may still be paid: the payment is on its way to its end until then, and counts if it is paid first."""
    payment, url = await begun(rest)
    answer = await rest.post(f"{PAYMENTS}/{payment['id']}/cancel")
    assert (answer.status, answer.json["status"]) == (200, "processing")
    await alipay.pay(url, "succeed")
    await became(rest, payment, status="succeeded", captured_amount="59.49")
