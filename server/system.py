"""The machine's clock and ids, handed to everything that needs them."""

import os
import threading
import time
from datetime import UTC, datetime
from uuid import UUID


class SystemClock:
    """The machine's time."""

    def now(self) -> datetime:
        """The present in UTC."""
        return datetime.now(UTC)


class Uuid7:
    """UUIDv7 as RFC 9562 defines them: milliseconds, a 12-bit counter within the millisecond, 62 random bits. Ids of one process grow strictly."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last = 0

    def new(self) -> UUID:
        """The next id."""
        with self._lock:
            # Milliseconds and counter as one number: a burst of more than 4,096 a millisecond borrows from the next one instead of going back.
            self._last = max(self._last + 1, (time.time_ns() // 1_000_000) << 12)
            ordered = self._last
        random = int.from_bytes(os.urandom(8)) >> 2
        return UUID(int=(ordered >> 12) << 80 | 7 << 76 | (ordered & 0xFFF) << 64 | 0b10 << 62 | random)
