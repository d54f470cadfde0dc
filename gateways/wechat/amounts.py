"""Amounts in fen, WeChat Pay's unit."""

from server.domain.errors import InvalidAmount, InvalidCurrency
from server.domain.money import Money

CURRENCY = "CNY"

# Source: pay.weixin.qq.com, unified order, total_fee: a 32-bit number.
_MOST_FEN = 2**31 - 1


def to_fen(money: Money) -> int:
    """The amount in fen. Raises InvalidCurrency, or InvalidAmount for what WeChat Pay's field cannot hold."""
    if money.currency != CURRENCY:
        raise InvalidCurrency("currency", "wechat does not take it")
    if not 0 < money.amount_minor <= _MOST_FEN:
        raise InvalidAmount("amount", f"must be at most {Money(_MOST_FEN, CURRENCY)} at wechat")
    return money.amount_minor
