"""What a merchant has at the gateways: less the fees, pending until its day, and never twice."""

from datetime import timedelta

import pytest

from server.domain.access import DEFAULT_MERCHANT
from server.domain.audit import AuditAction
from server.domain.balance import Balance, BalanceTransaction
from server.domain.jobs import JobKind
from server.domain.ledger import PostingKind
from server.domain.listing import BalanceFilter, BalanceQuery
from server.domain.money import Money
from server.operations.commands import CreateRefund
from server.operations.policy import Policy
from tests.builders import NOON, a_call, an_id
from tests.shop import Shop

TODAY = NOON.date()
CALLER = a_call(1).caller


async def balance(shop: Shop) -> tuple[int, int]:
    """Available and pending, in cents."""
    found: Balance = await shop.balances.balance(CALLER, None)
    (available,), (pending,) = found.available, found.pending
    assert available.currency == pending.currency == "USD"
    return available.amount_minor, pending.amount_minor


async def charge_row(shop: Shop) -> BalanceTransaction:
    page = await shop.balances.list(CALLER, BalanceQuery(BalanceFilter(source_id=shop.payment().id)))
    (row,) = page.items
    return row


async def tell_again(shop: Shop) -> None:
    """The gateway tells of the payment once more."""
    attempt = max(shop.tables.attempts.values(), key=lambda row: row.id)
    await shop.settling.settle(attempt, await shop.gateway.fetch(attempt))


async def test_money_is_pending_until_its_day(shop: Shop) -> None:
    """What the gateway holds less its fee; then it is available, and settling again moves nothing."""
    shop.gateway.fee_minor, shop.gateway.available_on = 203, TODAY + timedelta(days=2)
    await shop.captured()
    assert await balance(shop) == (0, 5746)
    assert await shop.balance_settling.settle_due() == 0
    shop.clock.move_to(NOON + timedelta(days=2))
    assert await shop.balance_settling.settle_due() == 1
    assert await balance(shop) == (5746, 0)
    assert await shop.balance_settling.settle_due() == 0
    row = await charge_row(shop)
    assert (row.amount_minor, row.fee_minor, row.net_minor, row.available_on) == (5949, 203, 5746, TODAY + timedelta(2))


async def test_a_gateway_that_names_no_day_settles_after_its_own(shop: Shop) -> None:
    """Where nothing is set for it, on the day of the payment."""
    await shop.captured()
    assert (await charge_row(shop)).available_on == TODAY
    assert await shop.balance_settling.settle_due() == 1
    assert await balance(shop) == (5949, 0)


@pytest.mark.parametrize("settled_before", [False, True])
async def test_a_fee_may_be_told_later(shop: Shop, settled_before: bool) -> None:
    """It stands on the charge's row, its money moves to the day that is told now, and it is posted once."""
    await shop.captured()
    if settled_before:
        await shop.balance_settling.settle_due()
    shop.gateway.fee_minor, shop.gateway.available_on = 203, TODAY + timedelta(days=3)
    await tell_again(shop)
    await tell_again(shop)
    assert [kind for kind, *_ in shop.tables.postings if kind is PostingKind.CHARGE_FEE] == [PostingKind.CHARGE_FEE]
    row = await charge_row(shop)
    assert (row.amount_minor, row.fee_minor, row.available_on) == (5949, 203, TODAY + timedelta(days=3))
    await shop.balance_settling.settle_due()
    assert await balance(shop) == (0, 5746)
    shop.clock.move_to(NOON + timedelta(days=3))
    await shop.balance_settling.settle_due()
    assert await balance(shop) == (5746, 0)


async def test_a_fee_that_was_told_is_not_told_again(shop: Shop) -> None:
    """Neither the same one once more nor another one."""
    shop.gateway.fee_minor = 203
    await shop.captured()
    shop.gateway.fee_minor = 999
    await tell_again(shop)
    assert (await charge_row(shop)).fee_minor == 203


async def test_a_fee_that_nobody_tells_of_is_asked_for(shop: Shop) -> None:
    """After an hour, and as the gateway knows it by then; once it is known nobody asks any more."""
    shop.policy = Policy(tell_fees=frozenset({"fake"}))
    shop.start()
    await shop.captured()
    shop.gateway.fee_minor = 203
    await shop.pass_time(timedelta(minutes=59))
    assert (await charge_row(shop)).fee_minor == 0
    await shop.pass_time(timedelta(minutes=2))
    assert (await charge_row(shop)).fee_minor == 203
    assert not [kind for kind, *_ in shop.tables.jobs if kind is JobKind.FIND_FEE]


async def test_a_fee_that_the_gateway_never_names_is_asked_for_some_times(shop: Shop) -> None:
    """Four times in as many days; the whole amount stays posted."""
    shop.policy = Policy(tell_fees=frozenset({"fake"}))
    shop.start()
    await shop.captured()
    asked = len(shop.gateway.calls)
    await shop.pass_time(timedelta(days=30))
    assert len(shop.gateway.calls) - asked == 4
    assert (await charge_row(shop)).fee_minor == 0
    assert not [kind for kind, *_ in shop.tables.jobs if kind is JobKind.FIND_FEE]


@pytest.mark.parametrize("named", ["by the charge", "by whom the policy does not name"])
async def test_nobody_asks_for_a_fee_without_need(shop: Shop, named: str) -> None:
    """What came with the charge is known, and who names none is not asked."""
    if named == "by the charge":
        shop.policy, shop.gateway.fee_minor = Policy(tell_fees=frozenset({"fake"})), 0
        shop.start()
    await shop.captured()
    assert not [kind for kind, *_ in shop.tables.jobs if kind is JobKind.FIND_FEE]


async def test_a_refund_may_make_what_is_available_negative(shop: Shop) -> None:
    """What is pending cannot be taken from before its day."""
    shop.gateway.available_on = TODAY + timedelta(days=2)
    await shop.captured()
    await shop.refunds.create(
        a_call(2), CreateRefund(payment_id=shop.payment().id, amount="20.00", reason=None, metadata={})
    )
    assert await balance(shop) == (-2000, 5949)


async def test_a_proof_is_written_down_once(shop: Shop) -> None:
    """Also where the call was cut off and is executed again."""
    await shop.captured()
    for resumed in (False, True):
        made = await shop.verifying.verify(a_call(7, resumed=resumed))
        assert made.balanced
        assert (made.findings.entries_checked, made.findings.accounts_checked) == (2, 2)
    (entry,) = shop.tables.audit.values()
    assert (entry.id, entry.action, entry.merchant_id) == (an_id(7), AuditAction.LEDGER_VERIFIED, DEFAULT_MERCHANT)
    assert entry.details == {"balanced": "true", "entries_checked": "2", "discrepancies": "0"}


async def test_a_balance_of_nothing_is_empty(shop: Shop) -> None:
    """No currency is made up."""
    assert await shop.balances.balance(CALLER, None) == Balance((), ())
    assert Money(0, "USD") not in (await shop.balances.balance(CALLER, "fake")).available
