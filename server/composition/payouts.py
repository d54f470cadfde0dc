"""Payouts, ordered here or seen at their gateways."""

from dataclasses import dataclass

from server.composition.ground import Ground
from server.operations.list_following import ListFollowing
from server.operations.payout_following import PayoutFollowing
from server.operations.payout_settling import PayoutSettling
from server.operations.payouts import PayoutOperations


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoutParts:
    """What is done with payouts."""

    payouts: PayoutOperations
    settling: PayoutSettling
    following: PayoutFollowing
    lists: ListFollowing


def payout_parts(ground: Ground) -> PayoutParts:
    """One settling, whoever ordered the payout."""
    store, gateways, clock, journal = ground.store, ground.gateways, ground.clock, ground.journal
    settling = PayoutSettling(store, gateways, journal, clock)
    following = PayoutFollowing(store=store, settling=settling, journal=journal, clock=clock)
    return PayoutParts(
        payouts=PayoutOperations(store=store, gateways=gateways, settling=settling, journal=journal, clock=clock),
        settling=settling,
        following=following,
        lists=ListFollowing(store=store, gateways=gateways, clock=clock, followed=following),
    )
