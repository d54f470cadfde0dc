"""Whatever happens to a merchant's money, the books stay closed, and the balance is what was moved."""

from collections import Counter
from datetime import date, timedelta
from random import Random
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from server.domain.balance import Balance, Movement
from server.domain.ledger import Account, Posting, PostingKind
from server.domain.listing import BalanceFilter, BalanceQuery
from tests.builders import NOON, an_id
from tests.histories import random_postings
from tests.memory_ledger import MemoryLedger, Posted

TODAY = NOON.date()
M = "merchant"


def written(postings: list[Posting]) -> MemoryLedger:
    rows: dict[tuple[PostingKind, UUID, int], Posted] = {}
    ledger = MemoryLedger(rows)
    for number, posting in enumerate(postings, start=1):
        ledger.post(M, posting, an_id(number), NOON)
    return ledger


def total(ledger: MemoryLedger) -> Counter[str]:
    """Available and pending together, by currency."""
    balance, sums = Balance.of(ledger.sums(M, None)), Counter[str]()
    for money in (*balance.available, *balance.pending):
        sums[money.currency] += money.amount_minor
    return sums


def settle_all(ledger: MemoryLedger, until: date, first: int) -> None:
    """What the background does, day by day."""
    for number, due in enumerate(ledger.due(until, 1000), start=first):
        money = ledger.lock_due(due)
        settlement = Posting.settlement(an_id(number), due.gateway, money, due.available_on)
        ledger.post(M, settlement, an_id(number), NOON)


@given(st.integers(0, 2**32), st.integers(1, 40))
def test_the_books_stay_closed(seed: int, count: int) -> None:
    """Every account together comes to nothing, in each currency."""
    ledger, sums = written(random_postings(Random(seed), count, TODAY)), Counter[str]()
    for _, money in ledger.sums(M, None):
        sums[money.currency] += money.amount_minor
    assert not any(sums.values())


@given(st.integers(0, 2**32), st.integers(1, 40))
def test_the_balance_is_what_was_moved(seed: int, count: int) -> None:
    """Available and pending are the sum of every row's net, and each row's net is its amount less its fee."""
    ledger, moved = written(random_postings(Random(seed), count, TODAY)), Counter[str]()
    for row in ledger.list(M, BalanceQuery(BalanceFilter(), per_page=1000)).items:
        assert row.net_minor == row.amount_minor - row.fee_minor
        moved[row.currency] += row.net_minor
    sums = total(ledger)
    assert {code: sums[code] for code in moved} == dict(moved)


@given(st.integers(0, 2**32), st.integers(1, 40), st.integers(0, 6))
def test_settling_moves_and_makes_nothing(seed: int, count: int, days: int) -> None:
    """Before, between and after: the same in all; and nothing of a day that has come is pending any more."""
    ledger = written(random_postings(Random(seed), count, TODAY))
    before, until = total(ledger), TODAY + timedelta(days=days)
    rows = ledger.list(M, BalanceQuery(BalanceFilter(), per_page=1000))
    settle_all(ledger, until, first=5000)
    assert total(ledger) == before
    assert ledger.due(until, 1000) == []
    assert ledger.list(M, BalanceQuery(BalanceFilter(), per_page=1000)) == rows
    settle_all(ledger, TODAY + timedelta(days=30), first=9000)
    assert all(money.amount_minor == 0 for money in Balance.of(ledger.sums(M, None)).pending)


@given(st.integers(0, 2**32), st.integers(1, 40))
def test_a_row_says_what_the_accounts_hold(seed: int, count: int) -> None:
    """Fees are the rows' fees and the fees by themselves; what was paid out is the payouts that did not fail."""
    ledger = written(random_postings(Random(seed), count, TODAY))
    kept, paid_out = Counter[str](), Counter[str]()
    for row in ledger.list(M, BalanceQuery(BalanceFilter(), per_page=1000)).items:
        kept[row.currency] += -row.amount_minor if row.type is Movement.FEE else row.fee_minor
        if row.type in (Movement.PAYOUT, Movement.PAYOUT_FAILURE):
            paid_out[row.currency] -= row.amount_minor
    sums = {(account, money.currency): money.amount_minor for account, money in ledger.sums(M, None)}
    assert all(sums.get((Account.GATEWAY_FEES, code), 0) == amount for code, amount in kept.items())
    assert all(sums.get((Account.PAID_OUT, code), 0) == amount for code, amount in paid_out.items())
