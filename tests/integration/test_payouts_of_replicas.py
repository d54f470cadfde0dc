"""Replicas over one database hear of one payout at the same moment: it is stored, posted and told of once, on both databases."""

import asyncio
from datetime import timedelta

from server.domain.access import DEFAULT_MERCHANT
from server.domain.ledger import Account
from server.domain.listing import PayoutFilter, PayoutQuery
from server.domain.money import Money
from server.domain.payout import Payout, PayoutStatus
from server.domain.payout_outcomes import PayoutReport
from server.operations.commands import CreatePayout
from tests.builders import A_CALLER, NOON, a_call
from tests.fake_gateway import Fault
from tests.integration.test_refunds_of_replicas import Replicas, replicas

__all__ = ["replicas"]


async def the_only(replicas: Replicas) -> Payout:
    page = await replicas.services[1].payouts.list(A_CALLER, PayoutQuery(PayoutFilter()))
    (payout,) = page.items
    assert page.total == 1
    return payout


async def follow(replicas: Replicas, *reports: PayoutReport) -> None:
    """Both hear of all of it at once, in either order."""
    calls = [
        service.payout_following.tell(
            lambda tx, report=report, service=service: service.payout_following.follow_in(  # type: ignore[misc]
                tx, DEFAULT_MERCHANT, "fake", 1, report
            )
        )
        for service in (*replicas.services, *reversed(replicas.services))
        for report in reports
    ]
    await asyncio.gather(*calls)


async def test_a_payout_that_both_see_first_is_one(replicas: Replicas) -> None:
    """Whoever comes second finds it, whatever it says of its way."""
    money = Money(1000, "USD")
    ways = [PayoutReport("po_1", money, status, NOON) for status in (PayoutStatus.PENDING, PayoutStatus.PAID)]
    await follow(replicas, *ways)
    payout = await the_only(replicas)
    assert (payout.status, payout.gateway_payout_id) == (PayoutStatus.PAID, "po_1")
    await follow(replicas, PayoutReport("po_1", money, PayoutStatus.FAILED, NOON))
    failed = await the_only(replicas)
    assert (failed.id, failed.status) == (payout.id, PayoutStatus.FAILED)
    sums = await replicas.store.read(lambda tx: tx.ledger.sums(DEFAULT_MERCHANT, "fake"))
    assert {account: held.amount_minor for account, held in sums if account is Account.PAID_OUT} == {
        Account.PAID_OUT: 0
    }


async def test_one_call_on_both_replicas_is_one_payout(replicas: Replicas) -> None:
    """The caller repeats it at another replica while the first one still works on it."""
    command = CreatePayout(amount="10.00", currency="USD", gateway="fake")
    calls = [
        replicas.services[number % 2].payouts.create(a_call(100, resumed=number > 0), command) for number in range(6)
    ]
    assert len({payout.id for payout in await asyncio.gather(*calls)}) == 1
    assert len(replicas.gateway.paid_out.sent) == 1


async def test_both_backgrounds_find_a_payout_out_once(replicas: Replicas) -> None:
    """A lost answer that both ask for, while the list tells of it as well."""
    replicas.gateway.next("pay_out", Fault.REPLY_LOST)
    command = CreatePayout(amount="10.00", currency="USD", gateway="fake")
    payout = await replicas.services[0].payouts.create(a_call(100), command)
    assert payout.gateway_payout_id is None
    replicas.clock.move(timedelta(minutes=1))
    resumed = [service.payouts.create(a_call(100, resumed=True), command) for service in replicas.services]
    await asyncio.gather(*resumed, follow(replicas, *replicas.gateway.paid_out.sent.values()))
    assert (await the_only(replicas)).gateway_payout_id == "gpo_1"
    assert len(replicas.gateway.paid_out.sent) == 1
