"""What a call without a result says about the operation, read from PayPal's status and error body."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto


class Why(Enum):
    """What became of the operation."""

    NOT_SENT = auto()
    """Nothing was executed: no connection or token came about, or PayPal turned the call away unread."""

    LOST = auto()
    """It may have been executed: a time-out, a cut line, a 5xx, an answer that cannot be read, or PayPal still working on it."""

    DENIED = auto()
    """PayPal does not accept our credentials for this, which says nothing of an earlier call."""

    MISSING = auto()
    """PayPal knows no such thing."""

    INVALID = auto()
    """PayPal refused the request as such, or for the state that things are in."""

    DECLINED = auto()
    """The customer's means of payment were refused."""


@dataclass(frozen=True, slots=True)
class Failure:
    """`issue` is PayPal's own code; its texts stay out, as they can quote what was sent."""

    why: Why
    issue: str | None = None


# Source: the issues of `orders.create`, `orders.capture` and `orders.authorize` of the orders v2 API that speak of the payer and of what is paid with.
DECLINES = frozenset(
    """
    CARD_EXPIRED COMPLIANCE_VIOLATION DECLINED_DUE_TO_RELATED_TXN INSTRUMENT_DECLINED MAX_NUMBER_OF_PAYMENT_ATTEMPTS_EXCEEDED PAYEE_BLOCKED_TRANSACTION
    PAYER_ACCOUNT_LOCKED_OR_CLOSED PAYER_ACCOUNT_RESTRICTED PAYER_CANNOT_PAY PAYMENT_DENIED PAYMENT_SOURCE_CANNOT_BE_USED
    PAYMENT_SOURCE_DECLINED_BY_PROCESSOR PAYMENT_SOURCE_INFO_CANNOT_BE_VERIFIED REDIRECT_PAYER_FOR_ALTERNATE_FUNDING TRANSACTION_BLOCKED_BY_PAYEE
    TRANSACTION_LIMIT_EXCEEDED TRANSACTION_REFUSED
    """.split()
)

_UNDER_WAY = frozenset({"ORDER_COMPLETION_IN_PROGRESS", "PREVIOUS_REQUEST_IN_PROGRESS"})
_LONGEST_ISSUE = 64


def failure_of(status: int, body: str) -> Failure:
    """A reply that is not 2xx. One that is not in PayPal's own words may come from something in between, and tells nothing but that it was too much."""
    if status == 429:
        return Failure(Why.NOT_SENT)
    fields = _fields(body)
    issue = _issue(fields)
    if issue is None or issue in _UNDER_WAY:
        return Failure(Why.LOST)
    match status:
        case 401 | 403:
            return Failure(Why.DENIED)
        case 404:
            return Failure(Why.MISSING, issue)
        case 400 | 413 | 415 | 422:
            return Failure(Why.DECLINED if issue in DECLINES else Why.INVALID, issue)
        case _:
            return Failure(Why.LOST)


def _fields(body: str) -> Mapping[str, object]:
    try:
        fields = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return fields if isinstance(fields, dict) else {}


def _issue(fields: Mapping[str, object]) -> str | None:
    """The first detail's issue, or else the error's name; the token's own errors say `error`."""
    details = fields.get("details")
    first = details[0] if isinstance(details, list) and details else None
    issue = first.get("issue") if isinstance(first, dict) else None
    for text in (issue, fields.get("name"), fields.get("error")):
        if isinstance(text, str) and text:
            return text[:_LONGEST_ISSUE]
    return None
