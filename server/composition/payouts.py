"""Payouts, ordered here or seen at their gateways, and what gateways move by themselves."""

from dataclasses import dataclass

from server.composition.ground import Ground
from server.operations.list_following import ListFollowing
from server.operations.own_movement_lists import OwnMovementLists
from server.operations.payout_following import PayoutFollowing
from server.operations.payout_settling import PayoutSettling
from server.operations.payouts import PayoutOperations


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoutParts:
    """What is done with payouts, and with gateways' own movements."""

    payouts: PayoutOperations
    settling: PayoutSettling
    following: PayoutFollowing
    lists: ListFollowing
    own_movement_lists: ListFollowing


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
        own_movement_lists=ListFollowing(
            store=store, gateways=gateways, clock=clock, followed=OwnMovementLists(store, journal, clock)
        ),
    )
