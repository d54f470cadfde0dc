"""WeChat Pay through the whole service, in each of its APIs: the customer's code or page, the signed notification, and what the caller is told."""

from collections.abc import AsyncIterator
from typing import Any

import jwt
import pytest
import pytest_asyncio

from server.commands.dev_credentials import dev_credentials
from server.commands.dev_keys import public_of
from server.commands.rest_client import RestClient
from server.commands.running import Development
from server.commands.sandbox_client import SandboxClient
from tests.e2e.installation import Installation
from tests.e2e.polling import until
from tests.e2e.wishes import PAYMENTS, paid, read, refusal, wish

CONFIGS = "/api/payment-configs"

# A notification arrives at once; a look comes after five seconds, and ten seconds later.
_SETTLED_WITHIN_SECONDS = 40


@pytest.fixture
def wechat(sandbox: SandboxClient) -> SandboxClient:
    return sandbox.at("wechat")


@pytest_asyncio.fixture(params=["v2", "v3"], scope="module")
async def api(
    request: pytest.FixtureRequest, rest: RestClient, service: Development, installation: Installation
) -> AsyncIterator[str]:
    """Each API in turn, chosen by the settings alone; the service is left with API v3 as it was found."""
    made = dev_credentials(installation.data_dir)
    claims = {"sub": "1", "role": "admin", "exp": 32503680000}
    admin = rest.by(jwt.encode(claims, service.jwt_secret, algorithm="HS256"))
    v2 = {
        "app_id": made.wechat_app_id,
        "mch_id": made.wechat_mch_id,
        "api_key": made.wechat_api_key,
        "notify_url": f"{service.http}/api/payments/callback",
    }
    v3 = v2 | {
        "private_key": made.wechat_private_key,
        "cert_serial_no": made.wechat_serial_no,
        "apiv3_key": made.wechat_apiv3_key,
        "wechatpay_public_key": public_of(made.wechat_platform_private_key),
        "wechatpay_public_key_id": made.wechat_platform_public_key_id,
    }
    config = {"v2": v2, "v3": v3}[request.param]
    assert (await admin.post(CONFIGS, {"gateway": "wechat", "config": config})).status == 200
    yield request.param
    assert (await admin.post(CONFIGS, {"gateway": "wechat", "config": v3})).status == 200


async def begun(rest: RestClient, **channel: str) -> tuple[dict[str, Any], str]:
    """A payment that waits for its customer, and the code or the address that the customer is shown."""
    method = {"type": "wechat", "wechat": channel}
    payment = await paid(rest, currency="CNY", gateway="wechat", payment_method=method, description="两杯茶")
    assert (payment["status"], payment["gateway_payment_id"]) == ("pending", None)
    action = payment["next_action"]
    return payment, action.get("redirect_url") or action["qr_code_url"]


async def became(rest: RestClient, payment: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return await until(
        lambda: read(rest, payment["id"]), lambda seen: fields.items() <= seen.items(), _SETTLED_WITHIN_SECONDS
    )


@pytest.mark.parametrize("channel", [{"channel": "native"}, {"channel": "h5", "client_ip": "14.23.150.211"}])
async def test_a_payment_is_paid_and_refunded(
    rest: RestClient, wechat: SandboxClient, api: str, channel: dict[str, str]
) -> None:
    """The notification tells of the payment, and another one of the refund of a part."""
    payment, url = await begun(rest, **channel)
    await wechat.pay(url.split("&redirect_url=")[0], "succeed")
    settled = await became(rest, payment, status="succeeded")
    (order,) = await wechat.payments(payment["reference"])
    assert (settled["captured_amount"], settled["gateway_payment_id"]) == ("59.49", order["gateway_payment_id"])
    answer = await rest.post(f"{PAYMENTS}/{payment['id']}/refunds", {"amount": "20.00"})
    assert answer.status == 201
    refund = await until(
        lambda: rest.get(f"{PAYMENTS}/{payment['id']}/refunds/{answer.json['id']}"),
        lambda seen: bool(seen.json["status"] != "pending"),
        _SETTLED_WITHIN_SECONDS,
    )
    assert refund.json["status"] == "succeeded"
    (order,) = await wechat.payments(payment["reference"])
    assert (order["captured_minor"], order["refunded_minor"]) == (5949, 2000)


async def test_a_notification_that_is_lost_is_no_payment_lost(
    rest: RestClient, wechat: SandboxClient, api: str
) -> None:
    """WeChat Pay is asked instead."""
    async with wechat.without_callbacks():
        payment, url = await begun(rest)
        await wechat.pay(url, "succeed")
        await became(rest, payment, status="succeeded", captured_amount="59.49")


async def test_a_code_that_waits_is_canceled(rest: RestClient, wechat: SandboxClient, api: str) -> None:
    """It is closed at WeChat Pay: nobody can pay it any more."""
    payment, _ = await begun(rest)
    canceled = await rest.post(f"{PAYMENTS}/{payment['id']}/cancel")
    assert (canceled.status, canceled.json["status"]) == (200, "canceled")
    (order,) = await wechat.payments(payment["reference"])
    assert (order["status"], order["captured_minor"]) == ("CLOSED", 0)


async def test_an_order_whose_answer_is_lost_is_shown_later(rest: RestClient, wechat: SandboxClient, api: str) -> None:
    """It was made at WeChat Pay all the same: there is one, and its code."""
    await wechat.fault("pay", "reset_after")
    method = {"type": "wechat", "wechat": {}}
    payment = await paid(rest, currency="CNY", gateway="wechat", payment_method=method)
    assert payment["status"] == "processing"
    shown = await became(rest, payment, status="pending")
    await wechat.pay(shown["next_action"]["qr_code_url"], "succeed")
    await became(rest, payment, status="succeeded")
    assert len(await wechat.payments(payment["reference"])) == 1


async def test_the_client_sdk_is_given_its_parameters(rest: RestClient, api: str) -> None:
    """Under the names that WeChat's own page takes."""
    method = {"type": "wechat", "wechat": {"channel": "jsapi", "openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"}}
    payment = await paid(rest, currency="CNY", gateway="wechat", payment_method=method)
    action = payment["next_action"]
    assert action["type"] == "invoke_sdk"
    assert set(action["parameters"]) == {"appId", "timeStamp", "nonceStr", "package", "signType", "paySign"}


async def test_what_wechat_pay_lacks_is_refused(rest: RestClient, api: str) -> None:
    """Another currency, a later capture, an amount that its number cannot hold: nothing is sent."""
    asked = {"gateway": "wechat", "payment_method": {"type": "wechat", "wechat": {}}, "currency": "CNY"}
    for changes, code in (
        ({"currency": "USD"}, "INVALID_CURRENCY"),
        ({"capture_method": "manual"}, "NOT_SUPPORTED"),
        ({"amount": "99999999.99"}, "INVALID_AMOUNT"),
    ):
        answer = refusal(await rest.post(PAYMENTS, wish(**{**asked, **changes})))
        assert (answer.status, answer.code, answer.outcome) == (400, code, "not_sent")
