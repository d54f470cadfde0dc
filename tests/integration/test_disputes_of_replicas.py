"""Replicas over one database hear of one dispute at the same moment, in any order: it is stored once, and its money is posted as the newest report has it, on both databases."""

import asyncio
from dataclasses import replace
from random import Random

from server.domain.access import DEFAULT_MERCHANT
from server.domain.dispute import DisputeReport, DisputeStatus, Moved
from server.domain.ledger import Account
from server.domain.money import Money
from server.domain.payment import Payment
from server.operations.dispute_following import DisputeFollowing
from tests.builders import a_call
from tests.integration.test_refunds_of_replicas import Replicas, replicas

__all__ = ["replicas"]

OPENED = DisputeReport("du_1", DisputeStatus.NEEDS_RESPONSE, Money(5949, "USD"), "fraudulent", rank=1)
MOVED = (Moved(5949), Moved(5949, 2000, 1500), Moved(6949, 2000, 1500), Moved(6949, 6949, 1500, 700))
REPORTS = [OPENED, *(replace(OPENED, rank=rank, moved=moved) for rank, moved in enumerate(MOVED, start=2))]


async def follow(replicas: Replicas, payment: Payment, reports: list[DisputeReport]) -> None:
    """All of it at once, by turns through each, on connections of their own."""

    async def told(following: DisputeFollowing, report: DisputeReport) -> None:
        await replicas.store.transaction(
            lambda tx: following.follow_in(tx, tx.payments.lock(payment.merchant_id, payment.id), report)
        )

    services = replicas.services * len(reports)
    await asyncio.gather(
        *(told(each.dispute_following, report) for each, report in zip(services, reports, strict=False))
    )


async def test_reports_at_the_same_moment_post_what_has_moved_once(replicas: Replicas) -> None:
    """Twice each, in any order: one dispute, no posting twice, and books that are proven."""
    payment = await replicas.captured()
    reports = REPORTS * 2
    Random(3).shuffle(reports)
    await follow(replicas, payment, reports)
    (dispute,) = (await replicas.read()).disputes
    assert dispute.moved == MOVED[-1]
    sums = dict(await replicas.store.read(lambda tx: tx.ledger.sums(DEFAULT_MERCHANT, "fake")))
    assert (sums[Account.DISPUTED].amount_minor, sums[Account.GATEWAY_FEES].amount_minor) == (0, 800)
    assert (await replicas.services[1].verifying.verify(a_call(90))).balanced
