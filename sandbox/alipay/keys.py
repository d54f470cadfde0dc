"""RSA keys as consoles and tools give them, and the RSA2 signature: SHA-256 with PKCS#1 v1.5."""

from base64 import b64decode, b64encode
from binascii import Error as NotBase64

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    load_der_private_key,
    load_der_public_key,
    load_pem_private_key,
    load_pem_public_key,
)

_LEAST_BITS = 2048


class UnusableKey(ValueError):
    """Not a key, not RSA, or too short for RSA2; says nothing of what it read."""


def private_key(text: str) -> RSAPrivateKey:
    """PEM or bare base64, PKCS#1 or PKCS#8. Raises `UnusableKey`."""
    try:
        key = load_pem_private_key(text.encode(), None) if _is_pem(text) else load_der_private_key(_der(text), None)
    except (ValueError, TypeError):
        raise UnusableKey("the private key is neither PEM nor base64 of a key without a password") from None
    if not isinstance(key, RSAPrivateKey) or key.key_size < _LEAST_BITS:
        raise UnusableKey(f"the private key is not an RSA key of at least {_LEAST_BITS} bits")
    return key


def public_key(text: str) -> RSAPublicKey:
    """PEM or bare base64, SubjectPublicKeyInfo or PKCS#1. Raises `UnusableKey`."""
    try:
        key = load_pem_public_key(text.encode()) if _is_pem(text) else load_der_public_key(_der(text))
    except (ValueError, TypeError):
        raise UnusableKey("the public key is neither PEM nor base64 of a key") from None
    if not isinstance(key, RSAPublicKey) or key.key_size < _LEAST_BITS:
        raise UnusableKey(f"the public key is not an RSA key of at least {_LEAST_BITS} bits")
    return key


def sign(key: RSAPrivateKey, content: str) -> str:
    return b64encode(key.sign(content.encode(), PKCS1v15(), SHA256())).decode()


def verified(key: RSAPublicKey, content: str, signature: str) -> bool:
    try:
        key.verify(b64decode(signature, validate=True), content.encode(), PKCS1v15(), SHA256())
    except (InvalidSignature, NotBase64, ValueError):
        return False
    return True


def _is_pem(text: str) -> bool:
    return "-----BEGIN" in text


def _der(text: str) -> bytes:
    return b64decode("".join(text.split()), validate=True)
