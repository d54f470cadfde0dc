"""RSA keys and certificates as consoles and files give them: bare base64 or PEM, PKCS#1 or PKCS#8, with any line ends."""

import binascii
import re
from base64 import b64decode

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
    load_der_public_key,
)
from cryptography.x509 import Certificate, load_pem_x509_certificate

_SHORTEST_BITS = 2048
_PEM = re.compile(r"-----BEGIN ([A-Z0-9 ]+)-----(.+?)-----END \1-----", re.ASCII | re.DOTALL)


class UnusableKey(ValueError):
    """A text that is no key or certificate of the kind that is wanted; the message is for people and quotes nothing."""


def private_key_of(text: str) -> RSAPrivateKey:
    """Raises UnusableKey."""
    try:
        key = load_der_private_key(_der(text, "PRIVATE KEY"), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise UnusableKey("must be an RSA private key, as PEM or bare base64") from None
    if not isinstance(key, RSAPrivateKey):
        raise UnusableKey("must be an RSA private key")
    _check_length(key.key_size)
    return key


def public_key_of(text: str) -> RSAPublicKey:
    """Raises UnusableKey."""
    try:
        key = load_der_public_key(_der(text, "PUBLIC KEY"))
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise UnusableKey("must be an RSA public key, as PEM or bare base64") from None
    if not isinstance(key, RSAPublicKey):
        raise UnusableKey("must be an RSA public key")
    _check_length(key.key_size)
    return key


def certificate_of(text: str) -> Certificate:
    """Raises UnusableKey."""
    try:
        return load_pem_x509_certificate(text.encode())
    except ValueError:
        raise UnusableKey("must be a certificate, as PEM") from None


def private_pem(key: RSAPrivateKey) -> str:
    """PKCS#8 with plain line ends."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def _der(text: str, kind: str) -> bytes:
    """The bytes inside; what names its kind must be of the kind that is wanted. Raises UnusableKey."""
    inside = text.strip()
    if inside.startswith("-----"):
        match = _PEM.fullmatch(inside)
        if match is None or match[1] not in (kind, f"RSA {kind}"):
            raise UnusableKey("another kind of PEM")
        inside = match[2]
    try:
        return b64decode("".join(inside.split()), validate=True)
    except binascii.Error as error:
        raise UnusableKey("no base64") from error


def _check_length(bits: int) -> None:
    if bits < _SHORTEST_BITS:
        raise UnusableKey(f"must have at least {_SHORTEST_BITS} bits")
