"""What an installation decides for itself, beyond what the contract says."""

from dataclasses import dataclass
from datetime import UTC, tzinfo
from enum import StrEnum


class LatePayments(StrEnum):
    """What becomes of money that arrives for an order which wants it no more."""

    REFUND = "refund"
    """It goes back at once."""

    FLAG = "flag"
    """It stays, and the audit log tells the operator of it."""


@dataclass(frozen=True, slots=True)
class Policy:
    """`mall_zone` is the mall's own time zone, in which order numbers begin."""

    mall_zone: tzinfo = UTC
    late_payments: LatePayments = LatePayments.REFUND
