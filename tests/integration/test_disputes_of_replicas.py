"""Replicas over one database read one list of disputes at the same moment, with callbacks beside it: each is stored, posted and told of once, on both databases."""

import asyncio

import pytest

from server.domain.access import DEFAULT_MERCHANT
from server.domain.dispute import DisputeReport, DisputeStatus, Moved
from server.domain.dispute_list import DisputeSighting
from server.domain.jobs import Job, JobKind
from server.domain.ledger import Account
from server.domain.listing import DisputeFilter, DisputeQuery
from tests.builders import A_CALLER, an_id
from tests.integration.test_refunds_of_replicas import Replicas, replicas

__all__ = ["replicas"]


async def read_lists(replicas: Replicas) -> None:
    """Both have the same job: the one's lease was over while it read on."""
    now = replicas.clock.now()
    job = Job(an_id(7), JobKind.FOLLOW_DISPUTES, DEFAULT_MERCHANT, "fake", now, now)
    await replicas.store.transaction(lambda tx: tx.jobs.enqueue(job))
    work = [service.handlers[JobKind.FOLLOW_DISPUTES](job) for service in replicas.services]
    await asyncio.gather(*work)
    assert await replicas.store.look_up(lambda tx: tx.jobs.gateways_due(now)) == []


@pytest.mark.parametrize("in_part", [False, True])
async def test_a_dispute_that_both_see_first_is_one(replicas: Replicas, in_part: bool) -> None:
    """Whoever comes second finds it; so it is when it is decided."""
    payment = await replicas.captured()
    truth = replicas.gateway.contested
    truth.in_part = in_part
    for status, rank, returned_minor in ((DisputeStatus.NEEDS_RESPONSE, 4, 0), (DisputeStatus.WON, 6, 5949)):
        moved = Moved(taken_minor=5949, returned_minor=returned_minor)
        report = DisputeReport("du_1", status, payment.money, "fraudulent", rank, moved=moved)
        truth.show(DisputeSighting(report, payment.reference), replicas.clock.now())
        await read_lists(replicas)
    page = await replicas.services[1].disputes.list(A_CALLER, DisputeQuery(DisputeFilter()))
    assert [(dispute.status, dispute.sequence, dispute.movements) for dispute in page.items] == [
        (DisputeStatus.WON, 2, 2)
    ]
    sums = await replicas.store.read(lambda tx: tx.ledger.sums(DEFAULT_MERCHANT, "fake"))
    assert {account: held.amount_minor for account, held in sums if account is Account.DISPUTED} == {
        Account.DISPUTED: 0
    }
