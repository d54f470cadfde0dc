"""RSA keys and certificates as consoles and files give them, bare base64 or PEM, and the check of what they have signed: SHA-256 with PKCS#1 v1.5."""

import re
from base64 import b64decode

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
    load_der_public_key,
)
from cryptography.x509 import Certificate, load_der_x509_certificate

LEAST_BITS = 2048

# Armour loses its line breaks in many a form field: the blocks are found by their marks alone.
_ARMOUR = re.compile(r"-----BEGIN ([A-Z0-9 ]+)-----(.*?)-----END \1-----", re.DOTALL)
_CERTIFICATE = "CERTIFICATE"
# In what anybody may see: files that hold a certificate or a public key often hold the private one beside it.
_PRIVATE = re.compile(r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----")
# What a key in PEM that needs a passphrase says of itself, in PKCS#8 and in the older form.
_LOCKED = re.compile(r"-----BEGIN ENCRYPTED PRIVATE KEY-----|Proc-Type: 4,ENCRYPTED")


class UnusableKey(ValueError):
    """Not a key, not RSA, or too short; the message says nothing of what was read."""


def private_key(text: str) -> RSAPrivateKey:
    """PEM or bare base64, PKCS#1 or PKCS#8, without a password. Raises UnusableKey."""
    if _LOCKED.search(text):
        raise UnusableKey("must not be locked by a passphrase: `openssl rsa -in locked.pem -out key.pem` takes it off")
    try:
        key = load_der_private_key(_der(text), None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise UnusableKey("must be an RSA private key in PKCS#1 or PKCS#8, as PEM or bare base64") from None
    if not isinstance(key, RSAPrivateKey):
        raise UnusableKey("must be an RSA key")
    _check_size(key)
    return key


def public_key(text: str) -> RSAPublicKey:
    """PEM or bare base64. Raises UnusableKey, for a certificate as well, and where a private key stands beside it."""
    if is_certificate(text):
        raise UnusableKey("must be an RSA public key, not a certificate")
    return certified_key(text)


def certified_key(text: str) -> RSAPublicKey:
    """PEM or bare base64, or a certificate in PEM, whose key is meant. Raises UnusableKey, also where a private key stands beside it."""
    _check_public(text)
    try:
        key: object
        if is_certificate(text):
            key = load_der_x509_certificate(_der(text)).public_key()
        else:
            key = load_der_public_key(_der(text))
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise UnusableKey("must be an RSA public key, as PEM or bare base64") from None
    if not isinstance(key, RSAPublicKey):
        raise UnusableKey("must be an RSA key")
    _check_size(key)
    return key


def is_certificate(text: str) -> bool:
    """Whether it claims to be a certificate in PEM."""
    block = _ARMOUR.search(text)
    return block is not None and block[1] == _CERTIFICATE


def certificates(text: str) -> list[Certificate]:
    """Every certificate in a text, in its order. Raises UnusableKey where one cannot be read, there is none, or a private key stands beside it."""
    _check_public(text)
    blocks = [body for label, body in _ARMOUR.findall(text) if label == _CERTIFICATE]
    try:
        found = [load_der_x509_certificate(_decoded(body)) for body in blocks]
    except (ValueError, UnsupportedAlgorithm):
        found = []
    if not found:
        raise UnusableKey("must be certificates in PEM")
    return found


def private_pem(key: RSAPrivateKey) -> str:
    """PKCS#8 in PEM."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def public_pem(key: RSAPublicKey) -> str:
    """SubjectPublicKeyInfo in PEM."""
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def verified(key: RSAPublicKey, content: bytes, signature: object) -> bool:
    """Whether a signature in base64 is this key's over the content. False for whatever is no signature at all."""
    if not isinstance(signature, str):
        return False
    try:
        key.verify(b64decode(signature, validate=True), content, PKCS1v15(), SHA256())
    except (InvalidSignature, ValueError):
        return False
    return True


def _der(text: str) -> bytes:
    block = _ARMOUR.search(text)
    return _decoded(text if block is None else block[2])


def _decoded(text: str) -> bytes:
    return b64decode("".join(text.split()), validate=True)


def _check_public(text: str) -> None:
    """What is public is stored and shown as it was given."""
    if _PRIVATE.search(text):
        raise UnusableKey(
            "must not hold a private key beside what is public: it would be shown to everybody who may see this"
        )


def _check_size(key: RSAPrivateKey | RSAPublicKey) -> None:
    if key.key_size < LEAST_BITS:
        raise UnusableKey(f"must be an RSA key of at least {LEAST_BITS} bits")
