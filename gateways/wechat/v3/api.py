"""API v3 in the terms of both APIs: builds the library's call and reads its answer."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, TypeVar

from gateways.wechat.amounts import CURRENCY
from gateways.wechat.credentials import Credentials
from gateways.wechat.failures import Failure, Why, failure_of
from gateways.wechat.fields import Malformed, json_object, text_in
from gateways.wechat.repeating import Repeating
from gateways.wechat.replies import Closed, Prepaid, RefundReply, Trade
from gateways.wechat.request import Order
from gateways.wechat.times import v3_time
from gateways.wechat.v3 import complaints, orders
from gateways.wechat.v3.client import NOT_SENT, PAY_TYPES, Client
from gateways.wechat.v3.complaint_list import PAGE, ComplaintPage
from gateways.wechat.v3.complaints import Answers, Complaint
from server.domain.channels import WechatChannel

T = TypeVar("T")

_MOST_ANSWERS = 300
_PICTURES = "/v3/merchant-service/images/upload"


class V3Api:
    """WeChat Pay's API v3 with one merchant's keys."""

    def __init__(self, merchant: Credentials, client: Client, repeating: Repeating) -> None:
        self._merchant = merchant
        self._client = client
        self._pay = client.pay
        self._repeating = repeating

    async def prepay(self, order: Order) -> Prepaid | Failure:
        params: dict[str, object] = {
            "pay_type": PAY_TYPES[order.channel],
            "description": order.description,
            "out_trade_no": order.reference,
            "amount": {"total": order.fen, "currency": CURRENCY},
            "time_expire": v3_time(order.expires_at),
        }
        if order.channel is WechatChannel.JSAPI:
            params["payer"] = {"openid": order.openid}
        if order.client_ip is not None:
            params["scene_info"] = {"payer_client_ip": order.client_ip}
            if order.channel is WechatChannel.H5:
                params["scene_info"] = {"payer_client_ip": order.client_ip, "h5_info": {"type": "Wap"}}
        return await self._repeating.change(lambda: self._ask(orders.prepaid, self._pay.pay, **params))

    async def query(self, reference: str) -> Trade | Failure:
        def read(fields: Mapping[str, object]) -> Trade:
            self._check(fields, out_trade_no=reference, mchid=self._merchant.mch_id, appid=self._merchant.app_id)
            return orders.trade(fields)

        return await self._repeating.look(lambda: self._ask(read, self._pay.query, out_trade_no=reference))

    async def close(self, reference: str) -> Closed | Failure:
        return await self._repeating.change(
            lambda: self._ask(lambda _: Closed(), self._pay.close, out_trade_no=reference)
        )

    async def refund(self, reference: str, refund_reference: str, fen: int, total_fen: int) -> RefundReply | Failure:
        def read(fields: Mapping[str, object]) -> RefundReply:
            self._check(fields, out_trade_no=reference, out_refund_no=refund_reference)
            return orders.refund(fields)

        amount = {"refund": fen, "total": total_fen, "currency": CURRENCY}
        return await self._repeating.change(
            lambda: self._ask(
                read, self._pay.refund, out_trade_no=reference, out_refund_no=refund_reference, amount=amount
            )
        )

    async def query_refund(self, refund_reference: str) -> RefundReply | Failure:
        def read(fields: Mapping[str, object]) -> RefundReply:
            self._check(fields, out_refund_no=refund_reference)
            return orders.refund(fields)

        return await self._repeating.look(
            lambda: self._ask(read, self._pay.query_refund, out_refund_no=refund_reference)
        )

    async def complaint(self, complaint_id: str, now: datetime) -> Complaint | Failure:
        """A complaint as it stands now."""

        def read(fields: Mapping[str, object]) -> Complaint:
            self._check(fields, complaint_id=complaint_id)
            return Complaint.read(fields, now)

        return await self._repeating.look(
            lambda: self._ask(read, self._pay.complaint_detail_query, complaint_id=complaint_id)
        )

    async def complaint_page(self, first: date, last: date, offset: int, now: datetime) -> ComplaintPage | Failure:
        """Some of the complaints of these days, behind the first `offset` of them, as they stand now."""

        def read(fields: Mapping[str, object]) -> ComplaintPage:
            return ComplaintPage.read(fields, self._merchant.mch_id, now)

        days = {"begin_date": first.isoformat(), "end_date": last.isoformat()}
        return await self._repeating.look(
            lambda: self._ask(read, self._pay.complaint_list_query, limit=PAGE, offset=offset, **days)
        )

    async def answers(self, complaint_id: str) -> Answers | Failure:
        """What has been answered to a complaint."""
        return await self._repeating.look(
            lambda: self._ask(
                Answers.read, self._pay.complaint_history_query, complaint_id=complaint_id, limit=_MOST_ANSWERS
            )
        )

    async def answer_complaint(self, complaint_id: str, content: str, pictures: Sequence[str]) -> Failure | None:
        """None when WeChat Pay has taken the answer."""
        params = {"complaint_id": complaint_id, "response_content": content, "response_images": list(pictures)}
        return await self._repeating.change(lambda: self._ask(_nothing, self._pay.complaint_response, **params))

    async def upload_picture(self, content: bytes, content_type: str) -> str | Failure:
        """What WeChat Pay calls a picture that can go with an answer."""
        return await self._repeating.change(
            lambda: self._ask(
                complaints.media_id, self._client.upload, path=_PICTURES, content=content, content_type=content_type
            )
        )

    def sdk_parameters(self, prepay_id: str, timestamp: str, nonce: str) -> tuple[tuple[str, str], ...]:
        """Source: pay.weixin.qq.com, API v3, JSAPI: the signature covers app id, time, nonce and package, a line each."""
        package = f"prepay_id={prepay_id}"
        return (
            ("appId", self._merchant.app_id),
            ("timeStamp", timestamp),
            ("nonceStr", nonce),
            ("package", package),
            ("signType", "RSA"),
            ("paySign", self._client.signed(self._merchant.app_id, timestamp, nonce, package)),
        )

    async def aclose(self) -> None:
        await self._client.aclose()

    async def _ask(
        self,
        read: Callable[[Mapping[str, object]], T],
        method: Callable[..., Awaitable[tuple[int, Any]]],
        **params: object,
    ) -> T | Failure:
        try:
            status, body = await self._client.call(method, **params)
            if 200 <= status < 300:
                return read(json_object(body) if body else {})
            return _refusal(status, body)
        except NOT_SENT:
            return Failure(Why.NOT_SENT)
        except Exception:  # noqa: BLE001 - the library stumbles in many ways, a bare Exception among them: each is an answer that says nothing
            return Failure(Why.LOST)

    def _check(self, fields: Mapping[str, object], **expected: str) -> None:
        """Raises Malformed for an answer that is about something else than was asked."""
        for name, value in expected.items():
            if text_in(fields, name) != value:
                raise Malformed(f"another {name}")


def _nothing(_fields: Mapping[str, object]) -> None:
    """The answer to what needs none."""


def _refusal(status: int, body: str | bytes) -> Failure:
    """Raises Malformed for a body that is no JSON."""
    if status >= 500:
        return Failure(Why.LOST)
    if status == 429:
        return Failure(Why.BUSY)
    if status == 401:
        return Failure(Why.DENIED)
    if status < 400:
        return Failure(Why.LOST)
    text = body if isinstance(body, str) else body.decode()
    return failure_of(json_object(text).get("code"))
