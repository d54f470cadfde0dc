"""Refusals in API v3's form. Source: pay.weixin.qq.com, API v3, the error codes of each call."""

from collections.abc import Mapping

from sandbox.json_types import Resource
from sandbox.wechat.refusals import Reason, Refused

_CODES: Mapping[Reason, tuple[int, str]] = {
    Reason.APPID_MCHID_NOT_MATCH: (400, "APPID_MCHID_NOT_MATCH"),
    Reason.COMPLAINT_NOT_EXIST: (404, "RESOURCE_NOT_EXISTS"),
    Reason.INVALID_REQUEST: (400, "INVALID_REQUEST"),
    Reason.LACK_PARAMS: (400, "PARAM_ERROR"),
    Reason.NOT_ENOUGH: (403, "NOT_ENOUGH"),
    Reason.NO_AUTH: (403, "NO_AUTH"),
    Reason.NO_CERTIFICATE: (404, "RESOURCE_NOT_EXISTS"),
    Reason.ORDER_CLOSED: (400, "ORDER_CLOSED"),
    Reason.ORDER_NOT_EXIST: (404, "ORDER_NOT_EXIST"),
    Reason.ORDER_PAID: (400, "ORDERPAID"),
    Reason.OUT_TRADE_NO_USED: (403, "OUT_TRADE_NO_USED"),
    Reason.PARAM_ERROR: (400, "PARAM_ERROR"),
    Reason.REFUND_ALL_DONE: (400, "INVALID_REQUEST"),
    Reason.REFUND_EXCEEDED: (400, "INVALID_REQUEST"),
    Reason.REFUND_MISMATCH: (400, "INVALID_REQUEST"),
    Reason.REFUND_NOT_EXIST: (404, "RESOURCE_NOT_EXISTS"),
    Reason.SIGN_ERROR: (401, "SIGN_ERROR"),
    Reason.TRADE_OVERDUE: (400, "INVALID_REQUEST"),
    Reason.TRADE_STATE_ERROR: (400, "INVALID_REQUEST"),
}

SYSTEM_ERROR: tuple[int, Resource] = (500, {"code": "SYSTEM_ERROR", "message": "系统异常，请用相同参数重新调用"})
FREQUENCY_LIMITED: tuple[int, Resource] = (429, {"code": "FREQUENCY_LIMITED", "message": "频率超限，请降低请求频率"})
NO_SUCH_URL: tuple[int, Resource] = (404, {"code": "NOT_FOUND", "message": "请求的URL不存在"})


def error_of(refused: Refused) -> tuple[int, Resource]:
    """The HTTP status and the body."""
    status, code = _CODES[refused.reason]
    body: Resource = {"code": code, "message": refused.message}
    if refused.field is not None:
        body["detail"] = {"field": refused.field, "issue": refused.message, "location": "body"}
    return status, body
