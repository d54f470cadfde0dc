"""Refusals in API v2's form. Source: pay.weixin.qq.com, API v2, the error tables of each call."""

from collections.abc import Mapping

from sandbox.wechat.refusals import Reason

ERROR_CODES: Mapping[Reason, str] = {
    Reason.APPID_MCHID_NOT_MATCH: "APPID_MCHID_NOT_MATCH",
    Reason.COMPLAINT_NOT_EXIST: "INVALID_REQUEST",
    Reason.INVALID_REQUEST: "INVALID_REQUEST",
    Reason.LACK_PARAMS: "LACK_PARAMS",
    Reason.NOT_ENOUGH: "NOTENOUGH",
    Reason.NO_AUTH: "NOAUTH",
    Reason.NO_CERTIFICATE: "NOAUTH",
    Reason.ORDER_CLOSED: "ORDERCLOSED",
    Reason.ORDER_NOT_EXIST: "ORDERNOTEXIST",
    Reason.ORDER_PAID: "ORDERPAID",
    Reason.OUT_TRADE_NO_USED: "OUT_TRADE_NO_USED",
    Reason.PARAM_ERROR: "PARAM_ERROR",
    Reason.REFUND_ALL_DONE: "ERROR",
    Reason.REFUND_EXCEEDED: "INVALID_REQUEST",
    Reason.REFUND_MISMATCH: "REFUND_FEE_MISMATCH",
    Reason.REFUND_NOT_EXIST: "REFUNDNOTEXIST",
    Reason.SIGN_ERROR: "SIGNERROR",
    Reason.TRADE_OVERDUE: "TRADE_OVERDUE",
    Reason.TRADE_STATE_ERROR: "TRADE_STATE_ERROR",
}
SYSTEM_ERROR = ("SYSTEMERROR", "系统错误")
FREQUENCY_LIMITED = ("FREQUENCY_LIMITED", "频率限制")


class Unheard(Exception):
    """The request itself is wrong: the answer is `return_code` FAIL and unsigned."""

    def __init__(self, return_msg: str) -> None:
        super().__init__(return_msg)
        self.return_msg = return_msg
