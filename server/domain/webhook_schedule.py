"""When a delivery is tried again. Source: Standard Webhooks, "Deliverability and reliability"."""

from collections.abc import Callable
from datetime import timedelta

Jitter = Callable[[], float]
"""A number between -1 and 1 that nobody need guess, another one on each call."""

DELAYS = (
    timedelta(0),
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
"""Before each try, counted from the one before."""

LONGEST_WAIT = timedelta(hours=24)
"""What an endpoint that asks for patience gets at most."""

_SPREAD = 0.2


def next_try_in(attempts: int, jitter: Jitter) -> timedelta | None:
    """How long after the last of so many tries the next one comes, a fifth more or less, so that what failed together is not tried together; None when there is none."""
    if attempts >= len(DELAYS):
        return None
    return DELAYS[attempts] * (1 + _SPREAD * jitter())
