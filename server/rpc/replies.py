"""How replies are kept under an idempotency key: encrypted, as some show a secret this once; and a byte that says what it is that was kept."""

import hmac
import os
from enum import IntEnum

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from server.domain.idempotency import Claim
from server.rpc.failures import Failure
from server.rpc.reasons import Replay

_NONCE_BYTES = 12


class _Kind(IntEnum):
    RESPONSE = 1
    """The response message."""

    STATUS = 2
    """A google.rpc.Status: the error, with the request id under which it first happened."""

    SEALED = 3
    """One of the others, encrypted. Earlier versions kept them in plain."""


class StoredReplies:
    """Keeps replies under `key`, each under a key of its own claim's: it cannot be passed off as another call's reply."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def stored_form(self, claim: Claim, reply: bytes | Failure) -> bytes:
        """The bytes to store."""
        plain = _plain(_Kind.STATUS, reply.status) if isinstance(reply, Failure) else _plain(_Kind.RESPONSE, reply)
        nonce = os.urandom(_NONCE_BYTES)
        return _plain(_Kind.SEALED, nonce + self._cipher(claim).encrypt(nonce, plain, None))

    def reply_of(self, claim: Claim, stored: bytes) -> bytes | Failure:
        """The reply that was stored. Raises InvalidTag for one that is another claim's or was changed."""
        kind, kept = _Kind(stored[0]), stored[1:]
        if kind is _Kind.SEALED:
            nonce, encrypted = kept[:_NONCE_BYTES], kept[_NONCE_BYTES:]
            return self.reply_of(claim, self._cipher(claim).decrypt(nonce, encrypted, None))
        return Failure(kept, Replay.STORED) if kind is _Kind.STATUS else kept

    def _cipher(self, claim: Claim) -> AESGCM:
        parts = (claim.merchant_id, claim.credential, claim.method, claim.key, claim.operation_id.hex)
        return AESGCM(hmac.digest(self._key, "\0".join(parts).encode(), "sha256"))


def _plain(kind: _Kind, content: bytes) -> bytes:
    return bytes((kind,)) + content
