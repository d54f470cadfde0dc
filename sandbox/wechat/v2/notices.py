"""API v2's notifications. Source: pay.weixin.qq.com, API v2, payment notification and refund notification."""

from base64 import b64encode
from collections.abc import Mapping
from hashlib import md5
from typing import cast

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

from sandbox.callbacks import CallbackRequest
from sandbox.wechat.ids import new_nonce
from sandbox.wechat.merchants import Merchant
from sandbox.wechat.records.order import Order
from sandbox.wechat.records.refund import Refund
from sandbox.wechat.v2.signing import SignType, signed
from sandbox.wechat.v2.views import told_payment, told_refund
from sandbox.wechat.v2.xml import NotFlatXml, read_xml, write_xml

_BLOCK_BITS = 128


class V2Manner:
    """How API v2's notifications are repeated until the merchant answers with `return_code` SUCCESS."""

    retry_seconds = (15, 15, 30, 180, 1800, 1800, 1800, 1800, 3600)

    def acknowledges(self, status: int, body: bytes) -> bool:
        try:
            return status == 200 and read_xml(body).get("return_code") == "SUCCESS"
        except NotFlatXml:
            return False


def payment_callback(merchant: Merchant, order: Order) -> CallbackRequest:
    fields = {
        "return_code": "SUCCESS",
        "result_code": "SUCCESS",
        "appid": order.app_id,
        "mch_id": order.mch_id,
        "nonce_str": new_nonce(),
        **told_payment(order),
    }
    return _callback(order.notify_url, signed(fields, merchant.api_key, cast(SignType, order.sign_type)))


def refund_callback(merchant: Merchant, refund: Refund) -> CallbackRequest:
    """It carries no signature: who can read `req_info` has the key."""
    fields = {
        "return_code": "SUCCESS",
        "return_msg": "OK",
        "appid": merchant.app_id,
        "mch_id": merchant.mch_id,
        "nonce_str": new_nonce(),
        "req_info": encrypted(write_xml(told_refund(refund), "root"), merchant.api_key),
    }
    return _callback(refund.notify_url or "", fields)


def encrypted(plain: bytes, api_key: str) -> str:
    """AES-256-ECB with PKCS#7 under the MD5 of the API key in lower-case hexadecimal, in base64."""
    key = md5(api_key.encode(), usedforsecurity=False).hexdigest().encode()
    padder = PKCS7(_BLOCK_BITS).padder()
    encryptor = Cipher(algorithms.AES(key), modes.ECB()).encryptor()  # noqa: S305 - WeChat Pay's own choice
    sealed = encryptor.update(padder.update(plain) + padder.finalize()) + encryptor.finalize()
    return b64encode(sealed).decode()


def _callback(url: str, fields: Mapping[str, str]) -> CallbackRequest:
    return CallbackRequest(
        url, {"Content-Type": "text/xml", "User-Agent": "Mozilla/4.0"}, write_xml(fields), V2Manner()
    )
