"""What a failed call to Alipay says about the operation, read from its codes.

Source: the open platform's page of common codes; each method's page has its own `sub_code`s.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto

from gateways.call_pool import PoolBusy
from server.domain.outcomes import NotSent, Refused, Unknown

DONE = "10000"

_BUSINESS = "40004"
_CALL_LIMITED = "40005"
# Missing, invalid or insufficient parameters, and permissions that the application lacks: Alipay did not look at the order.
_OURS = frozenset({"20001", "40001", "40002", "40003", "40006"})
# A business failure that is none: Alipay itself does not know, and asks to query.
_NOBODY_KNOWS = re.compile(r".*(SYSTEM_ERROR|SYSTEM_BUSY|UNKNOW)", re.IGNORECASE)
_PLAIN = re.compile(r"[A-Za-z0-9._\-]{1,64}", re.ASCII)

_NO_TRADE = "ACQ.TRADE_NOT_EXIST"
_NO_AUTHORISATION = frozenset({"AUTH_ORDER_NOT_EXIST", "AUTH_OPERATION_NOT_EXIST", "ORDER_NOT_EXIST"})


class Why(Enum):
    """What became of the operation."""

    NOT_SENT = auto()
    """Nothing was executed: no connection came about, or Alipay turned the call away unread."""

    LOST = auto()
    """It may have been executed: a time-out, a cut line, a 5xx, an answer that cannot be read, or one in which Alipay itself does not know."""

    UNPROVEN = auto()
    """A refusal without a signature, as Alipay gives to callers whom it does not know. Anybody may have written it: it proves nothing, and its code is for people."""

    INVALID = auto()
    """Alipay refused the call as such: a parameter, or a permission."""

    BUSINESS = auto()
    """Alipay understood the call and refuses what it asks for."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A call without a result. `code` is Alipay's most exact word for it."""

    why: Why
    code: str | None = None
    slow: bool = False
    """Whether it used up the time that its caller has."""

    @property
    def no_trade(self) -> bool:
        """Whether Alipay knows no trade of that number: a customer may still open its page."""
        return self.why is Why.BUSINESS and self.code == _NO_TRADE

    @property
    def no_authorisation(self) -> bool:
        """Whether Alipay knows no pre-authorisation of that number: a customer may still scan its code."""
        return self.why is Why.BUSINESS and self.code in _NO_AUTHORISATION


class NotReached(Exception):
    """No connection to Alipay came about."""


class NotDone(Exception):
    """An answer of Alipay's in which the operation has no result."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure)
        self.failure = failure


def refusal(reply: Mapping[str, object], *, signed: bool) -> Failure:
    """What an answer with another code than DONE says, or one with whatever code that is not signed."""
    code, sub_code = _plain(reply.get("code")), _plain(reply.get("sub_code"))
    named = sub_code or code
    if not signed:
        return Failure(Why.UNPROVEN, named)
    if code in _OURS:
        return Failure(Why.INVALID, named)
    if code == _CALL_LIMITED:
        return Failure(Why.NOT_SENT, named)
    if code == _BUSINESS and sub_code is not None and _NOBODY_KNOWS.fullmatch(sub_code) is None:
        return Failure(Why.BUSINESS, sub_code)
    return Failure(Why.LOST, named)


def failure_of(error: Exception) -> Failure:
    """The failure that an exception on the way stands for."""
    match error:
        case NotDone(failure=failure):
            return failure
        case NotReached() | PoolBusy():
            return Failure(Why.NOT_SENT)
        case _:
            return Failure(Why.LOST, slow=isinstance(error, TimeoutError))


def failed_outcome(failure: Failure) -> NotSent | Refused | Unknown:
    """What a failed operation comes to that was sent this once and never before."""
    match failure.why:
        case Why.INVALID | Why.BUSINESS:
            return refused(failure)
        case Why.NOT_SENT | Why.LOST | Why.UNPROVEN:
            return unseen(failure)


def unseen(failure: Failure) -> NotSent | Unknown:
    """What a failed look comes to: it tells nothing of the payment, whatever Alipay had against it."""
    if failure.why is Why.NOT_SENT:
        return NotSent("Alipay cannot be reached or is too busy; nothing was sent.")
    return Unknown(f"Alipay has not told yet where the payment stands{_named(failure)}.")


def refused(failure: Failure) -> Refused:
    """Names Alipay's code; its text can quote what was sent."""
    return Refused(f"Alipay refused the request{_named(failure)}.")


def _named(failure: Failure) -> str:
    return f" ({failure.code})" if failure.code else ""


def _plain(value: object) -> str | None:
    return value if isinstance(value, str) and _PLAIN.fullmatch(value) else None
