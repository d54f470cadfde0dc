"""Idempotency keys, made from the attempt or the refund alone, so that a repeat after a crash is the same call to Stripe."""

from datetime import datetime, timedelta

from server.domain.attempt import Attempt
from server.domain.payout import Payout
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


def payout_key(payout: Payout) -> str:
    """The key of the call that a payout stands for."""
    return f"{payout.id}:payout"


def stop_key(payout: Payout) -> str:
    """The key of the call that the order to stop a payout stands for."""
    assert payout.stop is not None, "nobody stops what nobody ordered to be stopped"
    return f"{payout.stop.id}:stop"


def later_stop_key(payout: Payout, now: datetime) -> str:
    """A key of its own for a repeat of that: a payout is canceled once, and under the first key Stripe would answer with what it kept."""
    return f"{stop_key(payout)}:{int(now.timestamp())}"


def refund_key(refund: Refund) -> str:
    """The key of the call that a refund stands for."""
    return f"{refund.id}:refund"
