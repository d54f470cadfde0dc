"""API v2's calls, in the words of its paths and fields."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import cast

import orjson

from sandbox.faults import Operation
from sandbox.wechat.calls import orders, refunds
from sandbox.wechat.ledger import Ledger
from sandbox.wechat.pages import h5_url
from sandbox.wechat.records.order import TradeType
from sandbox.wechat.records.refund import Refund
from sandbox.wechat.refusals import Reason, Refused
from sandbox.wechat.shape import Group, wrong
from sandbox.wechat.times import from_second
from sandbox.wechat.v2 import fields
from sandbox.wechat.v2.errors import Unheard
from sandbox.wechat.v2.views import accepted_refund, placed_order, shown_order, shown_refunds

Fields = Mapping[str, str]
_REFUNDS_A_PAGE = 10
_NEVER_THE_SAME = {"sign", "nonce_str"}


@dataclass(frozen=True, slots=True)
class Call:
    path: str
    shape: Group
    operation: Operation
    handler: Callable[[Ledger, Fields], dict[str, str]]


def _unified_order(ledger: Ledger, given: Fields) -> dict[str, str]:
    trade_type = cast(TradeType, given["trade_type"])
    _check_trade_type(trade_type, given)
    expires_at = _moment("time_expire", given)
    _moment("time_start", given)
    wish = orders.Wish(
        app_id=given["appid"],
        out_trade_no=given["out_trade_no"],
        api="v2",
        trade_type=trade_type,
        total=int(given["total_fee"]),
        notify_url=given["notify_url"],
        terms=_fingerprint(given),
        expires_at=expires_at,
        sign_type=given.get("sign_type", "MD5"),
        openid=given.get("openid"),
        attach=given.get("attach"),
        device=given.get("device_info"),
    )
    order = orders.place(ledger, wish)
    return placed_order(order, h5_url(ledger.base_url, order))


def _order_query(ledger: Ledger, given: Fields) -> dict[str, str]:
    _one_of(given, "transaction_id", "out_trade_no")
    return shown_order(orders.find(ledger, given.get("out_trade_no"), given.get("transaction_id")))


def _close_order(ledger: Ledger, given: Fields) -> dict[str, str]:
    orders.close(ledger, given["out_trade_no"])
    return {"result_msg": "OK"}


def _refund(ledger: Ledger, given: Fields) -> dict[str, str]:
    _one_of(given, "transaction_id", "out_trade_no")
    if int(given["refund_fee"]) > int(given["total_fee"]):
        raise Unheard("invalid refund_fee")
    wish = refunds.RefundWish(
        out_refund_no=given["out_refund_no"],
        out_trade_no=given.get("out_trade_no"),
        transaction_id=given.get("transaction_id"),
        api="v2",
        refund=int(given["refund_fee"]),
        total=int(given["total_fee"]),
        notify_url=given.get("notify_url"),
        from_available=given.get("refund_account") == "REFUND_SOURCE_RECHARGE_FUNDS",
    )
    return accepted_refund(refunds.ask(ledger, wish))


def _refund_query(ledger: Ledger, given: Fields) -> dict[str, str]:
    """The most exact of the four numbers counts."""
    _one_of(given, "refund_id", "out_refund_no", "transaction_id", "out_trade_no")
    found = _refunds_named(ledger, given)
    if not found:
        raise Refused(Reason.REFUND_NOT_EXIST, "not exist")
    offset = int(given.get("offset", "0"))
    order = orders.find(ledger, found[0].out_trade_no, None)
    return shown_refunds(order, found[offset : offset + _REFUNDS_A_PAGE], len(found))


def _refunds_named(ledger: Ledger, given: Fields) -> list[Refund]:
    if "refund_id" in given:
        return ledger.refunds_where("$.refund_id", given["refund_id"])
    if "out_refund_no" in given:
        refund = ledger.refund(given["out_refund_no"])
        return [] if refund is None else [refund]
    order = orders.find(ledger, given.get("out_trade_no"), given.get("transaction_id"))
    return ledger.refunds_where("$.out_trade_no", order.out_trade_no)


def _check_trade_type(trade_type: TradeType, given: Fields) -> None:
    """What the kind of payment demands. Source: pay.weixin.qq.com, API v2, unified order, `product_id`, `openid`, `scene_info`."""
    demanded = {"NATIVE": "product_id", "JSAPI": "openid", "MWEB": "scene_info"}.get(trade_type)
    if demanded is not None and demanded not in given:
        raise Refused(Reason.LACK_PARAMS, f"trade_type为{trade_type}时，{demanded}必传", f"/{demanded}")
    if "scene_info" in given:
        _check_scene(trade_type, given["scene_info"])


def _check_scene(trade_type: TradeType, text: str) -> None:
    try:
        scene = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise wrong("/scene_info", "is no JSON") from None
    h5 = scene.get("h5_info") if isinstance(scene, dict) else None
    if trade_type == "MWEB" and not (isinstance(h5, dict) and h5.get("type")):
        raise wrong("/scene_info", "has no h5_info with a type")


def _one_of(given: Fields, *names: str) -> None:
    if not any(name in given for name in names):
        raise Refused(Reason.LACK_PARAMS, f"缺少参数: {' / '.join(names)}", f"/{names[0]}")


def _moment(name: str, given: Fields) -> float | None:
    try:
        return from_second(given[name]) if name in given else None
    except ValueError:
        raise wrong(f"/{name}", "is no time") from None


def _fingerprint(given: Fields) -> str:
    kept = {name: text for name, text in given.items() if name not in _NEVER_THE_SAME}
    return sha256(orjson.dumps(kept, option=orjson.OPT_SORT_KEYS)).hexdigest()


CALLS = (
    Call("/pay/unifiedorder", fields.ORDER, "pay", _unified_order),
    Call("/pay/orderquery", fields.QUERY, "fetch", _order_query),
    Call("/pay/closeorder", fields.CLOSE, "cancel", _close_order),
    Call("/secapi/pay/refund", fields.REFUND, "refund", _refund),
    Call("/pay/refundquery", fields.REFUND_QUERY, "fetch", _refund_query),
)
