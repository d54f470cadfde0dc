"""The demo's scenes: each plays one story of a payment and shows how it ended, beside what the gateway's own books say."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

import grpc
from google.rpc import error_details_pb2, status_pb2

from server.commands.cards import card, typed_card
from server.commands.demo_client import DemoClient, new_key
from server.commands.demo_life import one_life
from server.commands.demo_line import Shown, Told
from server.commands.demo_orders import order_through_alipay, order_through_paypal, order_through_wechat
from sycee.v1 import common_pb2 as common
from sycee.v1 import payment_service_pb2 as pb

_RESOLVED_WITHIN_SECONDS = 60


async def paid_over_rest(client: DemoClient) -> list[Shown]:
    """A card payment over REST"""
    answer = await client.rest.post("/api/v1/payments", _wish(card("4242424242424242"), amount="59.49"))
    return [await _show(client, Told("card payment", "REST", f"HTTP {answer.status}"), answer.json, "succeeded")]


async def paid_over_grpc(client: DemoClient) -> list[Shown]:
    """A card payment over gRPC"""
    payment = await client.payments.CreatePayment(
        _typed_wish("4242424242424242", "1200", "JPY"), metadata=client.metadata()
    )
    answer = await client.rest.get(f"/api/v1/payments/{payment.id}")
    return [await _show(client, Told("card payment in yen", "gRPC", "OK"), answer.json, "succeeded")]


async def declined_over_rest(client: DemoClient) -> list[Shown]:
    """A declined card over REST: an error, and the payment is kept"""
    answer = await client.rest.post("/api/v1/payments", _wish(card("4000000000000002")))
    error = answer.json["error"]
    kept = await client.rest.get(f"/api/v1/payments/{error['details'][0]['payment_id']}")
    return [
        await _show(client, Told("declined card", "REST", f"HTTP {answer.status} {error['code']}"), kept.json, "failed")
    ]


async def declined_over_grpc(client: DemoClient) -> list[Shown]:
    """Insufficient funds over gRPC: a typed error"""
    try:
        await client.payments.CreatePayment(_typed_wish("4000000000009995", "59.49", "USD"), metadata=client.metadata())
    except grpc.aio.AioRpcError as error:
        info = _error_info(error)
        kept = await client.rest.get(f"/api/v1/payments/{info.metadata['payment_id']}")
        return [await _show(client, Told("insufficient funds", "gRPC", info.reason), kept.json, "failed")]
    return [Shown(Told("insufficient funds", "gRPC", "OK"), "should have been declined", "", right=False)]


async def authorised_and_captured(client: DemoClient) -> list[Shown]:
    """Authorise 59.49, capture 40.00, release the rest"""
    wish = _typed_wish("4242424242424242", "59.49", "USD", common.CAPTURE_METHOD_MANUAL)
    payment = await client.payments.CreatePayment(wish, metadata=client.metadata())
    authorised = await client.rest.get(f"/api/v1/payments/{payment.id}")
    shown = await _show(client, Told("authorised", "gRPC", "OK"), authorised.json, "pending")
    captured = await client.rest.post(f"/api/v1/payments/{payment.id}/capture", {"amount": "40.00"})
    return [
        shown,
        await _show(
            client, Told("... captured in part", "REST", f"HTTP {captured.status}"), captured.json, "succeeded"
        ),
    ]


async def authorised_and_canceled(client: DemoClient) -> list[Shown]:
    """Authorise, then cancel"""
    answer = await client.rest.post("/api/v1/payments", _wish(card("4242424242424242")) | {"capture_method": "manual"})
    canceled = await client.rest.post(f"/api/v1/payments/{answer.json['id']}/cancel", {})
    return [
        await _show(client, Told("authorised, canceled", "REST", f"HTTP {canceled.status}"), canceled.json, "canceled")
    ]


async def lost_answer_is_found_out(client: DemoClient) -> list[Shown]:
    """The gateway charges, its answer is lost and it does not tell: `processing`, then the truth is found out (some seconds)"""
    await client.sandbox.callbacks("hold")
    await client.sandbox.fault("pay", "timeout_after")
    answer = await client.rest.post("/api/v1/payments", _wish(card("4242424242424242")))
    await client.sandbox.no_faults()
    status = answer.json.get("status")
    found = await _until_settled(client, answer.json)
    await client.sandbox.callbacks("normal")
    await client.sandbox.release()
    told = Told("answer lost in a time-out", "REST", f"HTTP {answer.status} {status}", right=status == "processing")
    return [await _show(client, told, found, "succeeded")]


async def refunded_in_parts(client: DemoClient) -> list[Shown]:
    """Refund a part, then all that is left; a third refund is refused"""
    payment = (await client.rest.post("/api/v1/payments", _wish(card("4242424242424242")))).json
    path = f"/api/v1/payments/{payment['id']}/refunds"
    part, rest, more = [await client.rest.post(path, body) for body in ({"amount": "12.50"}, {}, {})]
    refused = more.json.get("error", {}).get("code") == "ALREADY_REFUNDED"
    answer = f"HTTP {part.status}, {rest.status}, {more.status}"
    refunded = (await client.rest.get(f"/api/v1/payments/{payment['id']}")).json
    return [await _show(client, Told("refunded in parts", "REST", answer, right=refused), refunded, "refunded")]


async def replayed(client: DemoClient) -> list[Shown]:
    """The same call twice under one idempotency key: one charge, the same answer"""
    key, wish = new_key(), _wish(card("4242424242424242"))
    first = await client.rest.post("/api/v1/payments", wish, key)
    second = await client.rest.post("/api/v1/payments", wish, key)
    same = second.headers.get("Idempotent-Replayed") == "true" and first.body == second.body
    told = Told(
        "sent twice, one key", "REST", f"HTTP {second.status}, {'replayed' if same else 'not replayed'}", right=same
    )
    return [await _show(client, told, second.json, "succeeded")]


SCENES: tuple[Callable[[DemoClient], Awaitable[list[Shown]]], ...] = (
    paid_over_rest,
    paid_over_grpc,
    declined_over_rest,
    declined_over_grpc,
    authorised_and_captured,
    authorised_and_canceled,
    refunded_in_parts,
    replayed,
    lost_answer_is_found_out,
    order_through_alipay,
    order_through_wechat,
    order_through_paypal,
    one_life,
)


def _wish(payment_method: dict[str, Any], amount: str = "59.49") -> dict[str, Any]:
    return {
        "order_id": str(uuid.uuid4()),
        "amount": amount,
        "currency": "USD",
        "gateway": "stripe",
        "payment_method": payment_method,
        "description": "订单 #1001",
        "metadata": {"order_number": "1001"},
    }


def _typed_wish(
    number: str,
    amount: str,
    currency: str,
    capture_method: common.CaptureMethod.ValueType = common.CAPTURE_METHOD_AUTOMATIC,
) -> pb.CreatePaymentRequest:
    return pb.CreatePaymentRequest(
        amount=amount,
        currency=currency,
        gateway="stripe",
        payment_method=typed_card(number),
        capture_method=capture_method,
    )


async def _until_settled(client: DemoClient, payment: dict[str, Any]) -> dict[str, Any]:
    for _ in range(_RESOLVED_WITHIN_SECONDS * 2):
        payment = (await client.rest.get(f"/api/v1/payments/{payment['id']}")).json
        if payment["status"] != "processing":
            break
        await asyncio.sleep(0.5)
    return payment


async def _show(client: DemoClient, told: Told, payment: dict[str, Any], expected: str) -> Shown:
    """A line for a payment, which is right when it stands as expected and the gateway has taken and returned exactly what we say, once."""
    truth = await client.sandbox.payments(payment["reference"])
    theirs = [sum(one[name] for one in truth) for name in ("captured_minor", "refunded_minor")]
    ours = [int(payment[name].replace(".", "")) for name in ("captured_amount", "refunded_amount")]
    charges = [f"{one['captured_minor']} {one['currency']} taken{_returned(one)}, {one['status']}" for one in truth]
    became = f"{payment['status']}, {payment['captured_amount']} {payment['currency']} captured"
    right = told.right and payment["status"] == expected and theirs == ours and len(truth) <= 1
    return Shown(told, became, "; ".join(charges) or "nothing", right)


def _returned(held: dict[str, Any]) -> str:
    return f", {held['refunded_minor']} returned" if held["refunded_minor"] else ""


def _error_info(error: grpc.aio.AioRpcError) -> error_details_pb2.ErrorInfo:
    """Why a call failed, as it travels beside the gRPC status."""
    info = error_details_pb2.ErrorInfo()
    for name, value in error.trailing_metadata() or ():
        if name == "grpc-status-details-bin" and isinstance(value, bytes):
            any(detail.Unpack(info) for detail in status_pb2.Status.FromString(value).details)
    return info
