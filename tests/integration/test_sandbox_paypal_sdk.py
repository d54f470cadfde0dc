"""PayPal's own SDK against the simulated PayPal: every call that a shop needs, from order to refund."""

import asyncio
from typing import Any

import pytest
from paypalserversdk.exceptions.error_exception import ErrorException
from paypalserversdk.models.amount_with_breakdown import AmountWithBreakdown
from paypalserversdk.models.capture_request import CaptureRequest
from paypalserversdk.models.money import Money
from paypalserversdk.models.order_request import OrderRequest
from paypalserversdk.models.purchase_unit_request import PurchaseUnitRequest
from paypalserversdk.models.refund_request import RefundRequest

from tests.integration.paypal_sandbox import Sandbox, sandbox, sdk_of

__all__ = ["sandbox"]


def request_of(intent: str) -> Any:
    unit = PurchaseUnitRequest(
        amount=AmountWithBreakdown(currency_code="USD", value="10.00"), invoice_id="INV-1", custom_id="custom"
    )
    return OrderRequest(intent=intent, purchase_units=[unit])


async def approve(sandbox: Sandbox, order: Any) -> None:
    url = next(link.href for link in order.links if link.rel == "approve")
    await sandbox.control("POST", "pay", {"gateway": "paypal", "url": url, "outcome": "succeed"})


async def test_an_order_is_paid_and_refunded(sandbox: Sandbox) -> None:
    """Create, approve, capture, refund in two parts, and look at everything again."""
    sdk = await asyncio.to_thread(sdk_of, sandbox.url)
    create = {"body": request_of("CAPTURE"), "paypal_request_id": "create-1"}
    order = (await asyncio.to_thread(sdk.orders.create_order, create)).body
    assert order.status == "CREATED"
    await approve(sandbox, order)
    paid = await asyncio.to_thread(sdk.orders.capture_order, {"id": order.id, "paypal_request_id": "capture-1"})
    assert (paid.status_code, paid.body.status) == (201, "COMPLETED")
    capture = paid.body.purchase_units[0].payments.captures[0]
    breakdown = capture.seller_receivable_breakdown
    assert (breakdown.gross_amount.value, breakdown.paypal_fee.value, breakdown.net_amount.value) == (
        "10.00",
        "0.84",
        "9.16",
    )
    part = {"capture_id": capture.id, "body": RefundRequest(amount=Money("USD", "4.00")), "paypal_request_id": "part"}
    first = (await asyncio.to_thread(sdk.payments.refund_captured_payment, part)).body
    rest = (await asyncio.to_thread(sdk.payments.refund_captured_payment, {"capture_id": capture.id})).body
    assert (first.status, rest.status) == ("COMPLETED", "COMPLETED")
    shown = (await asyncio.to_thread(sdk.payments.get_refund, {"refund_id": rest.id})).body
    assert shown.amount.value == "6.00"
    assert shown.seller_payable_breakdown.total_refunded_amount.value == "10.00"
    assert (await asyncio.to_thread(sdk.payments.get_captured_payment, {"capture_id": capture.id})).body.status == (
        "REFUNDED"
    )
    whole = (await asyncio.to_thread(sdk.orders.get_order, {"id": order.id})).body
    assert [refund.id for refund in whole.purchase_units[0].payments.refunds] == [first.id, rest.id]
    (view,) = await sandbox.payments("INV-1")
    assert (view["gateway_payment_id"], view["captured_minor"], view["refunded_minor"]) == (order.id, 1000, 1000)


async def test_an_authorization_is_captured_in_parts_and_another_voided(sandbox: Sandbox) -> None:
    """Intent AUTHORIZE: the money is held, taken in parts, or released."""
    sdk = await asyncio.to_thread(sdk_of, sandbox.url)
    order = (await asyncio.to_thread(sdk.orders.create_order, {"body": request_of("AUTHORIZE")})).body
    await approve(sandbox, order)
    held = (await asyncio.to_thread(sdk.orders.authorize_order, {"id": order.id})).body
    authorization = held.purchase_units[0].payments.authorizations[0]
    assert authorization.status == "CREATED"
    for value, final, status in (("4.00", False, "PARTIALLY_CAPTURED"), ("5.00", True, "CAPTURED")):
        body = CaptureRequest(amount=Money("USD", value), final_capture=final)
        request = {"authorization_id": authorization.id, "body": body, "prefer": "return=representation"}
        taken = (await asyncio.to_thread(sdk.payments.capture_authorized_payment, request)).body
        assert (taken.status, taken.amount.value, taken.final_capture) == ("COMPLETED", value, final)
        look = {"authorization_id": authorization.id}
        assert (await asyncio.to_thread(sdk.payments.get_authorized_payment, look)).body.status == status
    other = await sandbox.authorized()
    voided = await asyncio.to_thread(sdk.payments.void_payment, {"authorization_id": other["id"]})
    assert (voided.status_code, voided.body) == (204, None)
    with pytest.raises(ErrorException) as refusal:
        await asyncio.to_thread(sdk.payments.void_payment, {"authorization_id": other["id"]})
    assert (refusal.value.response_code, refusal.value.details[0].issue) == (422, "PREVIOUSLY_VOIDED")


async def test_an_order_without_approval_is_not_captured(sandbox: Sandbox) -> None:
    """The SDK reads PayPal's refusals: name, issue and debug id."""
    sdk = await asyncio.to_thread(sdk_of, sandbox.url)
    order = (await asyncio.to_thread(sdk.orders.create_order, {"body": request_of("CAPTURE")})).body
    with pytest.raises(ErrorException) as refusal:
        await asyncio.to_thread(sdk.orders.capture_order, {"id": order.id})
    error = refusal.value
    assert (error.response_code, error.name, error.details[0].issue) == (
        422,
        "UNPROCESSABLE_ENTITY",
        "ORDER_NOT_APPROVED",
    )
    assert error.debug_id
