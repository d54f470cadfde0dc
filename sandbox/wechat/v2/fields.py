"""The parameters of API v2's calls, all of them texts. Source: pay.weixin.qq.com, API v2, the tables of each call."""

from collections.abc import Mapping

from sandbox.wechat.shape import Group, OneOf, Shape, Text
from sandbox.wechat.v2.signing import SIGN_TYPES

_AMOUNT = Text(9, 1, r"[1-9][0-9]*")
_NUMBER = r"[0-9A-Za-z_\-|*@]+"
_ADDRESS = r"https?://[^?#\s]+"
_TIME = Text(14, 14, r"[0-9]+")
_OUT_TRADE_NO = Text(32, 1, _NUMBER)
_NUMBER_OF_OURS = Text(32, 1, r"[0-9]+")
_OUT_REFUND_NO = Text(64, 1, _NUMBER)
_CURRENCY = OneOf(("CNY",))

_COMMON: Mapping[str, Shape] = {
    "appid": Text(32),
    "mch_id": Text(32),
    "nonce_str": Text(32),
    "sign": Text(64),
}
_SIGN_TYPE: Mapping[str, Shape] = {"sign_type": OneOf(SIGN_TYPES)}

ORDER = Group(
    {
        **_COMMON,
        "body": Text(128),
        "out_trade_no": _OUT_TRADE_NO,
        "total_fee": _AMOUNT,
        "spbill_create_ip": Text(64),
        "notify_url": Text(256, 1, _ADDRESS),
        "trade_type": OneOf(("NATIVE", "MWEB", "JSAPI", "APP")),
    },
    {
        **_SIGN_TYPE,
        "version": OneOf(("1.0",)),
        "device_info": Text(32),
        "detail": Text(6000),
        "attach": Text(127),
        "fee_type": _CURRENCY,
        "time_start": _TIME,
        "time_expire": _TIME,
        "goods_tag": Text(32),
        "product_id": Text(32),
        "limit_pay": OneOf(("no_credit",)),
        "openid": Text(128),
        "receipt": OneOf(("Y", "N")),
        "scene_info": Text(256),
        "profit_sharing": OneOf(("Y", "N")),
    },
)
QUERY = Group(_COMMON, {**_SIGN_TYPE, "transaction_id": _NUMBER_OF_OURS, "out_trade_no": _OUT_TRADE_NO})
CLOSE = Group({**_COMMON, "out_trade_no": _OUT_TRADE_NO}, _SIGN_TYPE)
REFUND = Group(
    {**_COMMON, "out_refund_no": _OUT_REFUND_NO, "total_fee": _AMOUNT, "refund_fee": _AMOUNT},
    {
        **_SIGN_TYPE,
        "transaction_id": _NUMBER_OF_OURS,
        "out_trade_no": _OUT_TRADE_NO,
        "refund_fee_type": _CURRENCY,
        "refund_desc": Text(80),
        "refund_account": OneOf(("REFUND_SOURCE_UNSETTLED_FUNDS", "REFUND_SOURCE_RECHARGE_FUNDS")),
        "notify_url": Text(256, 1, _ADDRESS),
        "op_user_id": Text(32),
    },
)
REFUND_QUERY = Group(
    _COMMON,
    {
        **_SIGN_TYPE,
        "transaction_id": _NUMBER_OF_OURS,
        "out_trade_no": _OUT_TRADE_NO,
        "out_refund_no": _OUT_REFUND_NO,
        "refund_id": _NUMBER_OF_OURS,
        "offset": Text(9, 1, r"[0-9]+"),
    },
)
