"""Amounts as Alipay writes them: yuan as text with at most two decimals, from 0.01 to 100000000.00."""

import re

from server.domain.errors import InvalidAmount, InvalidCurrency
from server.domain.money import Money

CURRENCY = "CNY"

# Source: alipay.trade.page.pay, `total_amount`; alipay.fund.auth.order.voucher.create, `amount`.
_MOST_MINOR = 100_000_000_00
_FORM = re.compile(r"(0|[1-9][0-9]{0,8})(?:\.([0-9]{1,2}))?", re.ASCII)


def to_alipay(money: Money) -> str:
    """The amount in yuan. Raises InvalidCurrency, or InvalidAmount outside of what Alipay takes."""
    if money.currency != CURRENCY:
        raise InvalidCurrency("currency", "alipay does not take it")
    if not 1 <= money.amount_minor <= _MOST_MINOR:
        raise InvalidAmount("amount", "must be from 0.01 to 100000000.00 at alipay")
    return str(money)


def from_alipay(text: object, least_minor: int = 1) -> int:
    """An amount of Alipay's in fen. Raises ValueError for everything but plain digits of at least that much."""
    match = _FORM.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise ValueError("not an amount in yuan")
    amount_minor = int(match[1]) * 100 + int((match[2] or "").ljust(2, "0"))
    if not least_minor <= amount_minor <= _MOST_MINOR:
        raise ValueError("not an amount that Alipay knows")
    return amount_minor
