"""Alipay's part of the control calls: merchants, payments and what it does not have yet."""

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import PrivateFormat, PublicFormat

from tests.integration.alipay_sandbox import (
    ALIPAY_KEY,
    MERCHANT_KEY,
    Sandbox,
    bare,
    private_pem,
    public_pem,
    sandbox,
    sdk_of,
)

__all__ = ["sandbox"]

SHORT_KEY = generate_private_key(65537, 1024)
OTHER_APP = "2021000000000002"
PUBLIC_KEYS = [public_pem(MERCHANT_KEY, form) for form in (PublicFormat.SubjectPublicKeyInfo, PublicFormat.PKCS1)]
PRIVATE_KEYS = [private_pem(ALIPAY_KEY, form) for form in (PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL)]


def merchant(public_key: str = PUBLIC_KEYS[0], private_key: str = PRIVATE_KEYS[0], **more: str) -> dict[str, str]:
    return {
        "gateway": "alipay",
        "app_id": OTHER_APP,
        "merchant_public_key": public_key,
        "alipay_private_key": private_key,
        **more,
    }


@pytest.mark.parametrize("public_key", [*PUBLIC_KEYS, *map(bare, PUBLIC_KEYS)])
async def test_a_merchants_key_is_read_in_every_form(sandbox: Sandbox, public_key: str) -> None:
    """As consoles and tools give them: PEM or bare base64, SubjectPublicKeyInfo or PKCS#1."""
    added = await sandbox.control("POST", "merchants", merchant(public_key))
    assert added["id"] == OTHER_APP
    sandbox.sdk = sdk_of(sandbox.url, OTHER_APP)
    assert (await sandbox.call("trade_query", out_trade_no="order_1"))["sub_code"] == "ACQ.TRADE_NOT_EXIST"


@pytest.mark.parametrize("private_key", [*PRIVATE_KEYS, *map(bare, PRIVATE_KEYS)])
async def test_alipays_key_is_read_in_every_form(sandbox: Sandbox, private_key: str) -> None:
    """PEM or bare base64, PKCS#8 or PKCS#1; the SDK verifies what it has signed."""
    await sandbox.control("POST", "merchants", merchant(private_key=private_key))
    sandbox.sdk = sdk_of(sandbox.url, OTHER_APP)
    await sandbox.paid()
    message = dict(await sandbox.inbox.wait_for("TRADE_SUCCESS"))
    assert message["app_id"] == OTHER_APP
    assert sandbox.sdk.verify(message, message.pop("sign"))


@pytest.mark.parametrize(
    "wrong",
    [
        {"merchant_public_key": "nothing"},
        {"alipay_private_key": "nothing"},
        {"alipay_private_key": PUBLIC_KEYS[0]},
        {"merchant_public_key": public_pem(SHORT_KEY)},
        {"alipay_private_key": private_pem(SHORT_KEY)},
        {"colour": "blue"},
    ],
)
async def test_a_merchant_with_unusable_keys_is_refused(sandbox: Sandbox, wrong: dict[str, str]) -> None:
    """RSA2 needs RSA keys of at least 2048 bits; the refusal repeats none of them."""
    status, answer = await sandbox.control_raw("POST", "merchants", merchant(**wrong))
    assert status == 400
    assert not any(value in answer["error"]["message"] for value in (PRIVATE_KEYS[0], *wrong.values()))


async def test_a_payment_is_paid_by_alipays_number(sandbox: Sandbox) -> None:
    """Once it exists; a second time it waits for no one."""
    opened = await sandbox.pay("abandon", url=sandbox.page_url(return_url="https://shop.example/thanks"))
    assert opened["return_url"] is None
    paid = await sandbox.pay(gateway_payment_id=opened["id"])
    assert (paid["status"], paid["return_url"].partition("?")[0]) == ("TRADE_SUCCESS", "https://shop.example/thanks")
    status, answer = await sandbox.control_raw(
        "POST", "pay", {"gateway": "alipay", "gateway_payment_id": opened["id"], "outcome": "succeed"}
    )
    assert status == 409
    assert "ACQ.TRADE_HAS_SUCCESS" in answer["error"]["message"]


async def test_an_address_that_is_no_page_cannot_be_paid(sandbox: Sandbox) -> None:
    """A forged one, a call of a server, and a cashier's that does not exist."""
    forged = sandbox.page_url().replace("88.88", "0.01")
    call = f"{sandbox.gateway}?{sandbox.sdk.client_api('alipay.trade.query', {'out_trade_no': 'order_1'})}"
    nowhere = f"{sandbox.url}/alipay/cashier/2021/key"
    for url, expected in ((forged, 409), (call, 400), (nowhere, 404)):
        status, _ = await sandbox.control_raw("POST", "pay", {"gateway": "alipay", "url": url, "outcome": "succeed"})
        assert status == expected
    assert await sandbox.payments("order_1") == []


async def test_transfers_are_not_there_yet(sandbox: Sandbox) -> None:
    """The refusal says so."""
    status, answer = await sandbox.control_raw(
        "POST", "payouts", {"gateway": "alipay", "currency": "CNY", "amount": "1.00"}
    )
    assert (status, answer["error"]["message"]) == (400, "the simulated alipay has no transfers yet")
