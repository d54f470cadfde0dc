"""Replicas over one database read one list at the same moment: each of a gateway's own movements is posted once, on both databases."""

import asyncio

from server.domain.access import DEFAULT_MERCHANT
from server.domain.balance import Movement
from server.domain.jobs import Job, JobKind
from server.domain.listing import BalanceFilter, BalanceQuery
from server.domain.money import Money
from server.domain.own_movement import OwnMovement, OwnMovementKind
from tests.builders import A_CALLER, NOON, a_call, an_id
from tests.integration.test_refunds_of_replicas import Replicas, replicas

__all__ = ["replicas"]


async def test_a_list_that_both_read_is_posted_once(replicas: Replicas) -> None:
    """Whoever comes second finds each, and goes on with the next; again and again, in either order."""
    kinds = [OwnMovementKind.FEE, OwnMovementKind.ADJUSTMENT] * 6
    made = [
        OwnMovement(f"txn_{number}", kind, Money(-100 - number, "USD"), 0, NOON, NOON.date())
        for number, kind in enumerate(kinds)
    ]
    job = Job(an_id(9), JobKind.FOLLOW_OWN_MOVEMENTS, DEFAULT_MERCHANT, "fake", NOON, NOON)
    for listed in (made, made[::-1]):
        replicas.gateway.own = list(listed)
        rounds = [service.handlers[job.kind](job) for service in (*replicas.services, *replicas.services)]
        await asyncio.gather(*rounds)
    page = await replicas.services[1].balances.list(A_CALLER, BalanceQuery(BalanceFilter(), per_page=100))
    assert sorted(row.amount_minor for row in page.items) == sorted(each.money.amount_minor for each in made)
    assert [row.type for row in page.items].count(Movement.FEE) == 6
    assert (await replicas.services[0].verifying.verify(a_call(50))).balanced
