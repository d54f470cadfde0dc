"""Where customers pay with what is no card: the channels of each kind of payment method, and what each cannot do without."""

from collections.abc import Mapping, Sequence
from enum import StrEnum

from server.domain.payment import PaymentMethodKind


class AlipayChannel(StrEnum):
    """Where customers of Alipay pay; the first is the usual one."""

    PAGE = "page"
    """A computer's browser."""

    WAP = "wap"
    """A phone's browser, which opens Alipay's app."""


class WechatChannel(StrEnum):
    """Where customers of WeChat Pay pay; the first is the usual one."""

    NATIVE = "native"
    """A QR code that the customer scans."""

    H5 = "h5"
    """A page that a phone's browser opens WeChat from."""

    JSAPI = "jsapi"
    """Inside WeChat: an official account's page or a mini program."""


_CHANNELS: Mapping[PaymentMethodKind, Sequence[str]] = {
    PaymentMethodKind.ALIPAY: tuple(AlipayChannel),
    PaymentMethodKind.WECHAT: tuple(WechatChannel),
}
_NEEDED: Mapping[str, str] = {WechatChannel.H5: "client_ip", WechatChannel.JSAPI: "openid"}


def usual_channel(kind: PaymentMethodKind) -> str | None:
    """Where a customer pays when nobody says where; None for a kind that has no channels."""
    return next(iter(_CHANNELS.get(kind, ())), None)


def unfit(kind: PaymentMethodKind, details: Mapping[str, str]) -> tuple[str, str] | None:
    """The first detail with which nothing can be paid, and what it must be; None when all fits."""
    channels, channel = _CHANNELS.get(kind, ()), details.get("channel") or usual_channel(kind)
    if channel is None:
        return None
    if channel not in channels:
        return "channel", f"must be one of {', '.join(channels)}" if channels else "must not be given"
    needed = _NEEDED.get(channel)
    if needed is not None and not details.get(needed):
        return needed, f"is required for {channel}"
    return None
