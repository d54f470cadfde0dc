"""What an installation decides for itself, beyond what the contract says."""

from collections.abc import Mapping
from dataclasses import dataclass, field
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
    """`mall_zone` is the mall's own time zone, in which order numbers begin.

    `settlement_days` says after how many days each gateway pays out what it does not give a day for; 0 for one that is not named.
    `tell_fees` are the gateways that name their fee of each payment, and are asked for one that they have not named.
    """

    mall_zone: tzinfo = UTC
    late_payments: LatePayments = LatePayments.REFUND
    settlement_days: Mapping[str, int] = field(default_factory=dict)
    tell_fees: frozenset[str] = frozenset()
