"""Private RSA keys that are read once: reading one tests its primes, which takes longer than most tests, and the same few are read for every client that a test opens."""

from functools import cache

from Cryptodome.PublicKey import RSA
from cryptography.hazmat.primitives import serialization

_READERS = (
    (serialization, "load_der_private_key"),
    (serialization, "load_pem_private_key"),
    (RSA, "importKey"),
)


def read_private_keys_once() -> None:
    """From now on the same text is the same key, in modules that are imported later. A text that is no key is refused each time."""
    for module, name in _READERS:
        setattr(module, name, cache(getattr(module, name)))
