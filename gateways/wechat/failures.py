"""What a failed call to WeChat Pay says about the operation: one table of its codes, in the spelling of both APIs."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto


class Why(Enum):
    """What became of the operation."""

    NOT_SENT = auto()
    """Nothing was executed: no connection came about."""

    BUSY = auto()
    """Nothing was executed: WeChat Pay turned the call away, as there were too many."""

    LOST = auto()
    """It may have been executed: a time-out, a cut line, a 5xx, an answer that cannot be read or is not signed, or a code that says nothing."""

    DENIED = auto()
    """WeChat Pay does not accept our credentials; that is looked at first, answered without a signature, and says nothing of an earlier call."""

    INVALID = auto()
    """WeChat Pay refused the request as such."""

    NOT_FOUND = auto()
    """There is no such order or refund, as far as WeChat Pay knows now."""

    PAID = auto()
    """The order is paid already."""

    CLOSED = auto()
    """The order is closed already."""

    PAYING = auto()
    """The customer is just paying: the order cannot be closed now."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A call without a result. `code` is WeChat Pay's own; its texts stay out, as they can quote what was sent. `message` is ours, where the no is ours."""

    why: Why
    code: str | None = None
    message: str | None = None


_LONGEST_CODE = 64

# Source: the error codes on pay.weixin.qq.com's pages of unified order, query, close, refund and refund query, API v3 first, then API v2.
_CODES: Mapping[Why, str] = {
    Why.LOST: """
        SYSTEM_ERROR BANK_ERROR
        SYSTEMERROR BANKERROR BIZERR_NEED_RETRY
    """,
    Why.BUSY: """
        FREQUENCY_LIMITED FREQUENCY_LIMIT_EXCEED RATELIMIT_EXCEEDED
        INVALID_REQ_TOO_MUCH
    """,
    Why.DENIED: """
        SIGN_ERROR
        SIGNERROR
    """,
    Why.INVALID: """
        PARAM_ERROR INVALID_REQUEST APPID_MCHID_NOT_MATCH MCH_NOT_EXISTS NO_AUTH RULE_LIMIT RULELIMIT TRADE_ERROR ACCOUNT_ERROR
        ACCOUNTERROR OUT_TRADE_NO_USED OPENID_MISMATCH NOT_ENOUGH USER_ACCOUNT_ABNORMAL INVALID_TRANSACTIONID REQUEST_BLOCKED
        NOAUTH APPID_NOT_EXIST MCHID_NOT_EXIST LACK_PARAMS POST_DATA_EMPTY NOT_UTF8 XML_FORMAT_ERROR REQUIRE_POST_METHOD NOTENOUGH
        TRADE_STATE_ERROR REFUND_FEE_MISMATCH REFUND_FEE_INVALID TRADE_OVERDUE ERROR CERT_ERROR
    """,
    Why.NOT_FOUND: """
        ORDER_NOT_EXIST RESOURCE_NOT_EXISTS
        ORDERNOTEXIST REFUNDNOTEXIST REFUND_NOT_EXISTS
    """,
    Why.PAID: "ORDER_PAID ORDERPAID",
    Why.CLOSED: "ORDER_CLOSED ORDERCLOSED ORDER_REVERSED ORDERREVERSED",
    Why.PAYING: "USER_PAYING USERPAYING",
}

_WHY: Mapping[str, Why] = {code: why for why, codes in _CODES.items() for code in codes.split()}


def failure_of(code: object) -> Failure:
    """The failure that one of WeChat Pay's codes stands for. A code that we do not know is no reason to believe that nothing happened."""
    if not isinstance(code, str):
        return Failure(Why.LOST)
    return Failure(_WHY.get(code, Why.LOST), code[:_LONGEST_CODE])
