"""API v2 in the terms of both APIs: builds a call's fields and reads its answer."""

import json
from collections.abc import Callable, Mapping
from typing import TypeVar

from gateways.wechat.amounts import CURRENCY
from gateways.wechat.credentials import Credentials
from gateways.wechat.failures import Failure, Why
from gateways.wechat.fields import Malformed, fen_in, optional_text_in, text_in
from gateways.wechat.repeating import Repeating
from gateways.wechat.replies import Closed, Prepaid, RefundReply, RefundState, Trade, TradeState
from gateways.wechat.request import Order
from gateways.wechat.times import from_v2, v2_time
from gateways.wechat.v2.client import Client
from gateways.wechat.v2.signing import signature
from server.domain.channels import WechatChannel

T = TypeVar("T")

_TRADE_TYPES: Mapping[WechatChannel, str] = {
    WechatChannel.NATIVE: "NATIVE",
    WechatChannel.H5: "MWEB",
    WechatChannel.JSAPI: "JSAPI",
}

# Where the customer's address is not known, WeChat Pay takes the shop's; any will do where no phone's browser is involved.
_NO_ADDRESS = "127.0.0.1"

_SCENE = json.dumps({"h5_info": {"type": "Wap"}}, separators=(",", ":"))

_NO_CERTIFICATE = (
    "WeChat Pay's API v2 returns money only with the merchant's certificate: configure client_cert and client_key."
)

# What the words of API v2 are in the words of API v3.
REFUND_STATES: Mapping[str, RefundState] = {
    "SUCCESS": RefundState.SUCCESS,
    "PROCESSING": RefundState.PROCESSING,
    "REFUNDCLOSE": RefundState.CLOSED,
    "CHANGE": RefundState.ABNORMAL,
}


class V2Api:
    """WeChat Pay's API v2 with one merchant's key."""

    def __init__(self, merchant: Credentials, client: Client, repeating: Repeating) -> None:
        self._merchant = merchant
        self._client = client
        self._repeating = repeating

    async def prepay(self, order: Order) -> Prepaid | Failure:
        fields = {
            "body": order.description,
            "out_trade_no": order.reference,
            "fee_type": CURRENCY,
            "total_fee": str(order.fen),
            "spbill_create_ip": order.client_ip or _NO_ADDRESS,
            "time_expire": v2_time(order.expires_at),
            "notify_url": self._merchant.notify_url,
            "trade_type": _TRADE_TYPES[order.channel],
        }
        match order.channel:
            case WechatChannel.NATIVE:
                fields["product_id"] = order.reference
            case WechatChannel.H5:
                fields["scene_info"] = _SCENE
            case WechatChannel.JSAPI:
                fields["openid"] = order.openid or ""

        def read(reply: Mapping[str, str]) -> Prepaid:
            return Prepaid(
                code_url=optional_text_in(reply, "code_url"),
                h5_url=optional_text_in(reply, "mweb_url"),
                prepay_id=optional_text_in(reply, "prepay_id"),
            )

        return await self._repeating.change(lambda: self._ask("/pay/unifiedorder", fields, read))

    async def query(self, reference: str) -> Trade | Failure:
        def read(reply: Mapping[str, str]) -> Trade:
            _check(reply, "out_trade_no", reference)
            return _trade(reply)

        return await self._repeating.look(lambda: self._ask("/pay/orderquery", {"out_trade_no": reference}, read))

    async def close(self, reference: str) -> Closed | Failure:
        return await self._repeating.change(
            lambda: self._ask("/pay/closeorder", {"out_trade_no": reference}, lambda _: Closed())
        )

    async def refund(self, reference: str, refund_reference: str, fen: int, total_fen: int) -> RefundReply | Failure:
        if not self._client.may_refund:
            return Failure(Why.INVALID, message=_NO_CERTIFICATE)
        fields = {
            "out_trade_no": reference,
            "out_refund_no": refund_reference,
            "total_fee": str(total_fen),
            "refund_fee": str(fen),
            "refund_fee_type": CURRENCY,
            "notify_url": self._merchant.notify_url,
        }

        def read(reply: Mapping[str, str]) -> RefundReply:
            _check(reply, "out_trade_no", reference)
            _check(reply, "out_refund_no", refund_reference)
            # It says that the refund is taken in, not that the money is back.
            return RefundReply(RefundState.PROCESSING, text_in(reply, "refund_id"), fen_in(reply, "refund_fee"))

        return await self._repeating.change(lambda: self._ask("/secapi/pay/refund", fields, read))

    async def query_refund(self, refund_reference: str) -> RefundReply | Failure:
        def read(reply: Mapping[str, str]) -> RefundReply:
            _check(reply, "out_refund_no_0", refund_reference)
            return RefundReply(
                REFUND_STATES[text_in(reply, "refund_status_0")],
                text_in(reply, "refund_id_0"),
                fen_in(reply, "refund_fee_0"),
            )

        fields = {"out_refund_no": refund_reference}
        return await self._repeating.look(lambda: self._ask("/pay/refundquery", fields, read))

    def sdk_parameters(self, prepay_id: str, timestamp: str, nonce: str) -> tuple[tuple[str, str], ...]:
        """Source: pay.weixin.qq.com, API v2, JSAPI: signed by the algorithm that the order was asked for by."""
        fields = {
            "appId": self._merchant.app_id,
            "timeStamp": timestamp,
            "nonceStr": nonce,
            "package": f"prepay_id={prepay_id}",
            "signType": self._client.sign_type,
        }
        return (*fields.items(), ("paySign", signature(fields, self._merchant.api_key, self._client.sign_type)))

    async def aclose(self) -> None:
        await self._client.aclose()

    async def _ask(self, path: str, fields: Mapping[str, str], read: Callable[[Mapping[str, str]], T]) -> T | Failure:
        reply = await self._client.call(path, fields)
        if isinstance(reply, Failure):
            return reply
        try:
            return read(reply)
        except (ValueError, KeyError):
            return Failure(Why.LOST)


def _trade(reply: Mapping[str, str]) -> Trade:
    """Source: pay.weixin.qq.com, API v2, query order. Raises Malformed."""
    state = TradeState(text_in(reply, "trade_state"))
    if state not in (TradeState.SUCCESS, TradeState.REFUND):
        return Trade(state)
    if reply.get("fee_type", CURRENCY) != CURRENCY:
        raise Malformed("another currency")
    return Trade(
        state,
        transaction_id=text_in(reply, "transaction_id"),
        fen=fen_in(reply, "total_fee"),
        paid_at=from_v2(reply.get("time_end")),
    )


def _check(reply: Mapping[str, str], name: str, expected: str) -> None:
    """Raises Malformed for an answer that is about something else than was asked."""
    if text_in(reply, name) != expected:
        raise Malformed(f"another {name}")
