"""Why WeChat Pay refuses a call; each API has its own code for every reason."""

from enum import Enum


class Reason(Enum):
    APPID_MCHID_NOT_MATCH = "appid和mch_id不匹配"
    COMPLAINT_NOT_EXIST = "投诉单不存在"
    INVALID_REQUEST = "请求不符合业务规则"
    LACK_PARAMS = "缺少参数"
    NOT_ENOUGH = "基本账户余额不足，请充值后重新发起"
    NO_AUTH = "商户号与签名的商户号不一致"
    NO_CERTIFICATE = "无可用的平台证书，请使用微信支付公钥"
    ORDER_CLOSED = "订单已关闭"
    ORDER_NOT_EXIST = "订单不存在"
    ORDER_PAID = "该订单已支付"
    OUT_TRADE_NO_USED = "商户订单号重复"
    PARAM_ERROR = "参数错误"
    REFUND_ALL_DONE = "订单已全额退款"
    REFUND_EXCEEDED = "refund_fee大于可退金额"
    REFUND_MISMATCH = "订单金额或退款金额与之前请求不一致，请核实后再试"
    REFUND_NOT_EXIST = "退款单不存在"
    SIGN_ERROR = "签名错误，请检查后再试"
    TRADE_OVERDUE = "订单已经超过可退款的最大期限"
    TRADE_STATE_ERROR = "订单状态错误"


class Refused(Exception):
    """A refusal that changes nothing. `field` names the parameter at fault, as `/amount/total`."""

    def __init__(self, reason: Reason, message: str | None = None, field: str | None = None) -> None:
        super().__init__(message or reason.value)
        self.reason = reason
        self.message = message or reason.value
        self.field = field
