"""What the customer must do for an order to be paid."""

from urllib.parse import quote

from gateways.wechat.api import Api
from gateways.wechat.replies import Prepaid
from gateways.wechat.request import Order
from server.domain.attempt import Attempt
from server.domain.channels import WechatChannel
from server.domain.outcomes import NextAction, NextActionKind


def next_action(api: Api, attempt: Attempt, order: Order, prepaid: Prepaid) -> NextAction | None:
    """None where WeChat Pay answered for another channel than was asked for."""
    match order.channel:
        case WechatChannel.NATIVE if prepaid.code_url is not None:
            return NextAction(NextActionKind.DISPLAY_QR_CODE, prepaid.code_url)
        case WechatChannel.H5 if prepaid.h5_url is not None:
            return NextAction(NextActionKind.REDIRECT, _returning(prepaid.h5_url, order.return_url))
        case WechatChannel.JSAPI if prepaid.prepay_id is not None:
            # Time and nonce are the attempt's, so that a repeat shows the customer's page the same parameters.
            timestamp = str(int(attempt.created_at.timestamp()))
            parameters = api.sdk_parameters(prepaid.prepay_id, timestamp, attempt.id.hex)
            return NextAction(NextActionKind.INVOKE_SDK, parameters=parameters)
        case _:
            return None


def _returning(h5_url: str, return_url: str) -> str:
    """Source: pay.weixin.qq.com, H5 payment, redirect_url: the page behind the payment, URL-encoded."""
    return f"{h5_url}{'&' if '?' in h5_url else '?'}redirect_url={quote(return_url, safe='')}"
