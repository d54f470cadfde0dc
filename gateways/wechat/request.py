"""The order that an attempt asks for: stored with the attempt as plain strings, and built from it alone each time it is sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from gateways.wechat.amounts import to_fen
from gateways.wechat.instrument import channel_of
from server.domain.attempt import Attempt
from server.domain.channels import WechatChannel
from server.domain.gateway import Wish

# Source: pay.weixin.qq.com, description (v3) and body (v2). One page counts characters, another bytes: what fits in bytes fits both.
_LONGEST_DESCRIPTION = 127

_STORED_DETAILS = ("openid", "client_ip")


@dataclass(frozen=True, slots=True)
class Order:
    """What WeChat Pay is asked to let a customer pay; `fen` is the amount, `expires_at` absolute."""

    reference: str
    fen: int
    description: str
    channel: WechatChannel
    openid: str | None
    client_ip: str | None
    return_url: str
    expires_at: datetime


def stored_request(wish: Wish, default_return_url: str, pay_within: timedelta) -> Mapping[str, str]:
    """What an attempt keeps of a wish: also how long the customer has, as that setting may change before a repeat."""
    fields = {
        "channel": channel_of(wish.details).value,
        "description": wish.description,
        "return_url": wish.return_url or default_return_url,
        "pay_within_seconds": str(int(pay_within.total_seconds())),
    } | {name: wish.details.get(name) for name in _STORED_DETAILS}
    return {name: value for name, value in fields.items() if value}


def order_of(attempt: Attempt) -> Order:
    """The same attempt gives the same order for ever."""
    request = attempt.request
    return Order(
        reference=attempt.reference,
        fen=to_fen(attempt.money),
        description=_described(request.get("description", "")) or attempt.reference,
        channel=WechatChannel(request["channel"]),
        openid=request.get("openid"),
        client_ip=request.get("client_ip"),
        return_url=request["return_url"],
        expires_at=expiry_of(attempt),
    )


def expiry_of(attempt: Attempt) -> datetime:
    """Until when the customer may pay. Of a later attempt on the same payment it is not earlier than that."""
    return attempt.created_at + timedelta(seconds=int(attempt.request["pay_within_seconds"]))


def _described(text: str) -> str:
    """In one line, without what XML cannot carry, and cut between two characters where it is too long."""
    line = " ".join("".join(character if character.isprintable() else " " for character in text).split())
    return line.encode("utf-8", "ignore")[:_LONGEST_DESCRIPTION].decode("utf-8", "ignore")
