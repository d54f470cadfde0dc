"""Stripe's idempotency keys: a repeat with the same parameters gets the first reply again, for 24 hours."""

from collections.abc import Iterator
from contextlib import contextmanager

from sandbox.state.replies import Replies, StoredReply
from sandbox.stripe.errors import IdempotencyKeyInUse, IdempotencyMismatch, InvalidParameter
from sandbox.stripe.merchants import Merchant

KEPT_SECONDS = 24 * 60 * 60
_LONGEST_KEY = 255


class Idempotency:
    """Keys belong to a merchant. A request is recognised by a keyed hash, because it may carry a card number."""

    def __init__(self, replies: Replies) -> None:
        self._replies = replies
        self._running: set[tuple[str, str]] = set()

    def fingerprint(self, merchant: Merchant, path: str, body: str) -> str:
        return merchant.fingerprint(f"{path}\n{body}", 64)

    def stored(self, merchant: Merchant, key: str, fingerprint: str, now: float) -> StoredReply | None:
        """The first reply under this key. Raises when the key was used for something else."""
        if len(key) > _LONGEST_KEY:
            raise InvalidParameter(f"Idempotency keys can have up to {_LONGEST_KEY} characters.")
        reply = self._replies.find(merchant.id, key, now - KEPT_SECONDS)
        if reply is not None and reply.fingerprint != fingerprint:
            raise IdempotencyMismatch(key)
        return reply

    @contextmanager
    def running(self, merchant: Merchant, key: str) -> Iterator[None]:
        """Holds the key while its call runs. Raises when another call with it is running."""
        held = (merchant.id, key)
        if held in self._running:
            raise IdempotencyKeyInUse(key)
        self._running.add(held)
        try:
            yield
        finally:
            self._running.discard(held)

    def store(self, merchant: Merchant, key: str, now: float, reply: StoredReply) -> None:
        self._replies.store(merchant.id, key, now, reply)

    def forget_expired(self, merchant: Merchant, now: float) -> None:
        self._replies.forget(merchant.id, now - KEPT_SECONDS)
