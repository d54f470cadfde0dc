"""Reads a request and believes it once its signature is verified.

Source: the open platform's pages on common parameters and on signing (common/02kkv3, 057k53).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from sandbox.alipay.biz_content import BizContent, Schema, read_biz_content
from sandbox.alipay.body import File
from sandbox.alipay.errors import AlipayError, Invalid, Missing, invalid_signature
from sandbox.alipay.keys import verified
from sandbox.alipay.merchants import Merchant, Merchants
from sandbox.alipay.signing import request_content
from sandbox.alipay.times import LONGEST_TIMEOUT_SECONDS, read

_SKEW_SECONDS = 600
_LONGEST_URL = 1024
_KNOWN = frozenset(
    "app_id method format charset sign_type sign timestamp version notify_url return_url biz_content app_cert_sn"
    " alipay_root_cert_sn alipay_sdk".split()
)
_UNSIMULATED = frozenset({"app_auth_token", "auth_token", "encrypt_type"})
_REQUIRED = {
    "version": ("isv.missing-version", "缺少版本参数"),
    "sign_type": ("isv.missing-signature-type", "缺少签名类型参数"),
    "sign": ("isv.missing-signature", "缺少签名参数"),
    "timestamp": ("isv.missing-timestamp", "缺少时间戳参数"),
}


@dataclass(frozen=True)
class Call:
    """A verified request; `notify_url` and `return_url` are where the merchant wants to be told, `file` is what came with it."""

    merchant: Merchant
    method: str
    biz: BizContent
    notify_url: str | None
    return_url: str | None
    file: File | None = None


def merged(*encoded: str) -> dict[str, str]:
    """The parameters of the address and of the form as one. Raises `Invalid` for what stands twice or is no UTF-8."""
    parameters: dict[str, str] = {}
    try:
        for text in encoded:
            for name, value in parse_qsl(text, keep_blank_values=True, errors="strict"):
                if name in parameters:
                    raise Invalid("isv.invalid-parameter", f"参数重复：{name}")
                parameters[name] = value
    except UnicodeDecodeError:
        raise invalid_signature("请确认参数值使用 charset 参数指示的字符集编码") from None
    return parameters


def merchant_of(parameters: Mapping[str, str], merchants: Merchants) -> Merchant:
    """Raises `AlipayError`. As at Alipay this is asked first, before there is any talk of signatures."""
    app_id = parameters.get("app_id")
    if not app_id:
        raise Missing("isv.missing-app-id", "缺少AppID参数")
    merchant = merchants.by_app_id(app_id)
    if merchant is None:
        raise Invalid("isv.invalid-app-id", "无效的AppID参数")
    return merchant


def read_call(
    merchant: Merchant,
    parameters: Mapping[str, str],
    schema: Schema,
    now: float,
    *,
    is_page: bool,
    file: File | None = None,
) -> Call:
    """Raises `AlipayError`. A page may be opened long after it was signed, a call is made at once."""
    for name, (sub_code, sub_msg) in _REQUIRED.items():
        if not parameters.get(name):
            raise Missing(sub_code, sub_msg)
    beside = {name: value for name, value in parameters.items() if name in schema.beside}
    _check_common({name: value for name, value in parameters.items() if name not in beside})
    _check_certificates(merchant, parameters)
    if not verified(merchant.public_key, request_content(parameters), parameters["sign"]):
        raise invalid_signature("建议检查签名字符串或签名私钥与应用公钥是否匹配")
    _check_time(parameters["timestamp"], now, LONGEST_TIMEOUT_SECONDS if is_page else _SKEW_SECONDS)
    _check_file(schema, file)
    return Call(
        merchant=merchant,
        method=parameters["method"],
        biz=read_biz_content(parameters.get("biz_content", "{}"), schema, beside),
        notify_url=_address(parameters, "notify_url"),
        return_url=_address(parameters, "return_url"),
        file=file,
    )


def _check_common(parameters: Mapping[str, str]) -> None:
    for name in parameters:
        if name in _UNSIMULATED:
            raise AlipayError("40006", "isv.insufficient-isv-permissions", f"The sandbox does not simulate {name}.")
        if name not in _KNOWN:
            raise Invalid("isv.invalid-parameter", f"参数有误：{name}")
    if parameters["version"] != "1.0":
        raise Invalid("isv.invalid-parameter", "参数有误：version")
    if parameters["sign_type"] != "RSA2":
        raise Invalid("isv.invalid-signature-type", "无效的签名类型，只支持 RSA2")
    if parameters.get("format", "JSON").upper() != "JSON":
        raise Invalid("isv.invalid-format", "无效的数据格式")
    if parameters.get("charset", "").lower().replace("-", "") != "utf8":
        raise Invalid("isv.invalid-charset", "字符集错误，the sandbox takes utf-8 only")


def _check_certificates(merchant: Merchant, parameters: Mapping[str, str]) -> None:
    certificates = merchant.certificates
    app_serial, root_serials = parameters.get("app_cert_sn"), parameters.get("alipay_root_cert_sn")
    if certificates is None:
        if app_serial or root_serials:
            raise Invalid("isv.app-cert-not-exist", "应用公钥证书不存在")
        return
    if not app_serial:
        raise Invalid("isv.missing-app-cert-sn", "缺少应用公钥证书序列号")
    if not root_serials:
        raise Invalid("isv.missing-alipay-root-cert-sn", "缺少支付宝根证书序列号")
    if app_serial != certificates.app_serial:
        raise Invalid("isv.app-cert-not-exist", "应用公钥证书不存在")
    if root_serials != certificates.root_serials:
        raise Invalid("isv.invalid-alipay-root-cert-sn", "无效的支付宝根证书序列号")


def _check_time(timestamp: str, now: float, most_age_seconds: int) -> None:
    try:
        age = now - read(timestamp)
    except ValueError:
        raise Invalid("isv.invalid-timestamp", "非法的时间戳参数") from None
    if not -_SKEW_SECONDS <= age <= most_age_seconds:
        raise Invalid("isv.invalid-timestamp", "非法的时间戳参数：与当前北京时间相差过大")


def _check_file(schema: Schema, file: File | None) -> None:
    if schema.file is None and file is not None:
        raise Invalid("isv.invalid-parameter", f"参数有误：{file.field}")
    if schema.file is not None and (file is None or file.field != schema.file):
        raise Invalid("isv.invalid-parameter", f"参数有误：{schema.file} 不能为空")


def _address(parameters: Mapping[str, str], name: str) -> str | None:
    value = parameters.get(name)
    if not value:
        return None
    if len(value) > _LONGEST_URL or not _is_web_address(value):
        raise Invalid("isv.invalid-parameter", f"参数有误：{name}")
    return value


def _is_web_address(value: str) -> bool:
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc)
