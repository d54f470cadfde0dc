"""A merchant of WeChat Pay, with keys of its own for each run of the tests."""

from datetime import UTC, datetime, timedelta
from functools import cache
from ipaddress import IPv4Address

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from cryptography.x509.oid import NameOID

APP_ID = "wx1234567890abcdef"
MCH_ID = "1234567890"
API_KEY = "32characterslong1234567890abcd"
APIV3_KEY = "0123456789abcdef0123456789abcdef"
PUBLIC_KEY_ID = "PUB_KEY_ID_0114232134912410000000000000"

V2 = {
    "app_id": APP_ID,
    "mch_id": MCH_ID,
    "api_key": API_KEY,
    "notify_url": "https://example.com/api/payments/callback",
}


@cache
def rsa_key(name: str, bits: int = 2048) -> RSAPrivateKey:
    """One key for each name."""
    assert name
    return generate_private_key(65537, bits)


def pem(key: RSAPrivateKey, form: PrivateFormat = PrivateFormat.PKCS8) -> str:
    return key.private_bytes(Encoding.PEM, form, NoEncryption()).decode()


def public_pem(key: RSAPrivateKey, form: PublicFormat = PublicFormat.SubjectPublicKeyInfo) -> str:
    return key.public_key().public_bytes(Encoding.PEM, form).decode()


def bare(text: str) -> str:
    """What is between the first and the last line of a PEM, as consoles show it."""
    return "".join(text.splitlines()[1:-1])


def certificate(key: RSAPrivateKey, serial: int = 1) -> x509.Certificate:
    """One that stands for itself, and for this machine."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "tests")])
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(serial)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, SHA256())
    )


def certificate_pem(key: RSAPrivateKey) -> str:
    return certificate(key).public_bytes(Encoding.PEM).decode()


def v3_config(**changes: str) -> dict[str, str]:
    """A configuration of API v3 that checks signatures by WeChat Pay's public key."""
    return (
        V2
        | {
            "private_key": pem(rsa_key("merchant")),
            "cert_serial_no": "444F4864EA9B34415D6C17B6B1A0E6D7D4D4E0F1",
            "apiv3_key": APIV3_KEY,
            "wechatpay_public_key": public_pem(rsa_key("platform")),
            "wechatpay_public_key_id": PUBLIC_KEY_ID,
        }
        | changes
    )


def without(config: dict[str, str], *names: str) -> dict[str, str]:
    return {name: value for name, value in config.items() if name not in names}
