"""Refusals in Alipay's words: `code`, `msg`, `sub_code` and `sub_msg`.

Source: the open platform's page of common codes (common/02km9f); business codes stand in each method's page.
"""

from collections.abc import Mapping

from sandbox.json_types import Json, Resource

_MESSAGES = {
    "20000": "Service Currently Unavailable",
    "20001": "Insufficient Token Permissions",
    "40001": "Missing Required Arguments",
    "40002": "Invalid Arguments",
    "40004": "Business Failed",
    "40005": "Call Limited",
    "40006": "Insufficient Permissions",
}


TRADE_HAS_SUCCESS = "ACQ.TRADE_HAS_SUCCESS"
"""The code of a trade that is paid already."""


class AlipayError(Exception):
    """Answered with HTTP 200 in place of the method's result; `more` are fields that the method answers even then."""

    def __init__(self, code: str, sub_code: str, sub_msg: str, more: Mapping[str, Json] | None = None) -> None:
        super().__init__(sub_msg)
        self.code = code
        self.sub_code = sub_code
        self.sub_msg = sub_msg
        self.more: Mapping[str, Json] = more or {}

    def body(self) -> Resource:
        refusal: Resource = {"code": self.code, "msg": _MESSAGES[self.code]}
        return {**refusal, "sub_code": self.sub_code, "sub_msg": self.sub_msg, **self.more}


class Missing(AlipayError):
    """40001: a common parameter is missing."""

    def __init__(self, sub_code: str, sub_msg: str) -> None:
        super().__init__("40001", sub_code, sub_msg)


class Invalid(AlipayError):
    """40002: a common parameter is wrong."""

    def __init__(self, sub_code: str, sub_msg: str) -> None:
        super().__init__("40002", sub_code, sub_msg)


class BusinessFailed(AlipayError):
    """40004: the call was understood and is refused."""

    def __init__(self, sub_code: str, sub_msg: str, more: Mapping[str, Json] | None = None) -> None:
        super().__init__("40004", sub_code, sub_msg, more)


def invalid_signature(reason: str) -> Invalid:
    return Invalid("isv.invalid-signature", f"验签出错，{reason}")


def unknown_error() -> AlipayError:
    """Alipay spells it so."""
    return AlipayError("20000", "aop.unknow-error", "系统繁忙")


def call_limited() -> AlipayError:
    return AlipayError("40005", "isv.app-call-limited", "应用调用次数超限，包含调用频率超限")


def no_such_trade() -> BusinessFailed:
    return BusinessFailed("ACQ.TRADE_NOT_EXIST", "交易不存在")


def trade_has_success() -> BusinessFailed:
    return BusinessFailed(TRADE_HAS_SUCCESS, "交易已被支付")


def trade_has_close() -> BusinessFailed:
    return BusinessFailed("ACQ.TRADE_HAS_CLOSE", "交易已经关闭")


def trade_status_error() -> BusinessFailed:
    return BusinessFailed("ACQ.TRADE_STATUS_ERROR", "交易状态不合法")


def context_inconsistent() -> BusinessFailed:
    return BusinessFailed("ACQ.CONTEXT_INCONSISTENT", "交易信息被篡改")
