"""Seals secrets with AES-256-GCM: each under a fresh data key, each data key under the operator's primary key. Source: NIST SP 800-38D."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from server.domain.vault import DataKey, SealBroken, UnknownEncryptionKey

Random = Callable[[int], bytes]
"""That many random bytes, unpredictable ones."""

_KEY_BYTES = 32
# 96 bits at random: a data key seals once, and an operator's key wraps far fewer than the 2^32 keys up to which chance alone keeps nonces apart.
_NONCE_BYTES = 12


class EnvelopeVault:
    """Encrypts under the first of the operator's keys, and decrypts under any of them."""

    def __init__(self, keys: Mapping[str, bytes], random: Random = secrets.token_bytes) -> None:
        """`keys` are 32 bytes each, by their ids; the first is the primary one."""
        self._keys = {key_id: AESGCM(key) for key_id, key in keys.items()}
        self._primary = next(iter(keys))
        self._random = random

    @property
    def primary_key_id(self) -> str:
        return self._primary

    def new_data_key(self, merchant_id: str, key_id: UUID, at: datetime) -> DataKey:
        named = DataKey(key_id, merchant_id, self._primary, b"", at)
        return replace(named, wrapped=self._wrapped(named, self._random(_KEY_BYTES)))

    def seal(self, data_key: DataKey, plain: bytes, bound_to: Sequence[str]) -> bytes:
        return self._encrypted(AESGCM(self._unwrapped(data_key)), plain, _bound("text", bound_to))

    def unseal(self, data_key: DataKey, sealed: bytes, bound_to: Sequence[str]) -> bytes:
        return _decrypted(AESGCM(self._unwrapped(data_key)), sealed, _bound("text", bound_to))

    def rewrap(self, data_key: DataKey) -> DataKey:
        named = replace(data_key, key_id=self._primary)
        return replace(named, wrapped=self._wrapped(named, self._unwrapped(data_key)))

    def _wrapped(self, data_key: DataKey, key: bytes) -> bytes:
        return self._encrypted(self._operators(data_key.key_id), key, _bound_to_row(data_key))

    def _unwrapped(self, data_key: DataKey) -> bytes:
        return _decrypted(self._operators(data_key.key_id), data_key.wrapped, _bound_to_row(data_key))

    def _operators(self, key_id: str) -> AESGCM:
        try:
            return self._keys[key_id]
        except KeyError:
            raise UnknownEncryptionKey(key_id) from None

    def _encrypted(self, cipher: AESGCM, plain: bytes, bound: bytes) -> bytes:
        nonce = self._random(_NONCE_BYTES)
        return nonce + cipher.encrypt(nonce, plain, bound)


def _decrypted(cipher: AESGCM, sealed: bytes, bound: bytes) -> bytes:
    nonce, encrypted = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
    try:
        return cipher.decrypt(nonce, encrypted, bound)
    except (InvalidTag, ValueError):
        raise SealBroken("what was sealed was changed, or belongs to something else") from None


def _bound_to_row(data_key: DataKey) -> bytes:
    return _bound("key", (data_key.merchant_id, str(data_key.id), data_key.key_id))


def _bound(kind: str, parts: Sequence[str]) -> bytes:
    """Each part with its length before it, so that no two lists of parts read the same."""
    encoded = [part.encode() for part in (kind, *parts)]
    return b"".join(len(part).to_bytes(4) + part for part in encoded)
