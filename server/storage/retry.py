"""How often and after which pauses a database thread repeats a transaction that the database sent back."""

import random
import time
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """`attempts` tries in all; pauses grow from `first_pause_seconds` to `longest_pause_seconds`."""

    attempts: int = 10
    first_pause_seconds: float = 0.002
    longest_pause_seconds: float = 0.25

    def tries(self) -> Iterator[int]:
        """Yield 1, 2, ..., `attempts`, sleeping before each but the first."""
        yield 1
        for attempt in range(2, self.attempts + 1):
            ceiling = min(self.longest_pause_seconds, self.first_pause_seconds * 2 ** (attempt - 2))
            # Full jitter: transactions that collided once must not meet again at the same moment.
            time.sleep(random.uniform(0, ceiling))  # noqa: S311 - nobody guesses a pause
            yield attempt
