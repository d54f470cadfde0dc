"""Payouts, ordered here or seen at their gateways."""

from dataclasses import dataclass

from gateways.registry import CAPABILITIES
from server.composition.ground import Ground
from server.operations.payout_following import PayoutFollowing
from server.operations.payout_settling import PayoutSettling
from server.operations.payouts import PayoutOperations

PAYING_OUT = frozenset(name for name, can in CAPABILITIES.items() if can.payouts)
"""The gateways that have a list of payouts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoutParts:
    """What is done with payouts."""

    payouts: PayoutOperations
    settling: PayoutSettling
    following: PayoutFollowing


def payout_parts(ground: Ground) -> PayoutParts:
    """One settling, whoever ordered the payout."""
    store, gateways, clock, journal = ground.store, ground.gateways, ground.clock, ground.journal
    settling = PayoutSettling(store, gateways, journal, clock)
    return PayoutParts(
        payouts=PayoutOperations(store=store, gateways=gateways, settling=settling, journal=journal, clock=clock),
        settling=settling,
        following=PayoutFollowing(store=store, gateways=gateways, settling=settling, journal=journal, clock=clock),
    )
