"""Translates what WeChat Pay said of an order into an outcome."""

from typing import assert_never

from gateways.wechat.amounts import CURRENCY
from gateways.wechat.failures import Failure, Why
from gateways.wechat.replies import RefundReply, RefundState, Trade, TradeState
from server.domain.money import Money
from server.domain.outcomes import (
    Approved,
    Canceled,
    Declined,
    DeclineReason,
    Outcome,
    Refunded,
    RefundFailed,
    RefundOutcome,
    RefundPending,
    Unknown,
    Unpaid,
    Waiting,
)

BUSY_MESSAGE = "WeChat Pay cannot be reached or is too busy; nothing was sent."
DENIED_MESSAGE = "WeChat Pay does not accept the configured credentials."
LOST_MESSAGE = "WeChat Pay's answer was lost or says nothing."
NOT_TOLD_MESSAGE = "WeChat Pay has not told yet where it stands."


def trade_outcome(trade: Trade, money: Money) -> Outcome:
    """Where an order of that amount stands."""
    match trade.state:
        case TradeState.SUCCESS | TradeState.REFUND:
            return _paid(trade, money)
        case TradeState.CLOSED | TradeState.REVOKED:
            return Canceled(trade.transaction_id)
        case TradeState.NOTPAY | TradeState.USERPAYING:
            return Unpaid()
        case TradeState.PAYERROR:
            # WeChat Pay does not say why.
            return Declined(DeclineReason.CARD_DECLINED, "The payment failed in WeChat.", trade.transaction_id)
        case TradeState.ACCEPT:
            return Waiting(trade.transaction_id)
    assert_never(trade.state)


def refund_outcome(reply: RefundReply, money: Money) -> RefundOutcome:
    """Where a refund of that amount stands."""
    if (reply.fen, CURRENCY) != (money.amount_minor, money.currency):
        return Unknown("WeChat Pay holds a refund of another amount under the same number.")
    return refund_standing(reply)


def refund_standing(reply: RefundReply) -> RefundOutcome:
    """Where a refund stands, whatever its amount."""
    match reply.state:
        case RefundState.SUCCESS:
            return Refunded(reply.refund_id)
        case RefundState.PROCESSING | RefundState.ABNORMAL:
            # An abnormal one is still open: were it called failed, it could be paid twice, under its number and under the next.
            return RefundPending(reply.refund_id)
        case RefundState.CLOSED:
            return RefundFailed("WeChat Pay closed the refund.", reply.refund_id)
    assert_never(reply.state)


def refusal_message(failure: Failure) -> str:
    """Says why we did not ask, or names WeChat Pay's code, which is its own word."""
    if failure.message is not None:
        return failure.message
    if failure.why is Why.DENIED:
        return DENIED_MESSAGE
    return f"WeChat Pay refused the request: {failure.code}." if failure.code else "WeChat Pay refused the request."


def _paid(trade: Trade, money: Money) -> Outcome:
    if trade.transaction_id is None or trade.fen is None:
        return Unknown("WeChat Pay says that the order is paid, and not by what.")
    if (trade.fen, CURRENCY) != (money.amount_minor, money.currency):
        return Unknown("WeChat Pay holds an order of another amount under the same number.")
    return Approved(trade.transaction_id, trade.fen, captured=True, paid_at=trade.paid_at)
