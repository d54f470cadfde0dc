"""Merchants of the simulated WeChat Pay: each has its own orders and keys, and both modes of trust."""

import asyncio
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from wechatpayv3 import WeChatPay, WeChatPayType
from wechatpayv3 import core as sdk_core

from tests.integration.stripe_sandbox import served
from tests.integration.wechat_sandbox import (
    API_KEY,
    APIV3_KEY,
    APP_ID,
    MCH_ID,
    SERIAL_NO,
    Sandbox,
    private_pem,
    sandbox,
    sdk_of,
    settings_of,
    terms,
)

__all__ = ["sandbox"]

OTHER = "1900000110"


def fields_of(mch_id: str, public_key_id: str | None) -> dict[str, Any]:
    return {name: text for name, text in asdict(terms(mch_id, public_key_id)).items() if text is not None}


async def test_another_merchant_has_its_own_orders(sandbox: Sandbox) -> None:
    """The same order number is another order, and nobody sees those of others."""
    added = await sandbox.control("POST", "merchants", {"gateway": "wechat", **fields_of(OTHER, "PUB_KEY_ID_01")})
    assert (added["id"], added["wechatpay_serial"]) == (f"wechat_{OTHER}", "PUB_KEY_ID_01")
    await sandbox.paid("merchant-1", 100)
    status, answer = await sandbox.v3_raw(
        "GET", f"/v3/pay/transactions/out-trade-no/merchant-1?mchid={OTHER}", mchid=OTHER
    )
    assert (status, answer["code"]) == (404, "ORDER_NOT_EXIST")
    assert len((await sandbox.control("GET", "payments?gateway=wechat&reference=merchant-1"))["payments"]) == 1


async def test_a_merchant_without_api_v3_has_api_v2(sandbox: Sandbox) -> None:
    """Three fields are enough for it; API v3 knows it not."""
    fields = {"app_id": APP_ID, "mch_id": OTHER, "api_key": API_KEY}
    await sandbox.control("POST", "merchants", {"gateway": "wechat", **fields})
    assert (await sandbox.v2_place("merchant-2", mch_id=OTHER))["result_code"] == "SUCCESS"
    status, answer = await sandbox.v3_raw("GET", "/v3/certificates", mchid=OTHER)
    assert (status, answer["code"]) == (401, "SIGN_ERROR")


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({}, "a wechat merchant is {app_id, mch_id, api_key} and"),
        ({"surprise": "1", **fields_of(OTHER, None)}, "a wechat merchant is"),
        ({"app_id": "a", "mch_id": "1", "api_key": "k", "apiv3_key": APIV3_KEY}, "API v3 needs all of"),
        ({**fields_of(OTHER, None), "apiv3_key": "short"}, "apiv3_key must have 32 bytes"),
        ({**fields_of(OTHER, None), "merchant_public_key": "x"}, "the merchant's public key is no PEM"),
    ],
)
async def test_unusable_merchants_are_refused(sandbox: Sandbox, fields: dict[str, str], message: str) -> None:
    """With the reason, and without repeating a key."""
    status, answer = await sandbox.control_raw("POST", "merchants", {"gateway": "wechat", **fields})
    assert status == 400
    assert answer["error"]["message"].startswith(message)
    assert APIV3_KEY not in answer["error"]["message"]


async def test_in_public_key_mode_there_is_no_certificate(sandbox: Sandbox) -> None:
    """404, as for every merchant that WeChat Pay has given a public key only."""
    status, answer = await sandbox.v3_raw("GET", "/v3/certificates")
    assert (status, answer["code"]) == (404, "RESOURCE_NOT_EXISTS")


async def test_in_certificate_mode_the_sdk_fetches_the_certificate(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It decrypts it, finds its number in the answers, and believes notifications signed with it."""
    added = await sandbox.control("POST", "merchants", {"gateway": "wechat", **fields_of(OTHER, None)})

    class LocalCore(sdk_core.Core):  # type: ignore[misc] # the SDK carries no types
        _gate_way = property(lambda _: f"{sandbox.url}/wechat", lambda *_: None)

    monkeypatch.setattr(sdk_core, "Core", LocalCore)
    sandbox.sdk = await asyncio.to_thread(
        WeChatPay,
        wechatpay_type=WeChatPayType.NATIVE,
        mchid=OTHER,
        private_key=private_pem("merchant"),
        cert_serial_no=SERIAL_NO,
        appid=APP_ID,
        apiv3_key=APIV3_KEY,
        notify_url=sandbox.notify_url,
        timeout=(5, 10),
    )
    (certificate,) = sandbox.sdk._core._certificates
    assert f"{certificate.serial_number:X}" == added["wechatpay_serial"]
    await sandbox.paid("merchant-3")
    (message,) = await sandbox.inbox.wait_for(1)
    assert message.headers["Wechatpay-Serial"] == added["wechatpay_serial"]
    event = sandbox.sdk.callback(dict(message.headers), message.body)
    assert event["resource"]["out_trade_no"] == "merchant-3"


async def test_a_certificate_keeps_its_number(sandbox: Sandbox) -> None:
    """Registering the same key again changes nothing, as callers keep certificates by their numbers."""
    fields = {"gateway": "wechat", **fields_of(OTHER, None)}
    first = await sandbox.control("POST", "merchants", fields)
    assert await sandbox.control("POST", "merchants", fields) == first
    fields["platform_private_key"] = private_pem("another platform")
    assert (await sandbox.control("POST", "merchants", fields))["wechatpay_serial"] != first["wechatpay_serial"]


async def test_orders_outlive_the_sandbox(tmp_path: Path) -> None:
    """Another process finds all that was answered, and the same keys."""
    async with served(settings_of(tmp_path)) as url:
        sdk = sdk_of(url)
        given = {"description": "Tea", "out_trade_no": "merchant-4", "amount": {"total": 1}}
        first = await asyncio.to_thread(sdk.pay, **given)
    async with served(settings_of(tmp_path)) as url:
        sdk = sdk_of(url)
        status, text = await asyncio.to_thread(sdk.query, out_trade_no="merchant-4")
        assert (status, json.loads(text)["trade_state"]) == (200, "NOTPAY")
        assert await asyncio.to_thread(sdk.pay, **given) == first


async def test_complaints_of_nobody_and_transfers_are_refused(sandbox: Sandbox) -> None:
    """Clearly, rather than as if they had happened."""
    body = {"gateway": "wechat", "gateway_payment_id": "x"}
    status, answer = await sandbox.control_raw("POST", "disputes", body)
    assert (status, "no such payment" in answer["error"]["message"]) == (404, True)
    status, answer = await sandbox.control_raw("POST", "payouts", {"gateway": "wechat", "currency": "CNY", "amount": 1})
    assert (status, "no transfers" in answer["error"]["message"]) == (400, True)
    assert (await sandbox.control_raw("POST", "disputes/x/close", {"outcome": "won"}))[0] == 404
    assert (await sandbox.control_raw("POST", "payouts/x", {"status": "paid"}))[0] == 404


async def test_the_gateway_s_truth_is_in_its_own_words(sandbox: Sandbox) -> None:
    """The prepay id until the money is there, and then the transaction id; fen throughout."""
    await sandbox.place("merchant-5", 5949)
    view = await sandbox.payment("merchant-5")
    assert view["gateway_payment_id"].startswith("wx")
    assert {**view, "gateway_payment_id": ""} == {
        "gateway": "wechat",
        "gateway_payment_id": "",
        "reference": "merchant-5",
        "currency": "CNY",
        "amount_minor": 5949,
        "captured_minor": 0,
        "refunded_minor": 0,
        "status": "NOTPAY",
    }
    paid = await sandbox.pay(gateway_payment_id=view["gateway_payment_id"])
    view = await sandbox.payment("merchant-5")
    assert (view["gateway_payment_id"], view["captured_minor"]) == (paid["id"], 5949)
    assert (len(paid["id"]), paid["id"].isdigit()) == (28, True)
    status, _ = await sandbox.control_raw(
        "POST", "pay", {"gateway": "wechat", "gateway_payment_id": MCH_ID, "outcome": "succeed"}
    )
    assert status == 404
