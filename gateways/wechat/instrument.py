"""What a caller can pay with: no token is made, the customer pays in WeChat."""

from collections.abc import Mapping

from server.domain.channels import WechatChannel, unfit
from server.domain.outcomes import Tokenised, TokeniseOutcome, Unusable
from server.domain.payment import PaymentMethodKind


def channel_of(details: Mapping[str, str]) -> WechatChannel:
    """Raises ValueError for a channel that there is not."""
    return WechatChannel(details.get("channel", WechatChannel.NATIVE))


def checked(details: Mapping[str, str]) -> TokeniseOutcome:
    """Whether a payment can be asked for with these details."""
    wrong = unfit(PaymentMethodKind.WECHAT, details)
    return Tokenised(token=None) if wrong is None else Unusable(f"wechat.{wrong[0]}", wrong[1])
