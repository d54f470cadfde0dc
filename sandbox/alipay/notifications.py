"""Signs notifications, messages, and the return of a customer to the shop.

Source: open/270/105902, "asynchronous notifications" and "synchronous return"; common/02km9j, messages from Ant.
"""

from collections.abc import Callable
from urllib.parse import urlencode, urlsplit, urlunsplit

from sandbox.alipay.keys import sign
from sandbox.alipay.merchants import Merchant, Merchants
from sandbox.alipay.money import yuan
from sandbox.alipay.records.message import Message
from sandbox.alipay.records.notification import Notification
from sandbox.alipay.records.trade import Trade
from sandbox.alipay.signing import notification_content
from sandbox.alipay.times import written
from sandbox.callbacks import CallbackRequest
from sandbox.state.documents import Documents

_MINUTE = 60.0
_HOUR = 3600.0
_RETRY_SECONDS = (4 * _MINUTE, 10 * _MINUTE, 10 * _MINUTE, _HOUR, 2 * _HOUR, 6 * _HOUR, 15 * _HOUR)
_MESSAGE_RETRY_SECONDS = (2 * _MINUTE, *_RETRY_SECONDS[1:])
_FORM = "application/x-www-form-urlencoded; charset=utf-8"


def _is_success(status: int, body: bytes) -> bool:
    """The seven letters and nothing else."""
    return status == 200 and body == b"success"


class MessageManner:
    """Eight tries within 25 hours, like a notification's, but for the first pause."""

    retry_seconds = _MESSAGE_RETRY_SECONDS

    def acknowledges(self, status: int, body: bytes) -> bool:
        return _is_success(status, body)


class Notifications:
    retry_seconds = _RETRY_SECONDS

    def __init__(self, merchants: Merchants, documents: Documents, clock: Callable[[], float]) -> None:
        self._merchants = merchants
        self._documents = documents
        self._clock = clock

    def callback(self, owner: str, subject: str) -> CallbackRequest | None:
        merchant = self._merchants.by_id(owner)
        if merchant is None:
            return None
        message = self._documents.get(owner, Message.KIND, subject)
        if message is not None:
            return _message(merchant, Message.load(message), self._clock())
        stored = self._documents.get(owner, Notification.KIND, subject)
        if stored is None:
            return None
        notification = Notification.load(stored)
        parameters = {
            "notify_time": written(self._clock()),
            "notify_id": notification.id,
            "app_id": merchant.app_id,
            "auth_app_id": merchant.app_id,
            "charset": "utf-8",
            "version": "1.0",
            **notification.fields,
        }
        return CallbackRequest(notification.url, {"Content-Type": _FORM}, _signed(merchant, parameters).encode())

    def acknowledges(self, status: int, body: bytes) -> bool:
        return _is_success(status, body)


def _message(merchant: Merchant, message: Message, now: float) -> CallbackRequest:
    """In the form of version 1.1, the open platform's standard one."""
    parameters = {
        "notify_id": message.id,
        "utc_timestamp": str(int(now * 1000)),
        "msg_method": message.method,
        "app_id": merchant.app_id,
        "version": "1.1",
        "charset": "UTF-8",
        "biz_content": message.content,
    }
    return CallbackRequest(
        message.url, {"Content-Type": _FORM}, _signed(merchant, parameters).encode(), MessageManner()
    )


def return_address(merchant: Merchant, trade: Trade, now: float) -> str | None:
    """Where the customer's browser goes after paying; None when the shop named no address."""
    if trade.return_url is None:
        return None
    parameters = {
        "app_id": merchant.app_id,
        "auth_app_id": merchant.app_id,
        "method": f"{trade.method}.return",
        "charset": "utf-8",
        "version": "1.0",
        "timestamp": written(now),
        "out_trade_no": trade.out_trade_no,
        "trade_no": trade.id,
        "total_amount": yuan(trade.total),
        "seller_id": merchant.seller_id,
    }
    parts = urlsplit(trade.return_url)
    query = "&".join(filter(None, (parts.query, _signed(merchant, parameters))))
    return urlunsplit(parts._replace(query=query))


def _signed(merchant: Merchant, parameters: dict[str, str]) -> str:
    signature = sign(merchant.private_key, notification_content(parameters))
    return urlencode({**parameters, "sign_type": "RSA2", "sign": signature})
