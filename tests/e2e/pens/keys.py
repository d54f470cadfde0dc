"""RSA signatures as the gateways make them."""

from base64 import b64encode

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256, HashAlgorithm
from cryptography.hazmat.primitives.serialization import load_pem_private_key


def key_of(pem: str) -> RSAPrivateKey:
    key = load_pem_private_key(pem.encode(), None)
    assert isinstance(key, RSAPrivateKey)
    return key


def signature(key: RSAPrivateKey, text: bytes, algorithm: HashAlgorithm | None = None) -> str:
    return b64encode(key.sign(text, PKCS1v15(), algorithm or SHA256())).decode()
