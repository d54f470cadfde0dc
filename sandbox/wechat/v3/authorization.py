"""Checks who sent an API v3 request. Source: pay.weixin.qq.com/doc/v3/merchant/4012365336, "signature rules"."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from sandbox.state.documents import Documents
from sandbox.wechat.merchants import Merchant, Merchants
from sandbox.wechat.platform import Platform
from sandbox.wechat.refusals import Reason, Refused

SCHEME = "WECHATPAY2-SHA256-RSA2048"
WINDOW_SECONDS = 300
NONCE_KIND = "wechat.nonce"
_PAIR = re.compile(r'\s*(\w+)="([^"]*)"\s*')
_NAMES = {"mchid", "serial_no", "nonce_str", "timestamp", "signature"}


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """`url` is path and query as they were sent, without the place where the sandbox mounts WeChat Pay."""

    method: str
    url: str
    body: bytes
    headers: Mapping[str, str]


def signed_message(method: str, url: str, timestamp: str, nonce: str, body: bytes) -> bytes:
    return f"{method}\n{url}\n{timestamp}\n{nonce}\n".encode() + body + b"\n"


class Authorization:
    def __init__(self, merchants: Merchants, documents: Documents) -> None:
        self._merchants = merchants
        self._documents = documents

    def check(self, request: SignedRequest, now: float) -> tuple[Merchant, Platform]:
        """The merchant whose key signed this request. Raises `Refused` with SIGN_ERROR."""
        fields = _fields(request.headers.get("Authorization", ""))
        merchant = self._merchants.by_mch_id(fields["mchid"])
        platform = None if merchant is None else merchant.platform
        if merchant is None or platform is None:
            raise _unsigned("商户号不存在或未开通APIv3")
        if fields["serial_no"].upper() != platform.merchant_serial_no.upper():
            raise _unsigned("商户证书序列号有误。请使用签名私钥匹配的证书序列号")
        stamp = fields["timestamp"]
        if not re.fullmatch(r"\d{1,12}", stamp) or abs(now - int(stamp)) > WINDOW_SECONDS:
            raise _unsigned("Http头Authorization中的timestamp与发起请求的时间不得超过5分钟")
        message = signed_message(request.method, request.url, stamp, fields["nonce_str"], request.body)
        if not platform.verifies(message, fields["signature"]):
            raise _unsigned("签名错误，请检查后再试")
        self._use_nonce(merchant, fields["nonce_str"], int(now))
        return merchant, platform

    def forget(self, now: float) -> None:
        """Forgets the nonces of requests whose time stamps are refused by now."""
        for merchant in self._merchants.all():
            self._documents.delete_older(merchant.id, NONCE_KIND, int(now) - 2 * WINDOW_SECONDS - 1)

    def _use_nonce(self, merchant: Merchant, nonce: str, now: int) -> None:
        id = f"{NONCE_KIND}/{merchant.mch_id}/{nonce}"
        if self._documents.get(merchant.id, NONCE_KIND, id) is not None:
            raise _unsigned("nonce_str已被使用，请求不可重放")
        self._documents.put(merchant.id, NONCE_KIND, id, now, "{}")


def check_headers(headers: Mapping[str, str], platform: Platform, *, has_body: bool) -> None:
    """What API v3 demands of the other headers. Raises `Refused`."""
    if "User-Agent" not in headers or "Accept" not in headers:
        raise Refused(Reason.PARAM_ERROR, "Http头缺少Accept或User-Agent")
    if not any(type in headers["Accept"] for type in ("application/json", "*/*")):
        raise Refused(Reason.PARAM_ERROR, "Http头Accept必须包含application/json")
    if has_body and headers.get("Content-Type", "").partition(";")[0].strip() != "application/json":
        raise Refused(Reason.PARAM_ERROR, "Http头Content-Type必须为application/json")
    serial = headers.get("Wechatpay-Serial")
    if serial is not None and serial != platform.serial:
        raise Refused(Reason.PARAM_ERROR, "平台证书序列号Wechatpay-Serial错误")


def _fields(header: str) -> dict[str, str]:
    scheme, _, rest = header.partition(" ")
    matches = [_PAIR.fullmatch(part) for part in rest.split(",")]
    pairs = [(found[1], found[2]) for found in matches if found is not None]
    fields = dict(pairs)
    malformed = len(pairs) != len(matches) or len(fields) != len(pairs)
    if scheme != SCHEME or malformed or set(fields) != _NAMES or not all(fields.values()):
        raise _unsigned("Http头Authorization值格式错误，请参考《微信支付商户REST API签名规则》")
    return fields


def _unsigned(message: str) -> Refused:
    return Refused(Reason.SIGN_ERROR, message)
