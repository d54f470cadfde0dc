"""A merchant of Alipay: keys of both sides, certificates, settings, and notifications as Alipay signs them."""

from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from urllib.parse import quote_plus

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from cryptography.x509.oid import NameOID

from server.domain.callback import CallbackFormat, CallbackMessage

APP_ID = "2021001234567890"
SELLER_ID = "2088102146225135"
NOTIFY_URL = "https://shop.example/api/payments/callback"
NOON = datetime(2024, 1, 1, 4, 0, tzinfo=UTC)


@cache
def a_key(owner: str) -> RSAPrivateKey:
    """One key for each owner, made once."""
    assert owner
    return generate_private_key(65537, 2048)


def private_pem(key: RSAPrivateKey, form: PrivateFormat = PrivateFormat.PKCS8) -> str:
    return key.private_bytes(Encoding.PEM, form, NoEncryption()).decode()


def public_pem(key: RSAPrivateKey, form: PublicFormat = PublicFormat.SubjectPublicKeyInfo) -> str:
    return key.public_key().public_bytes(Encoding.PEM, form).decode()


def bare(pem: str) -> str:
    """As consoles show it: base64 without its first and last line, and without line breaks."""
    return "".join(pem.strip().splitlines()[1:-1])


@cache
def a_certificate(owner: str, serial: int = 1, other_key: EllipticCurvePrivateKey | None = None) -> str:
    """Self-signed, in PEM."""
    key = other_key or a_key(owner)
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Ant Financial"),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, "Certification Authority"),
            x509.NameAttribute(NameOID.COMMON_NAME, owner),
        ]
    )
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(serial)
        .not_valid_before(NOON)
        .not_valid_after(NOON + timedelta(days=3650))
        .sign(key, SHA256())
    )
    return certificate.public_bytes(Encoding.PEM).decode()


def a_config(**changes: str) -> dict[str, str]:
    """Settings of key mode; a change to an empty text leaves the setting out."""
    config = {
        "app_id": APP_ID,
        "private_key": private_pem(a_key("app")),
        "public_key": public_pem(a_key("alipay")),
        "notify_url": NOTIFY_URL,
    }
    return {name: value for name, value in {**config, **changes}.items() if value}


def certificates(**changes: str) -> dict[str, str]:
    """The further settings of certificate mode."""
    roots = a_certificate("root", 7) + a_certificate("another root", 8)
    return {
        "app_cert": a_certificate("app"),
        "alipay_cert": a_certificate("alipay"),
        "alipay_root_cert": roots,
        **changes,
    }


def signature(content: bytes, owner: str = "alipay") -> str:
    return b64encode(a_key(owner).sign(content, PKCS1v15(), SHA256())).decode()


def signed(
    fields: Mapping[str, str], charset: str = "utf-8", owner: str = "alipay", sign_type: str | None = "RSA2"
) -> dict[str, str]:
    """The fields with Alipay's signature: over all of them, the empty ones included."""
    content = "&".join(f"{name}={fields[name]}" for name in sorted(fields))
    named = {} if sign_type is None else {"sign_type": sign_type}
    return {**fields, **named, "sign": signature(content.encode(charset), owner)}


def a_paid_trade(**changes: str) -> dict[str, str]:
    """The fields of a notification that a page was paid; a change to `-` leaves the field out."""
    fields = {
        "notify_time": "2024-01-01 12:00:03",
        "notify_type": "trade_status_sync",
        "notify_id": "2024010100222120003012345678",
        "app_id": APP_ID,
        "auth_app_id": APP_ID,
        "charset": "utf-8",
        "version": "1.0",
        "trade_no": "2024010122001234567890",
        "out_trade_no": "20240101123456789",
        "trade_status": "TRADE_SUCCESS",
        "total_amount": "100.00",
        "receipt_amount": "100.00",
        "seller_id": SELLER_ID,
        "buyer_id": "2088102175794899",
        "subject": "测试 a&b=c+d",
        "body": "",
        "gmt_create": "2024-01-01 11:59:00",
        "gmt_payment": "2024-01-01 12:00:00",
        "fund_bill_list": '[{"amount":"100.00","fundChannel":"ALIPAYACCOUNT"}]',
    }
    return {name: value for name, value in {**fields, **changes}.items() if value != "-"}


def as_form(fields: Mapping[str, str], charset: str = "utf-8") -> bytes:
    return "&".join(f"{name}={quote_plus(value, encoding=charset)}" for name, value in fields.items()).encode()


def a_form(body: bytes) -> CallbackMessage:
    return CallbackMessage(CallbackFormat.FORM, "application/x-www-form-urlencoded", {}, body, NOON)


def a_documented(fields: Mapping[str, str]) -> CallbackMessage:
    return CallbackMessage(CallbackFormat.DOCUMENTED_JSON, "application/json", {}, b"{}", NOON, dict(fields))
