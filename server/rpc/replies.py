"""How replies are kept under an idempotency key: a byte that says what follows, then the reply's own bytes."""

from enum import IntEnum

from server.rpc.failures import Failure
from server.rpc.reasons import Replay


class _Kind(IntEnum):
    RESPONSE = 1
    """The response message."""

    STATUS = 2
    """A google.rpc.Status: the error, with the request id under which it first happened."""


def stored_form(reply: bytes | Failure) -> bytes:
    """The bytes to store."""
    if isinstance(reply, Failure):
        return bytes((_Kind.STATUS,)) + reply.status
    return bytes((_Kind.RESPONSE,)) + reply


def reply_of(stored: bytes) -> bytes | Failure:
    """The reply that was stored."""
    if _Kind(stored[0]) is _Kind.STATUS:
        return Failure(stored[1:], Replay.STORED)
    return stored[1:]
