"""The parameters of API v3's calls. Source: pay.weixin.qq.com, API v3, the request tables of each call."""

from collections.abc import Mapping

from sandbox.wechat.records.order import TradeType
from sandbox.wechat.shape import Flag, Group, Listing, OneOf, Shape, Text, Whole

_NUMBER = r"[0-9A-Za-z_\-|*]+"
_ADDRESS = r"https?://[^?#\s]+"
"""Without a query, as WeChat Pay demands; it also demands https, which the sandbox cannot over loopback."""

OUT_TRADE_NO = Text(32, 6, _NUMBER)
MCHID = Text(32)
_NOTIFY_URL = Text(255, 1, _ADDRESS)
_STORE = Group({"id": Text(32)}, {"name": Text(256), "area_code": Text(32), "address": Text(512)})
_H5_TYPES = ("iOS", "Android", "Wap", "iOSAndroidWap")
_H5 = Group(
    {"type": OneOf(_H5_TYPES)},
    {"app_name": Text(64), "app_url": Text(128), "bundle_id": Text(128), "package_name": Text(128)},
)
_SCENE: Mapping[str, Shape] = {"device_id": Text(32), "store_info": _STORE}
_GOODS = Group(
    {"merchant_goods_id": Text(32), "quantity": Whole(1), "unit_price": Whole()},
    {"wechatpay_goods_id": Text(32), "goods_name": Text(256)},
)
_NEEDED: Mapping[str, Shape] = {
    "appid": Text(32),
    "mchid": MCHID,
    "description": Text(127),
    "out_trade_no": OUT_TRADE_NO,
    "notify_url": _NOTIFY_URL,
    "amount": Group({"total": Whole(1)}, {"currency": OneOf(("CNY",))}),
}
_OPTIONAL: Mapping[str, Shape] = {
    "time_expire": Text(64),
    "attach": Text(128, 0),
    "goods_tag": Text(32),
    "limit_pay": Listing(OneOf(("no_balance", "no_credit", "no_debit", "balance_only"))),
    "support_fapiao": Flag(),
    "detail": Group({}, {"cost_price": Whole(), "invoice_id": Text(32), "goods_detail": Listing(_GOODS)}),
    "settle_info": Group({}, {"profit_sharing": Flag()}),
}
_ANY_SCENE = Group({"payer_client_ip": Text(45)}, _SCENE)
_H5_SCENE = Group({"payer_client_ip": Text(45), "h5_info": _H5}, _SCENE)

ORDER: Mapping[TradeType, Group] = {
    "NATIVE": Group(_NEEDED, {**_OPTIONAL, "scene_info": _ANY_SCENE}),
    "APP": Group(_NEEDED, {**_OPTIONAL, "scene_info": _ANY_SCENE}),
    "MWEB": Group({**_NEEDED, "scene_info": _H5_SCENE}, _OPTIONAL),
    "JSAPI": Group({**_NEEDED, "payer": Group({"openid": Text(128)})}, {**_OPTIONAL, "scene_info": _ANY_SCENE}),
}
CLOSE = Group({"mchid": MCHID})
REFUND = Group(
    {
        "out_refund_no": Text(64, 1, r"[0-9A-Za-z_\-|*@]+"),
        "amount": Group({"refund": Whole(1), "total": Whole(1), "currency": OneOf(("CNY",))}),
    },
    {
        "transaction_id": Text(32),
        "out_trade_no": OUT_TRADE_NO,
        "reason": Text(80),
        "notify_url": _NOTIFY_URL,
        "funds_account": OneOf(("AVAILABLE", "UNSETTLED")),
        "goods_detail": Listing(
            Group(
                {
                    "merchant_goods_id": Text(32),
                    "unit_price": Whole(),
                    "refund_amount": Whole(),
                    "refund_quantity": Whole(1),
                },
                {"wechatpay_goods_id": Text(32), "goods_name": Text(256)},
            )
        ),
    },
)
