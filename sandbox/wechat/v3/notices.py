"""API v3's notifications. Source: pay.weixin.qq.com/doc/v3/merchant/4012791861, and API v3, refund notification."""

from dataclasses import dataclass

import orjson

from sandbox.callbacks import CallbackRequest
from sandbox.json_types import Resource
from sandbox.wechat.ids import new_nonce
from sandbox.wechat.platform import ALGORITHM, Platform
from sandbox.wechat.records.complaint import Complaint
from sandbox.wechat.records.notice import Notice
from sandbox.wechat.records.order import Order
from sandbox.wechat.records.refund import Refund
from sandbox.wechat.times import rfc3339
from sandbox.wechat.v3 import complaints
from sandbox.wechat.v3.signing import signed_headers
from sandbox.wechat.v3.views import told_payment, told_refund

RETRY_SECONDS = (15, 15, 30, 180, 600, 1200, 1800, 1800, 1800, 3600, 10800, 10800, 10800, 21600, 21600)
_NONCE_CHARACTERS = 12
_REFUND_SUMMARIES = {"SUCCESS": "退款成功", "ABNORMAL": "退款异常", "CLOSED": "退款关闭"}


@dataclass(frozen=True, slots=True)
class _Event:
    type: str
    summary: str
    original_type: str
    plain: Resource


class ProbeManner:
    """A probe is sent once: whatever the merchant answers ends it."""

    retry_seconds = ()

    def acknowledges(self, status: int, body: bytes) -> bool:
        return True


def acknowledges(status: int) -> bool:
    return status in (200, 204)


def payment_callback(platform: Platform, notice: Notice, order: Order, now: float) -> CallbackRequest:
    event = _Event("TRANSACTION.SUCCESS", "支付成功", "transaction", told_payment(order))
    return _callback(platform, order.notify_url, notice, _message(platform, notice, event), now)


def refund_callback(platform: Platform, notice: Notice, refund: Refund, now: float) -> CallbackRequest:
    event = _Event(f"REFUND.{refund.status}", _REFUND_SUMMARIES[refund.status], "refund", told_refund(refund))
    return _callback(platform, refund.notify_url or "", notice, _message(platform, notice, event), now)


def complaint_callback(
    platform: Platform, url: str, notice: Notice, complaint: Complaint, now: float
) -> CallbackRequest:
    """Source: pay.weixin.qq.com, API v3, complaint notification."""
    event = _Event(notice.event, "投诉通知", "complaint", complaints.told(complaint, notice.said))
    return _callback(platform, url, notice, _message(platform, notice, event), now)


def _message(platform: Platform, notice: Notice, event: _Event) -> bytes:
    nonce = new_nonce(_NONCE_CHARACTERS)
    message: Resource = {
        "id": notice.id,
        "create_time": rfc3339(notice.created),
        "resource_type": "encrypt-resource",
        "event_type": event.type,
        "summary": event.summary,
        "resource": {
            "original_type": event.original_type,
            "algorithm": ALGORITHM,
            "ciphertext": platform.encrypt(orjson.dumps(event.plain), nonce, event.original_type),
            "associated_data": event.original_type,
            "nonce": nonce,
        },
    }
    return orjson.dumps(message)


def _callback(platform: Platform, url: str, notice: Notice, message: bytes, now: float) -> CallbackRequest:
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Mozilla/4.0",
        **signed_headers(platform, message, now, probe=notice.probe),
    }
    return CallbackRequest(url, headers, message, ProbeManner() if notice.probe else None)
