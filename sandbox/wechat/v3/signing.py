"""Signs what WeChat Pay says under API v3: replies and notifications."""

from sandbox.wechat.ids import new_nonce
from sandbox.wechat.platform import Platform
from sandbox.wechat.v3.authorization import SCHEME

PROBE_PREFIX = "WECHATPAY/SIGNTEST/"
"""Begins the wrong signatures with which WeChat Pay tests a merchant. Source: pay.weixin.qq.com/doc/v3/merchant/4013053249."""


def signed_headers(platform: Platform, body: bytes, now: float, *, probe: bool = False) -> dict[str, str]:
    """The `Wechatpay-...` headers for a body; those of a probe carry a signature that must be refused."""
    stamp, nonce = str(int(now)), new_nonce()
    signature = platform.sign(f"{stamp}\n{nonce}\n".encode() + body + b"\n")
    return {
        "Wechatpay-Serial": platform.serial,
        "Wechatpay-Timestamp": stamp,
        "Wechatpay-Nonce": nonce,
        "Wechatpay-Signature": PROBE_PREFIX + signature[len(PROBE_PREFIX) :] if probe else signature,
        "Wechatpay-Signature-Type": SCHEME,
    }
