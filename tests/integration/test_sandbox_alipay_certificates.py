"""The simulated Alipay in certificate mode, with the SDK's own reading of certificates."""

from base64 import b64decode
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import alipay
import pytest
import pytest_asyncio
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as generate_ec_key
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from sandbox.settings import AlipayMerchant
from tests.integration.alipay_sandbox import (
    ALIPAY_KEY,
    APP_ID,
    MERCHANT_KEY,
    Sandbox,
    beijing,
    common,
    opened_inbox,
    private_pem,
    refusal,
    settings_of,
    signed,
)
from tests.integration.stripe_sandbox import served

# The SDK reads certificates with functions that their library gives up.
pytestmark = pytest.mark.filterwarnings("ignore:X509:DeprecationWarning")

ROOT_KEY = generate_private_key(65537, 2048)
EC_ROOT_KEY = generate_ec_key(SECP256R1())


def issued(subject: str, key: Any, issuer: str, issuer_key: Any) -> str:
    def name(common_name: str) -> x509.Name:
        # The order of Alipay's own certificates, most general first.
        parts = {
            NameOID.COUNTRY_NAME: "CN",
            NameOID.ORGANIZATION_NAME: "Ant Financial",
            NameOID.ORGANIZATIONAL_UNIT_NAME: "Certification Authority",
            NameOID.COMMON_NAME: common_name,
        }
        return x509.Name([x509.NameAttribute(oid, value) for oid, value in parts.items()])

    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name(subject))
        .issuer_name(name(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=365))
    )
    return builder.sign(issuer_key, SHA256()).public_bytes(Encoding.PEM).decode()


APP_CERTIFICATE = issued("Shop", MERCHANT_KEY, "Class 2 R1", ROOT_KEY)
ALIPAY_CERTIFICATE = issued("Alipay", ALIPAY_KEY, "Class 2 R1", ROOT_KEY)
ROOTS = "\n".join(
    (
        issued("RSA root", ROOT_KEY, "RSA root", ROOT_KEY),
        issued("EC root", EC_ROOT_KEY, "EC root", EC_ROOT_KEY),
        issued("RSA root R2", ROOT_KEY, "RSA root R2", ROOT_KEY),
    )
)
MERCHANT = AlipayMerchant(APP_ID, None, private_pem(ALIPAY_KEY), APP_CERTIFICATE, ALIPAY_CERTIFICATE, ROOTS)
QUERY = "alipay.trade.query"
ANSWER = "alipay_trade_query_response"
ORDER = '{"out_trade_no":"order_1"}'


class CertificateSdk(alipay.DCAliPay):  # type: ignore[misc]
    def build_body(self, *args: Any, **more: Any) -> dict[str, Any]:
        body: dict[str, Any] = super().build_body(*args, **more)
        return {**body, "timestamp": beijing()}


@pytest_asyncio.fixture
async def sandbox(tmp_path: Path) -> AsyncIterator[Sandbox]:
    sdk = CertificateSdk(APP_ID, private_pem(MERCHANT_KEY), APP_CERTIFICATE, ALIPAY_CERTIFICATE, ROOTS)
    async with (
        opened_inbox() as (inbox, notify_url),
        served(settings_of(tmp_path, MERCHANT)) as url,
        aiohttp.ClientSession() as http,
    ):
        sdk._gateway = f"{url}/alipay/gateway.do"
        yield Sandbox(url, sdk, http, inbox, notify_url)


async def test_a_payment_in_certificate_mode(sandbox: Sandbox) -> None:
    """The SDK and the sandbox find the same serial numbers, over a chain that is not all RSA."""
    await sandbox.paid()
    assert (await sandbox.call("trade_query", out_trade_no="order_1"))["trade_status"] == "TRADE_SUCCESS"
    message = dict(await sandbox.inbox.wait_for("TRADE_SUCCESS"))
    assert sandbox.sdk.verify(message, message.pop("sign"))


async def test_replies_name_the_certificate_that_they_are_signed_with(sandbox: Sandbox) -> None:
    """It is the one that Alipay's download hands out."""
    serials = {"app_cert_sn": sandbox.sdk.app_cert_sn, "alipay_root_cert_sn": sandbox.sdk.alipay_root_cert_sn}
    answer = await sandbox.raw(signed(common(QUERY, ORDER, **serials)))
    serial = answer["alipay_cert_sn"]
    assert serial == sandbox.sdk.get_cert_sn(ALIPAY_CERTIFICATE)
    downloaded = await sandbox.server("alipay.open.app.alipaycert.download", {"alipay_cert_sn": serial})
    assert b64decode(downloaded["alipay_cert_content"]).decode() == ALIPAY_CERTIFICATE


@pytest.mark.parametrize(
    ("changed", "sub_code"),
    [
        ({"app_cert_sn": ""}, "isv.missing-app-cert-sn"),
        ({"alipay_root_cert_sn": ""}, "isv.missing-alipay-root-cert-sn"),
        ({"app_cert_sn": "0" * 32}, "isv.app-cert-not-exist"),
        ({"alipay_root_cert_sn": "0" * 32}, "isv.invalid-alipay-root-cert-sn"),
    ],
)
async def test_both_serial_numbers_are_needed(sandbox: Sandbox, changed: dict[str, str], sub_code: str) -> None:
    """Missing and wrong ones are told apart."""
    serials = {"app_cert_sn": sandbox.sdk.app_cert_sn, "alipay_root_cert_sn": sandbox.sdk.alipay_root_cert_sn}
    answer = await sandbox.raw(signed(common(QUERY, ORDER, **{**serials, **changed})))
    assert refusal(answer[ANSWER]) == ("40002", sub_code)


async def test_a_merchant_of_certificate_mode_can_be_added(sandbox: Sandbox) -> None:
    """Its certificates must belong to its keys."""
    fields = {
        "gateway": "alipay",
        "app_id": "2021000000000002",
        "alipay_private_key": private_pem(ALIPAY_KEY),
        "app_certificate": APP_CERTIFICATE,
        "alipay_certificate": ALIPAY_CERTIFICATE,
        "alipay_root_certificate": ROOTS,
    }
    assert (await sandbox.control("POST", "merchants", fields))["id"] == "2021000000000002"
    for wrong in ({"alipay_private_key": private_pem(ROOT_KEY)}, {"app_certificate": "nothing"}):
        status, _ = await sandbox.control_raw("POST", "merchants", {**fields, **wrong})
        assert status == 400
    del fields["alipay_root_certificate"]
    assert (await sandbox.control_raw("POST", "merchants", fields))[0] == 400
