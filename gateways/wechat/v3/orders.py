"""Orders and refunds of API v3 in JSON: read from answers and notifications alike."""

from collections.abc import Mapping

from gateways.wechat.amounts import CURRENCY
from gateways.wechat.fields import Malformed, currency_in, group_in, integer_in, optional_text_in, text_in
from gateways.wechat.replies import Prepaid, RefundReply, RefundState, Trade, TradeState
from gateways.wechat.times import from_v3


def prepaid(fields: Mapping[str, object]) -> Prepaid:
    """Source: pay.weixin.qq.com, API v3, Native, H5 and JSAPI orders."""
    return Prepaid(
        code_url=optional_text_in(fields, "code_url"),
        h5_url=optional_text_in(fields, "h5_url"),
        prepay_id=optional_text_in(fields, "prepay_id"),
    )


def trade(fields: Mapping[str, object], currency: str = CURRENCY) -> Trade:
    """Source: pay.weixin.qq.com, API v3, query order. Raises Malformed, for an amount in another currency as well."""
    state = TradeState(text_in(fields, "trade_state"))
    paid = state in (TradeState.SUCCESS, TradeState.REFUND)
    return Trade(
        state=state,
        transaction_id=text_in(fields, "transaction_id") if paid else None,
        fen=_fen(fields, "total", currency) if paid else None,
        paid_at=from_v3(optional_text_in(fields, "success_time")) if paid else None,
    )


def refund(fields: Mapping[str, object], state_name: str = "status") -> RefundReply:
    """Source: pay.weixin.qq.com, API v3, query refund; notifications say `refund_status`. Raises Malformed."""
    return RefundReply(
        state=RefundState(text_in(fields, state_name)),
        refund_id=text_in(fields, "refund_id"),
        fen=_fen(fields, "refund"),
    )


def trade_currency(fields: Mapping[str, object]) -> str:
    """The currency of a trade's amount. Raises Malformed."""
    return currency_in(group_in(fields, "amount"), "currency")


def _fen(fields: Mapping[str, object], name: str, currency: str = CURRENCY) -> int:
    amount = group_in(fields, "amount")
    if currency_in(amount, "currency") != currency:
        raise Malformed("another currency")
    return integer_in(amount, name)
