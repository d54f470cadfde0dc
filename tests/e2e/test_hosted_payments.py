"""WeChat Pay and PayPal through the v1 API: what the customer is shown, what their payment becomes, and what is captured, cancelled and refunded at the gateway."""

from typing import Any

import pytest

from server.commands.rest_client import Answer
from tests.e2e.mall import Mall
from tests.e2e.pens.keys import key_of, signature
from tests.e2e.polling import until
from tests.e2e.wishes import PAYMENTS, read, refusal

_SETTLED_WITHIN_SECONDS = 20


async def begun(mall: Mall, gateway: str, **changes: Any) -> dict[str, Any]:
    """A payment of 59.49 that waits for its customer."""
    wish = {
        "amount": "59.49",
        "currency": "USD" if gateway == "paypal" else "CNY",
        "gateway": gateway,
        "payment_method": {"type": gateway},
    }
    answer = await mall.operator.post(PAYMENTS, wish | changes)
    assert answer.status == 201, answer.body
    payment: dict[str, Any] = answer.json
    assert (payment["status"], payment["captured"]) == ("pending", False)
    return payment


async def became(mall: Mall, payment: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return await until(
        lambda: read(mall.operator, payment["id"]),
        lambda seen: fields.items() <= seen.items(),
        _SETTLED_WITHIN_SECONDS,
    )


async def reserved(mall: Mall) -> dict[str, Any]:
    """A payment at PayPal whose buyer has approved it, and which waits for its capture."""
    payment = await begun(mall, "paypal", capture_method="manual")
    await mall.sandbox.at("paypal").pay(payment["next_action"]["redirect_url"], "succeed")
    authorised = await became(mall, payment, status="pending", next_action=None)
    assert authorised["captured"] is False
    assert (await mall.truth("paypal", payment["reference"]))["captured_minor"] == 0
    return authorised


def url_of(payment: dict[str, Any]) -> str:
    action = payment["next_action"]
    url: str = action.get("redirect_url") or action["qr_code_url"]
    return url


async def act(mall: Mall, payment: dict[str, Any], verb: str, body: dict[str, Any] | None = None) -> Answer:
    return await mall.operator.post(f"{PAYMENTS}/{payment['id']}/{verb}", body)


@pytest.mark.parametrize(
    ("gateway", "type_", "field"),
    [
        ("wechat", "display_qr_code", "qr_code_url"),
        ("paypal", "redirect", "redirect_url"),
        ("alipay", "redirect", "redirect_url"),
    ],
)
async def test_the_customer_pays_and_the_payment_succeeds(mall: Mall, gateway: str, type_: str, field: str) -> None:
    """What they are shown is one of the documented next actions, and gone afterwards; a refund reaches the gateway's books."""
    payment = await begun(mall, gateway)
    assert payment["next_action"] == {"type": type_, field: url_of(payment)}
    assert payment["expires_at"] > payment["created_at"]
    assert payment["payment_method"]["type"] == gateway
    await mall.customer.pay(url_of(payment))
    settled = await became(mall, payment, status="succeeded", next_action=None)
    assert (settled["captured"], settled["captured_amount"]) == (True, "59.49")
    for amount, left in (("20.00", 2000), ("39.49", 5949)):
        refund = await act(mall, payment, "refunds", {"amount": amount})
        assert (refund.status, refund.json["amount"]) == (201, amount)
        await until(lambda: mall.truth(gateway, payment["reference"]), lambda one: one["refunded_minor"] == left, 10)  # noqa: B023
    await became(mall, payment, status="refunded", refunded_amount="59.49")


@pytest.mark.parametrize("gateway", ["wechat", "paypal"])
async def test_a_payment_that_waits_is_canceled(mall: Mall, gateway: str) -> None:
    """And cannot be paid any more, at the gateway neither."""
    payment = await begun(mall, gateway)
    canceled = await act(mall, payment, "cancel")
    assert (canceled.status, canceled.json["status"]) == (200, "canceled")
    await mall.customer.pay(url_of(payment))
    assert (await mall.truth(gateway, payment["reference"]))["captured_minor"] == 0
    assert refusal(await act(mall, payment, "cancel")).code == "INVALID_STATE"


async def test_wechat_inside_wechat_is_invoked_with_signed_parameters(mall: Mall) -> None:
    """`invoke_sdk`: the merchant's signature covers app, time, nonce and package."""
    method = {"type": "wechat", "wechat": {"channel": "jsapi", "openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"}}
    payment = await begun(mall, "wechat", payment_method=method)
    assert list(payment["next_action"]) == ["type", "parameters"]
    assert payment["next_action"]["type"] == "invoke_sdk"
    given = payment["next_action"]["parameters"]
    lines = "".join(f"{given[name]}\n" for name in ("appId", "timeStamp", "nonceStr", "package"))
    assert given["paySign"] == signature(key_of(mall.pens.wechat.made.wechat_private_key), lines.encode())
    await mall.sandbox.at("wechat").pay_by_id(given["package"].removeprefix("prepay_id="), "succeed")
    await became(mall, payment, status="succeeded")


async def test_paypal_is_captured_later(mall: Mall) -> None:
    """All that was authorised, and once."""
    payment = await reserved(mall)
    captured = await act(mall, payment, "capture")
    assert (captured.status, captured.json["status"], captured.json["captured_amount"]) == (200, "succeeded", "59.49")
    assert (await mall.truth("paypal", payment["reference"]))["captured_minor"] == 5949
    assert refusal(await act(mall, payment, "capture")).code == "ALREADY_CAPTURED"


async def test_a_part_is_captured_at_paypal_and_refunded(mall: Mall) -> None:
    """More than was authorised is refused, the rest is released, and of the part no more than it goes back."""
    payment = await reserved(mall)
    assert refusal(await act(mall, payment, "capture", {"amount": "59.50"})).code == "INVALID_AMOUNT"
    captured = await act(mall, payment, "capture", {"amount": "40.00"})
    assert (captured.json["status"], captured.json["captured_amount"]) == ("succeeded", "40.00")
    assert refusal(await act(mall, payment, "refunds", {"amount": "40.01"})).code == "REFUND_AMOUNT_INVALID"
    assert (await act(mall, payment, "refunds")).status == 201
    await became(mall, payment, status="refunded", refunded_amount="40.00")
    truth = await mall.truth("paypal", payment["reference"])
    assert (truth["captured_minor"], truth["refunded_minor"]) == (4000, 4000)


async def test_an_authorisation_at_paypal_is_voided(mall: Mall) -> None:
    """Nothing is taken, and nothing can be."""
    payment = await reserved(mall)
    canceled = await act(mall, payment, "cancel")
    assert (canceled.status, canceled.json["status"]) == (200, "canceled")
    assert (await act(mall, payment, "capture")).status == 409
    assert (await mall.truth("paypal", payment["reference"]))["captured_minor"] == 0


@pytest.mark.parametrize(
    ("details", "code", "field"),
    [
        ({"channel": "jsapi"}, "INVALID_PAYMENT_METHOD", "openid"),
        ({"channel": "h5"}, "INVALID_PAYMENT_METHOD", "client_ip"),
        ({"channel": "fax"}, "VALIDATION_ERROR", "channel"),
    ],
)
async def test_what_a_channel_needs_is_named(mall: Mall, details: dict[str, str], code: str, field: str) -> None:
    """By its whole name."""
    method = {"type": "wechat", "wechat": details}
    wish = {"amount": "1.00", "currency": "CNY", "gateway": "wechat", "payment_method": method}
    told = refusal(await mall.operator.post(PAYMENTS, wish))
    assert (told.status, told.code, told.fields) == (400, code, [f"payment_method.wechat.{field}"])
