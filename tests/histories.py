"""Random histories of postings: what a merchant's books may come to hold."""

from collections.abc import Callable
from datetime import date, timedelta
from random import Random
from uuid import UUID

from server.domain.ledger import Posting
from server.domain.money import Money

_GATEWAYS = ("stripe", "paypal", "alipay")
_CURRENCIES = ("USD", "JPY", "KWD")


def random_postings(random: Random, count: int, today: date, first: int = 1) -> list[Posting]:
    """So many postings of every kind, none of a kind and number twice for one source. Sources count from `first`."""
    postings: list[Posting] = []
    for number in range(first, first + count):
        made = random.choice(_MAKERS)(random, UUID(int=(number << 80) | (7 << 76) | (2 << 62)), today)
        postings.extend(made[: count - len(postings)])
    return postings


def _charge(random: Random, source: UUID, today: date) -> list[Posting]:
    gateway, money = random.choice(_GATEWAYS), _money(random)
    day = random.choice((None, today, today + timedelta(days=random.randint(1, 4))))
    fee_minor = random.choice((0, 0, random.randint(1, money.amount_minor)))
    charge = Posting.charge(source, gateway, money, fee_minor=fee_minor, available_on=day)
    if fee_minor or random.random() < 0.5:
        return [charge]
    later = random.choice((None, day, today + timedelta(days=random.randint(0, 5))))
    fee_minor = random.randint(1, money.amount_minor)
    fee = Posting.charge_fee(source, gateway, money, fee_minor=fee_minor, expected_on=day, available_on=later)
    return [charge, fee]


def _refund(random: Random, source: UUID, _: date) -> list[Posting]:
    gateway, money = random.choice(_GATEWAYS), _money(random)
    made = [Posting.refund(source, gateway, money), Posting.refund_reversal(source, gateway, money)]
    return made[: random.randint(1, 2)]


def _dispute(random: Random, source: UUID, _: date) -> list[Posting]:
    gateway, money, fee_minor = random.choice(_GATEWAYS), _money(random), random.choice((0, 1500))
    opened = Posting.dispute(source, gateway, money, fee_minor)
    told_later = Posting.dispute(source, gateway, Money(0, money.currency), 700, number=2)
    part = Money(random.randint(0, money.amount_minor), money.currency)
    some = Posting.dispute_reversal(source, gateway, part, -700, number=3)
    rest = Money(money.amount_minor - part.amount_minor, money.currency)
    won = Posting.dispute_reversal(source, gateway, rest, random.choice((0, -fee_minor)), number=4)
    return [opened, told_later, some, won][: random.randint(1, 4)]


def _payout(random: Random, source: UUID, _: date) -> list[Posting]:
    gateway, money = random.choice(_GATEWAYS), _money(random)
    made = [Posting.payout(source, gateway, money), Posting.payout_failure(source, gateway, money)]
    return made[: random.randint(1, 2)]


def _by_itself(random: Random, source: UUID, today: date) -> list[Posting]:
    gateway, money = random.choice(_GATEWAYS), _money(random)
    moved = Money(random.choice((1, -1)) * money.amount_minor, money.currency)
    day = random.choice((None, None, today + timedelta(days=random.randint(1, 4))))
    if random.random() < 0.5:
        return [Posting.fee(source, gateway, moved, available_on=day)]
    return [Posting.adjustment(source, gateway, moved, fee_minor=random.choice((0, 0, 25)), available_on=day)]


def _money(random: Random) -> Money:
    return Money(random.randint(1, 100_000), random.choice(_CURRENCIES))


_MAKERS: tuple[Callable[[Random, UUID, date], list[Posting]], ...] = (
    *(_charge, _charge, _charge),
    *(_refund, _dispute, _payout, _by_itself),
)
