"""What an attempt keeps of a wish, and what is sent to Alipay, built from the attempt alone each time."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta

from gateways.alipay.amounts import to_alipay
from gateways.alipay.times import to_alipay as time_to_alipay
from server.domain.attempt import Attempt
from server.domain.channels import AlipayChannel
from server.domain.clock import whole_seconds
from server.domain.gateway import Wish
from server.domain.payment import CaptureMethod

_METHODS: Mapping[str, str] = {AlipayChannel.PAGE: "alipay.trade.page.pay", AlipayChannel.WAP: "alipay.trade.wap.pay"}
_PRODUCTS: Mapping[str, str] = {AlipayChannel.PAGE: "FAST_INSTANT_TRADE_PAY", AlipayChannel.WAP: "QUICK_WAP_WAY"}

PREAUTHORISED = "PRE_AUTH"
"""The product of freezes by code, and of payments out of them. Source: alipay.trade.pay, `product_code`."""

# Source: alipay.trade.page.pay (`subject`, `return_url`), alipay.trade.wap.pay (`quit_url`), alipay.fund.auth.order.voucher.create (`order_title`: 100 letters or half as many
# Chinese characters).
_LONGEST_SUBJECT = 256
_LONGEST_TITLE = 50
_LONGEST_RETURN_URL = 256
_LONGEST_QUIT_URL = 400
_FORBIDDEN = re.compile(r"[/=&<>\"'\\\x00-\x1f\x7f\U00010000-\U0010ffff]+")


def stored_request(wish: Wish, default_return_url: str, now: datetime, pay_within: timedelta) -> Mapping[str, str]:
    """What an attempt keeps. `expires_at` is kept as well: a setting that changes later must not change what was sent, and whoever closes the payment goes by it."""
    request = {
        "capture_method": wish.capture_method.value,
        "channel": wish.details.get("channel") or AlipayChannel.PAGE.value,
        "expires_at": (whole_seconds(now) + pay_within).isoformat(),
        # Alipay takes whole minutes, at least one, where it counts from the call.
        "minutes": str(max(1, pay_within // timedelta(minutes=1))),
        "return_url": _fitting(wish.return_url, _LONGEST_RETURN_URL) or default_return_url,
        "quit_url": _fitting(wish.cancel_url, _LONGEST_QUIT_URL),
        "subject": _cleaned(wish.description),
    }
    return {name: value for name, value in request.items() if value}


def is_preauthorised(attempt: Attempt) -> bool:
    """Whether the money is to be frozen first and captured later."""
    return attempt.request["capture_method"] == CaptureMethod.MANUAL.value


def expires_at(attempt: Attempt) -> datetime:
    """Until when the customer may pay, or have the money frozen."""
    return datetime.fromisoformat(attempt.request["expires_at"])


def page_method(attempt: Attempt) -> str:
    """The method behind the customer's page."""
    return _METHODS[attempt.request["channel"]]


def page_content(attempt: Attempt) -> Mapping[str, object]:
    """`biz_content` of a page. Source: alipay.trade.page.pay, alipay.trade.wap.pay."""
    request, channel = attempt.request, attempt.request["channel"]
    content = {
        "out_trade_no": attempt.reference,
        "total_amount": to_alipay(attempt.money),
        "subject": _subject(attempt),
        "product_code": _PRODUCTS[channel],
        "time_expire": time_to_alipay(expires_at(attempt)),
    }
    if channel == AlipayChannel.WAP:
        content["quit_url"] = request.get("quit_url") or request["return_url"]
    return content


def page_common(attempt: Attempt, notify_url: str) -> dict[str, str]:
    """The parameters beside `biz_content`. With the attempt's own time the address is the same whenever it is built."""
    return {
        "timestamp": time_to_alipay(attempt.created_at),
        "notify_url": notify_url,
        "return_url": attempt.request["return_url"],
    }


def code_content(attempt: Attempt, seller_id: str | None) -> Mapping[str, object]:
    """`biz_content` of a freeze by code. Source: alipay.fund.auth.order.voucher.create."""
    content = {
        "out_order_no": attempt.reference,
        "out_request_no": attempt.reference,
        "order_title": _subject(attempt)[:_LONGEST_TITLE],
        "amount": to_alipay(attempt.money),
        "product_code": PREAUTHORISED,
        "pay_timeout": f"{attempt.request['minutes']}m",
    }
    return content if seller_id is None else {**content, "payee_user_id": seller_id}


def code_dies_at(attempt: Attempt) -> datetime:
    """When no code for the attempt can be scanned any more: Alipay counts from each call, and none is made once the attempt's own time is over."""
    return expires_at(attempt) + timedelta(minutes=int(attempt.request["minutes"]))


def payment_content(
    attempt: Attempt, auth_no: str, payer: Mapping[str, str], seller_id: str | None
) -> Mapping[str, object]:
    """`biz_content` of a capture: with COMPLETE, what is left frozen goes back to the customer. Source: alipay.trade.pay, `auth_confirm_mode`."""
    content = {
        "out_trade_no": attempt.reference,
        "total_amount": to_alipay(attempt.money),
        "subject": _subject(attempt),
        "product_code": PREAUTHORISED,
        "auth_no": auth_no,
        "auth_confirm_mode": "COMPLETE",
        **payer,
    }
    return content if seller_id is None else {**content, "seller_id": seller_id}


def _subject(attempt: Attempt) -> str:
    return attempt.request.get("subject") or f"订单 {attempt.reference}"


def _fitting(url: str | None, longest: int) -> str:
    return url if url and len(url) <= longest else ""


def _cleaned(description: str | None) -> str:
    """Without the characters that Alipay does not take in a subject; source: alipay.trade.page.pay."""
    return " ".join(_FORBIDDEN.sub(" ", description or "").split())[:_LONGEST_SUBJECT]
