"""WeChat Pay's side of a merchant's API v3 keys: what its replies and notifications are signed and encrypted with."""

import secrets
from base64 import b64decode, b64encode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.x509.oid import NameOID

ALGORITHM = "AEAD_AES_256_GCM"
_CERTIFICATE_DAYS = 5 * 365
_KEY_BYTES = 32


class UnusableKey(ValueError):
    """A key that WeChat Pay would not take; the message says which."""


@dataclass(frozen=True, repr=False)
class Platform:
    """Keys are PEM. With a `public_key_id` signatures bear that, otherwise the number of the `certificate`."""

    apiv3_key: str
    merchant_serial_no: str
    merchant_public_key: str
    private_key: str
    public_key_id: str | None = None
    certificate: str | None = None

    @property
    def serial(self) -> str:
        """What `Wechatpay-Serial` says."""
        return self.public_key_id or self.certificate_serial

    @property
    def certificate_serial(self) -> str:
        return "" if self.loaded_certificate is None else f"{self.loaded_certificate.serial_number:X}"

    @cached_property
    def loaded_certificate(self) -> x509.Certificate | None:
        return None if self.certificate is None else x509.load_pem_x509_certificate(self.certificate.encode())

    def sign(self, message: bytes) -> str:
        """SHA256 with RSA, in base64."""
        return b64encode(self._private.sign(message, padding.PKCS1v15(), hashes.SHA256())).decode()

    def verifies(self, message: bytes, signature: str) -> bool:
        """Whether the merchant signed this."""
        try:
            self._merchant.verify(b64decode(signature, validate=True), message, padding.PKCS1v15(), hashes.SHA256())
        except (InvalidSignature, ValueError):
            return False
        return True

    def encrypt(self, plain: bytes, nonce: str, associated_data: str) -> str:
        """AES-256-GCM under the APIv3 key, in base64. Source: pay.weixin.qq.com/doc/v3/merchant/4012071382."""
        sealed = AESGCM(self.apiv3_key.encode()).encrypt(nonce.encode(), plain, associated_data.encode())
        return b64encode(sealed).decode()

    @cached_property
    def _private(self) -> RSAPrivateKey:
        return _private_key(self.private_key)

    @cached_property
    def _merchant(self) -> RSAPublicKey:
        return _public_key(self.merchant_public_key)

    def check(self) -> None:
        """Raises `UnusableKey`."""
        if len(self.apiv3_key.encode()) != _KEY_BYTES:
            raise UnusableKey("apiv3_key must have 32 bytes")
        _private_key(self.private_key)
        _public_key(self.merchant_public_key)


def new_certificate(private_key: str, now: float) -> str:
    """A platform certificate for WeChat Pay's key, as PEM, valid from a day before `now`."""
    key = _private_key(private_key)
    begin = datetime.fromtimestamp(now, UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(_name("Tenpay.com sign"))
        .issuer_name(_name("Tenpay.com Root CA"))
        .public_key(key.public_key())
        .serial_number(secrets.randbits(158) | 1 << 158)
        .not_valid_before(begin - timedelta(days=1))
        .not_valid_after(begin + timedelta(days=_CERTIFICATE_DAYS))
        .sign(key, hashes.SHA256())
        .public_bytes(serialization.Encoding.PEM)
        .decode()
    )


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _private_key(pem: str) -> RSAPrivateKey:
    try:
        key = serialization.load_pem_private_key(pem.encode(), None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise UnusableKey("the platform's private key is no PEM") from None
    if not isinstance(key, RSAPrivateKey):
        raise UnusableKey("the platform's private key is not RSA")
    return key


def _public_key(pem: str) -> RSAPublicKey:
    try:
        key = serialization.load_pem_public_key(pem.encode())
    except (ValueError, UnsupportedAlgorithm):
        raise UnusableKey("the merchant's public key is no PEM") from None
    if not isinstance(key, RSAPublicKey):
        raise UnusableKey("the merchant's public key is not RSA")
    return key
