"""Translates where a trade or a pre-authorisation stands at Alipay into an outcome."""

from gateways.alipay.replies import Authorisation, Trade
from server.domain.outcomes import Approved, Canceled, NotSent, Outcome, Unknown, Unpaid

_LONGEST_DETAIL = 40


def trade_outcome(trade: Trade) -> Outcome:
    """Source: alipay.trade.query, `trade_status`.

    TRADE_CLOSED is a trade that was never paid, or one of which everything was returned: in both, the customer has their money and nothing can be charged any more.
    """
    match trade.status:
        case "TRADE_SUCCESS" | "TRADE_FINISHED":
            return Approved(trade.trade_no, trade.amount_minor, captured=True, paid_at=trade.paid_at)
        case "TRADE_CLOSED":
            return Canceled(trade.trade_no)
        case "WAIT_BUYER_PAY":
            return Unpaid(trade.trade_no)
        case _:
            return _unheard_of("trade", trade.status)


def authorisation_outcome(authorisation: Authorisation) -> Outcome:
    """Of one that nothing was paid out of. Source: alipay.fund.auth.operation.detail.query, `order_status`."""
    match authorisation.status:
        case "AUTHORIZED":
            return Approved(authorisation.auth_no, authorisation.rest_minor, captured=False)
        case "INIT":
            return Unpaid(authorisation.auth_no)
        case "CLOSED" | "FINISH":
            return Canceled(authorisation.auth_no)
        case _:
            return _unheard_of("authorisation", authorisation.status)


def afterwards(outcome: Outcome) -> Outcome:
    """What a look says once something may have been executed: that nothing was sent now tells nothing of the earlier call."""
    return Unknown(outcome.message) if isinstance(outcome, NotSent) else outcome


def _unheard_of(noun: str, status: str) -> Unknown:
    return Unknown(f"Alipay's {noun} is {status[:_LONGEST_DETAIL]}, which says nothing of the money.")
