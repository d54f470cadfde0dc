"""What a caller can pay with: no token is made, the customer pays in WeChat."""

from collections.abc import Mapping
from enum import StrEnum

from server.domain.outcomes import Tokenised, TokeniseOutcome, Unusable


class Channel(StrEnum):
    """Where the customer pays."""

    NATIVE = "native"
    """A QR code that the customer scans."""

    H5 = "h5"
    """A page that a phone's browser opens WeChat from."""

    JSAPI = "jsapi"
    """Inside WeChat: an official account's page or a mini program."""


# What a channel cannot do without.
_NEEDED: Mapping[Channel, str] = {Channel.H5: "client_ip", Channel.JSAPI: "openid"}


def channel_of(details: Mapping[str, str]) -> Channel:
    """Raises ValueError for a channel that there is not."""
    return Channel(details.get("channel", Channel.NATIVE))


def checked(details: Mapping[str, str]) -> TokeniseOutcome:
    """Whether a payment can be asked for with these details."""
    try:
        channel = channel_of(details)
    except ValueError:
        return Unusable("wechat.channel", f"must be one of {', '.join(Channel)}")
    needed = _NEEDED.get(channel)
    if needed is not None and not details.get(needed):
        return Unusable(f"wechat.{needed}", f"is required for {channel}")
    return Tokenised(token=None)
