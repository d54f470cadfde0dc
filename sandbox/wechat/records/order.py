"""An order: what a merchant asked for and what became of it."""

from dataclasses import dataclass
from typing import Literal, Self

import orjson

Api = Literal["v2", "v3"]
TradeType = Literal["NATIVE", "MWEB", "JSAPI", "APP"]
TradeState = Literal["NOTPAY", "SUCCESS", "REFUND", "CLOSED", "PAYERROR"]

CODE_URL = "weixin://wxpay/bizpayurl?pr="
STATE_DESCRIPTIONS: dict[TradeState, str] = {
    "NOTPAY": "订单未支付",
    "SUCCESS": "支付成功",
    "REFUND": "订单发生过退款，退款详情请查询退款单",
    "CLOSED": "订单已关闭",
    "PAYERROR": "支付失败，请重新下单支付",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """Amounts are in fen. `terms` fingerprints the parameters: the same number may come again with the same ones only.

    `refunded` counts the refunds that were accepted and not closed. `sign_type` is API v2's, for its notification.
    """

    KIND = "wechat.order"

    mch_id: str
    app_id: str
    out_trade_no: str
    created: int
    api: Api
    trade_type: TradeType
    total: int
    notify_url: str
    terms: str
    expires_at: float
    prepay_id: str
    code: str
    sign_type: str = "MD5"
    openid: str | None = None
    attach: str | None = None
    device: str | None = None
    state: TradeState = "NOTPAY"
    transaction_id: str | None = None
    paid_at: int | None = None
    refunded: int = 0

    @property
    def id(self) -> str:
        return order_id(self.mch_id, self.out_trade_no)

    @property
    def code_url(self) -> str:
        return CODE_URL + self.code

    @property
    def is_paid(self) -> bool:
        return self.transaction_id is not None

    @property
    def refundable(self) -> int:
        return self.total - self.refunded if self.is_paid else 0

    def stored(self) -> str:
        return orjson.dumps(self).decode()

    @classmethod
    def load(cls, stored: str) -> Self:
        return cls(**orjson.loads(stored))


def order_id(mch_id: str, out_trade_no: str) -> str:
    return f"wechat.order/{mch_id}/{out_trade_no}"
