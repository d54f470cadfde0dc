"""The simulated WeChat Pay's notifications in the forms of both APIs, their repetition, and its false signatures."""

import json
from typing import Any

import pytest

from tests.integration.wechat_sandbox import (
    APP_ID,
    MCH_ID,
    PUBLIC_KEY_ID,
    Message,
    Sandbox,
    decrypted,
    sandbox,
    v2_signature,
)

__all__ = ["sandbox"]


def opened(sandbox: Sandbox, message: Message) -> dict[str, Any]:
    """What the SDK makes of a notification after it has checked the signature."""
    event = sandbox.sdk.callback(dict(message.headers), message.body)
    assert isinstance(event, dict)
    return event


async def test_a_payment_is_announced_in_the_form_of_api_v3(sandbox: Sandbox) -> None:
    """The SDK believes and decrypts it; it says what a query says."""
    paid = await sandbox.paid("notify-1", 5949, attach="shelf 3")
    (message,) = await sandbox.inbox.wait_for(1)
    assert message.headers["Wechatpay-Serial"] == PUBLIC_KEY_ID
    event = opened(sandbox, message)
    assert (event["event_type"], event["resource_type"]) == ("TRANSACTION.SUCCESS", "encrypt-resource")
    assert event["resource"] == paid


async def test_a_payment_is_announced_as_such_after_its_refund_too(sandbox: Sandbox) -> None:
    """A late notification of the payment does not speak of the refund."""
    await sandbox.control("POST", "callbacks", {"mode": "hold"})
    await sandbox.paid("notify-2", 100)
    await sandbox.refund("notify-r2", 100, out_trade_no="notify-2", notify_url=sandbox.notify_url)
    await sandbox.control("POST", "callbacks/release")
    messages = await sandbox.inbox.wait_for(1)
    assert opened(sandbox, messages[0])["resource"]["trade_state"] == "SUCCESS"


@pytest.mark.parametrize("ends", ["SUCCESS", "ABNORMAL", "CLOSED"])
async def test_a_refunds_end_is_announced(sandbox: Sandbox, ends: str) -> None:
    """With an event type of its own for each end."""
    await sandbox.control("POST", "wechat/refunds", {"ends": ends})
    await sandbox.paid("notify-3", 100)
    await sandbox.refund("notify-r3", 40, out_trade_no="notify-3", notify_url=sandbox.notify_url)
    events = [opened(sandbox, message) for message in await sandbox.inbox.wait_for(2)]
    (event,) = [event for event in events if event["event_type"] == f"REFUND.{ends}"]
    told = event["resource"]
    assert (told["mchid"], told["out_refund_no"], told["refund_status"]) == (MCH_ID, "notify-r3", ends)
    assert told["amount"] == {"total": 100, "refund": 40, "payer_total": 100, "payer_refund": 40}
    assert ("success_time" in told) == (ends == "SUCCESS")


async def test_a_declined_payment_is_announced_to_nobody(sandbox: Sandbox) -> None:
    """WeChat Pay tells of money only."""
    await sandbox.place("notify-4")
    await sandbox.pay("fail", reference="notify-4")
    await sandbox.paid("notify-5")
    (message,) = await sandbox.inbox.wait_for(1)
    assert opened(sandbox, message)["resource"]["out_trade_no"] == "notify-5"


@pytest.mark.parametrize("sign_type", ["MD5", "HMAC-SHA256"])
async def test_a_payment_is_announced_in_the_form_of_api_v2(sandbox: Sandbox, sign_type: str) -> None:
    """Signed in the way in which the order was."""
    await sandbox.v2_paid("notify-6", 5949, sign_type=sign_type, attach="shelf 3")
    (message,) = await sandbox.inbox.wait_for(1)
    told = message.xml
    assert told["sign"] == v2_signature(told, sign_type)
    assert (told["return_code"], told["result_code"]) == ("SUCCESS", "SUCCESS")
    assert (told["appid"], told["mch_id"], told["out_trade_no"]) == (APP_ID, MCH_ID, "notify-6")
    assert (told["total_fee"], told["cash_fee"], told["fee_type"]) == ("5949", "5949", "CNY")
    assert (told["trade_type"], told["is_subscribe"], told["attach"]) == ("NATIVE", "N", "shelf 3")
    assert told["transaction_id"] == (await sandbox.payment("notify-6"))["gateway_payment_id"]
    assert {"openid", "bank_type", "time_end", "nonce_str"} <= set(told)


async def test_a_refunds_end_is_announced_in_the_form_of_api_v2(sandbox: Sandbox) -> None:
    """Hidden in `req_info`, which only the API key opens."""
    await sandbox.v2_paid("notify-7", 100)
    fields = {"out_trade_no": "notify-7", "out_refund_no": "notify-r7", "total_fee": "100", "refund_fee": "40"}
    await sandbox.v2("secapi/pay/refund", **fields, notify_url=sandbox.notify_url)
    messages = await sandbox.inbox.wait_until(lambda arrived: any("req_info" in one.xml for one in arrived))
    (outer,) = [message.xml for message in messages if "req_info" in message.xml]
    assert (outer["return_code"], outer["appid"], outer["mch_id"]) == ("SUCCESS", APP_ID, MCH_ID)
    told = decrypted(outer["req_info"])
    assert (told["out_refund_no"], told["refund_status"], told["refund_fee"]) == ("notify-r7", "SUCCESS", "40")
    assert told["total_fee"] == "100"
    assert "success_time" in told


async def test_a_notification_is_repeated_until_it_is_acknowledged(sandbox: Sandbox) -> None:
    """With the same id, so that the merchant can know it again; API v3 takes any 200 or 204 as a yes."""
    sandbox.inbox.status = 500
    await sandbox.paid("notify-8")
    await sandbox.inbox.wait_for(2)
    sandbox.inbox.status = 204
    await sandbox.inbox.wait_for(3)
    await delivered(sandbox)
    assert len({json.loads(message.body)["id"] for message in sandbox.inbox.messages}) == 1


async def test_api_v2_is_not_content_with_a_status(sandbox: Sandbox) -> None:
    """It wants its XML, and repeats until it gets it."""
    sandbox.inbox.answer = "<xml><return_code>FAIL</return_code></xml>"
    await sandbox.v2_paid("notify-9")
    await sandbox.inbox.wait_for(2)
    sandbox.inbox.answer = "success"
    await sandbox.inbox.wait_for(3)
    sandbox.inbox.answer = "<xml><return_code><![CDATA[SUCCESS]]></return_code></xml>"
    await delivered(sandbox)


async def delivered(sandbox: Sandbox) -> None:
    """Nothing waits any more; each look takes a round trip."""
    for _ in range(2_000):
        if (await sandbox.control("GET", "callbacks"))["waiting"] == 0:
            return
    pytest.fail("a notification still waits")


async def test_a_probe_has_a_signature_that_must_be_refused(sandbox: Sandbox) -> None:
    """Whoever believes it believes anything; it comes once, whatever is answered."""
    await sandbox.paid("notify-10")
    await sandbox.inbox.wait_for(1)
    sandbox.inbox.status = 401
    await sandbox.control("POST", "wechat/probes", {"reference": "notify-10"})
    _, probe = await sandbox.inbox.wait_for(2)
    assert probe.headers["Wechatpay-Signature"].startswith("WECHATPAY/SIGNTEST/")
    assert sandbox.sdk.callback(dict(probe.headers), probe.body) is None
    await delivered(sandbox)
    assert len(sandbox.inbox.messages) == 2
