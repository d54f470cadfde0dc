"""API v3's calls, in the words of its paths and bodies."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import orjson

from sandbox.faults import Operation
from sandbox.json_types import Json, Resource
from sandbox.wechat.calls import orders, refunds
from sandbox.wechat.ids import new_nonce
from sandbox.wechat.ledger import Ledger
from sandbox.wechat.pages import h5_url
from sandbox.wechat.records.order import Order, TradeType
from sandbox.wechat.refusals import Reason, Refused
from sandbox.wechat.shape import Group, wrong
from sandbox.wechat.times import from_rfc3339, rfc3339
from sandbox.wechat.v3 import complaints, fields
from sandbox.wechat.v3.views import shown_order, shown_refund

_CERTIFICATE_NONCE_CHARACTERS = 12


@dataclass(frozen=True, slots=True)
class Input:
    """`number` is the part of the path that names something; `fields` are the body's or, of a GET, the query's."""

    number: str
    fields: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Call:
    """A `handler` that answers None answers 204."""

    method: str
    path: re.Pattern[str]
    shape: Group
    operation: Operation | None
    handler: Callable[[Ledger, Input], Resource | None]


def find_call(method: str, path: str) -> tuple[Call, str] | None:
    """The call and the number in its path."""
    for call in CALLS:
        found = call.path.fullmatch(path)
        if found is not None and call.method == method:
            return call, found[1] if found.groups() else ""
    return None


def _placing(trade_type: TradeType, answer: Callable[[Ledger, Order], Resource]) -> Callable[[Ledger, Input], Resource]:
    def handler(ledger: Ledger, given: Input) -> Resource:
        _check_mchid(ledger, given)
        return answer(ledger, orders.place(ledger, _wish(trade_type, given)))

    return handler


def _wish(trade_type: TradeType, given: Input) -> orders.Wish:
    body = given.fields
    return orders.Wish(
        app_id=body["appid"],
        out_trade_no=body["out_trade_no"],
        api="v3",
        trade_type=trade_type,
        total=body["amount"]["total"],
        notify_url=body["notify_url"],
        terms=_fingerprint(trade_type, body),
        expires_at=_moment(body.get("time_expire")),
        openid=body.get("payer", {}).get("openid"),
        attach=body.get("attach"),
        device=body.get("scene_info", {}).get("device_id"),
    )


def _close(ledger: Ledger, given: Input) -> None:
    _check_mchid(ledger, given)
    orders.close(ledger, given.number)


def _by_out_trade_no(ledger: Ledger, given: Input) -> Resource:
    _check_mchid(ledger, given)
    return shown_order(orders.find(ledger, given.number, None))


def _by_transaction_id(ledger: Ledger, given: Input) -> Resource:
    _check_mchid(ledger, given)
    return shown_order(orders.find(ledger, None, given.number))


def _refund(ledger: Ledger, given: Input) -> Resource:
    body = given.fields
    if "out_trade_no" not in body and "transaction_id" not in body:
        raise Refused(Reason.PARAM_ERROR, "transaction_id与out_trade_no必须二选一", "/transaction_id")
    if body["amount"]["refund"] > body["amount"]["total"]:
        raise Refused(Reason.PARAM_ERROR, "退款金额大于订单金额", "/amount/refund")
    wish = refunds.RefundWish(
        out_refund_no=body["out_refund_no"],
        out_trade_no=body.get("out_trade_no"),
        transaction_id=body.get("transaction_id"),
        api="v3",
        refund=body["amount"]["refund"],
        total=body["amount"]["total"],
        notify_url=body.get("notify_url"),
        from_available=body.get("funds_account") == "AVAILABLE",
    )
    try:
        return shown_refund(refunds.ask(ledger, wish))
    except Refused as refused:
        if refused.reason is not Reason.ORDER_NOT_EXIST:
            raise
        # To this call an unknown order is a missing resource.
        raise Refused(Reason.REFUND_NOT_EXIST, refused.message) from None


def _show_refund(ledger: Ledger, given: Input) -> Resource:
    return shown_refund(refunds.need(ledger, given.number))


def _certificates(ledger: Ledger, given: Input) -> Resource:
    """Source: pay.weixin.qq.com, API v3, platform certificates. In public key mode there are none."""
    platform = ledger.merchant.platform
    certificate = None if platform is None else platform.loaded_certificate
    if platform is None or platform.certificate is None or certificate is None:
        raise Refused(Reason.NO_CERTIFICATE)
    nonce = new_nonce(_CERTIFICATE_NONCE_CHARACTERS)
    entry: Json = {
        "serial_no": platform.certificate_serial,
        "effective_time": rfc3339(certificate.not_valid_before_utc.timestamp()),
        "expire_time": rfc3339(certificate.not_valid_after_utc.timestamp()),
        "encrypt_certificate": {
            "algorithm": "AEAD_AES_256_GCM",
            "nonce": nonce,
            "associated_data": "certificate",
            "ciphertext": platform.encrypt(platform.certificate.encode(), nonce, "certificate"),
        },
    }
    return {"data": [entry]}


def _list_complaints(ledger: Ledger, given: Input) -> Resource:
    return complaints.list_all(ledger, dict(given.fields))


def _show_complaint(ledger: Ledger, given: Input) -> Resource:
    return complaints.show(ledger, given.number)


def _history(ledger: Ledger, given: Input) -> Resource:
    return complaints.history(ledger, given.number, dict(given.fields))


def _answer_complaint(ledger: Ledger, given: Input) -> None:
    complaints.answer(ledger, given.number, dict(given.fields))


def _complete_complaint(ledger: Ledger, given: Input) -> None:
    complaints.complete(ledger, given.number, dict(given.fields))


def _upload_picture(ledger: Ledger, given: Input) -> Resource:
    return complaints.upload(ledger, dict(given.fields))


def _check_mchid(ledger: Ledger, given: Input) -> None:
    if given.fields["mchid"] != ledger.merchant.mch_id:
        raise Refused(Reason.NO_AUTH)


def _fingerprint(trade_type: TradeType, body: Mapping[str, Any]) -> str:
    return sha256(orjson.dumps([trade_type, body], option=orjson.OPT_SORT_KEYS)).hexdigest()


def _moment(text: str | None) -> float | None:
    try:
        return None if text is None else from_rfc3339(text)
    except (ValueError, OverflowError):
        raise wrong("/time_expire", "is no RFC 3339 time") from None


def _code_url(_: Ledger, order: Order) -> Resource:
    return {"code_url": order.code_url}


def _prepay_id(_: Ledger, order: Order) -> Resource:
    return {"prepay_id": order.prepay_id}


def _h5_url(ledger: Ledger, order: Order) -> Resource:
    return {"h5_url": h5_url(ledger.base_url, order)}


_TRANSACTIONS = "/v3/pay/transactions"
_COMPLAINTS = "/v3/merchant-service/complaints-v2"
_MCHID_QUERY = Group({"mchid": fields.MCHID})
CALLS = (
    Call("POST", re.compile(f"{_TRANSACTIONS}/native"), fields.ORDER["NATIVE"], "pay", _placing("NATIVE", _code_url)),
    Call("POST", re.compile(f"{_TRANSACTIONS}/h5"), fields.ORDER["MWEB"], "pay", _placing("MWEB", _h5_url)),
    Call("POST", re.compile(f"{_TRANSACTIONS}/jsapi"), fields.ORDER["JSAPI"], "pay", _placing("JSAPI", _prepay_id)),
    Call("POST", re.compile(f"{_TRANSACTIONS}/app"), fields.ORDER["APP"], "pay", _placing("APP", _prepay_id)),
    Call("POST", re.compile(f"{_TRANSACTIONS}/out-trade-no/([^/]+)/close"), fields.CLOSE, "cancel", _close),
    Call("GET", re.compile(f"{_TRANSACTIONS}/out-trade-no/([^/]+)"), _MCHID_QUERY, "fetch", _by_out_trade_no),
    Call("GET", re.compile(f"{_TRANSACTIONS}/id/([^/]+)"), _MCHID_QUERY, "fetch", _by_transaction_id),
    Call("POST", re.compile("/v3/refund/domestic/refunds"), fields.REFUND, "refund", _refund),
    Call("GET", re.compile("/v3/refund/domestic/refunds/([^/]+)"), Group(), "fetch", _show_refund),
    Call("GET", re.compile(_COMPLAINTS), complaints.LIST, "fetch", _list_complaints),
    Call("GET", re.compile(f"{_COMPLAINTS}/([^/]+)"), Group(), "fetch", _show_complaint),
    Call("GET", re.compile(f"{_COMPLAINTS}/([^/]+)/negotiation-historys"), complaints.PAGE, "fetch", _history),
    Call("POST", re.compile(f"{_COMPLAINTS}/([^/]+)/response"), complaints.ANSWER, "evidence", _answer_complaint),
    Call("POST", re.compile(f"{_COMPLAINTS}/([^/]+)/complete"), complaints.COMPLETION, None, _complete_complaint),
    Call("POST", re.compile(complaints.PICTURES_PATH), complaints.PICTURE, None, _upload_picture),
    Call("GET", re.compile("/v3/certificates"), Group(), None, _certificates),
)
