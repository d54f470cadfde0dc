"""Idempotency keys, made from the attempt or the refund alone, so that a repeat after a crash is the same call to Stripe."""

from datetime import datetime, timedelta

from server.domain.attempt import Attempt
from server.domain.refund import Refund

# Stripe keeps a key for at least 24 hours and then takes the call for a new one.
KEPT_FOR = timedelta(hours=23)


def first_key(attempt: Attempt) -> str:
    """The key of the call that an attempt stands for."""
    return f"{attempt.id}:{attempt.kind.value}"


def later_key(attempt: Attempt, now: datetime) -> str:
    """A key of its own for a call that the state of the intent keeps from being done twice.

    Under the first key Stripe would answer a repeat with a 500 that it kept, and after a day take it for new anyway.
    """
    return f"{first_key(attempt)}:{int(now.timestamp())}"


def refund_key(refund: Refund) -> str:
    """The key of the call that a refund stands for."""
    return f"{refund.id}:refund"
