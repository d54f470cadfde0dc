"""Reads API v2's notifications, and the documented JSON, which is signed as they are."""

import hashlib
from base64 import b64decode
from collections.abc import Mapping

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import ECB
from cryptography.hazmat.primitives.padding import PKCS7

from gateways.checklist import Checklist, shortened
from gateways.wechat.amounts import CURRENCY
from gateways.wechat.api import Api
from gateways.wechat.credentials import Credentials
from gateways.wechat.failures import Failure, Why
from gateways.wechat.fields import Malformed, currency_in, fen_in, text_in
from gateways.wechat.outcomes import refund_standing
from gateways.wechat.times import from_v2
from gateways.wechat.v2.signing import is_signed, sign_type_of
from gateways.wechat.v2.xml import NotFlat, read
from server.domain.callback import News, NoNews, PaymentNews, Reading, RefundNews
from server.domain.money import Money
from server.domain.outcomes import Approved

_LONGEST_SIGNED_TEXT = 1000

_FORMAT = ("format",)
_PAYMENT = ("signature", "app_id", "mch_id", "content")
_REFUND = (*_FORMAT, "app_id", "mch_id", "decryption", "look_up")


class V2Notifications:
    """With one merchant's key. `api` is asked about refunds, whose notifications are encrypted and not signed."""

    def __init__(self, merchant: Credentials, api: Api) -> None:
        self._merchant = merchant
        self._api = api

    async def read_xml(self, body: bytes) -> Reading:
        """Source: pay.weixin.qq.com, API v2, payment and refund notifications."""
        try:
            fields = read(body)
        except NotFlat as error:
            checks = Checklist(*_FORMAT, *_PAYMENT)
            checks.check("format", False, explanation=f"The body is not WeChat Pay's kind of XML: {error}.")
            return Reading(checks.made)
        if "req_info" in fields:
            return await self._refund(fields)
        checks = Checklist(*_FORMAT, *_PAYMENT)
        checks.check("format", True)
        return self._payment(checks, fields, names_merchant=True)

    def read_documented(self, fields: Mapping[str, str]) -> Reading:
        """It names no merchant: that is compared where it is there all the same."""
        return self._payment(Checklist(*_PAYMENT), fields, names_merchant=False)

    def _payment(self, checks: Checklist, fields: Mapping[str, str], names_merchant: bool) -> Reading:
        numbers = {"app_id": ("appid", self._merchant.app_id), "mch_id": ("mch_id", self._merchant.mch_id)}
        believed = self._check_signature(checks, fields)
        for name, (field, expected) in numbers.items():
            if not believed:
                break
            if names_merchant or field in fields:
                believed = checks.agrees(name, expected, fields.get(field))
            else:
                checks.skip(name, "The documented JSON does not carry it.")
        news = _payment_news(checks, fields) if believed else None
        return Reading(checks.made, news, fields.get("out_trade_no") or None, fields.get("transaction_id") or None)

    def _check_signature(self, checks: Checklist, fields: Mapping[str, str]) -> bool:
        if not fields.get("sign"):
            return checks.check("signature", False, explanation="The message has no `sign`.")
        sign_type = sign_type_of(fields, self._merchant.sign_type)
        if sign_type is None:
            explanation = "It is made by another algorithm than the configuration allows."
            return checks.check("signature", False, expected=self._merchant.sign_type, explanation=explanation)
        covered = "&".join(f"{name}={fields[name]}" for name in sorted(fields) if name != "sign" and fields[name])
        return checks.check(
            "signature",
            is_signed(fields, self._merchant.api_key, sign_type),
            explanation=(
                f"`sign` is not the {sign_type} of this text, followed by &key= and the configured api_key: "
                f"{shortened(covered, _LONGEST_SIGNED_TEXT)}"
            ),
        )

    async def _refund(self, fields: Mapping[str, str]) -> Reading:
        checks = Checklist(*_REFUND)
        checks.check("format", True)
        if not checks.agrees("app_id", self._merchant.app_id, fields.get("appid")):
            return Reading(checks.made)
        if not checks.agrees("mch_id", self._merchant.mch_id, fields.get("mch_id")):
            return Reading(checks.made)
        try:
            said = read(decrypted(fields["req_info"], self._merchant.api_key), "root")
            refund_reference, reference = text_in(said, "out_refund_no"), text_in(said, "out_trade_no")
        except (ValueError, NotFlat):
            explanation = "`req_info` is not encrypted under the configured api_key, or was altered."
            checks.check("decryption", False, explanation=explanation)
            return Reading(checks.made)
        checks.check("decryption", True)
        transaction_id = said.get("transaction_id") or None
        # Encrypted is not signed: what became of the refund is what WeChat Pay answers when it is asked.
        reply = await self._api.query_refund(refund_reference)
        if isinstance(reply, Failure):
            if reply.why is Why.NOT_FOUND:
                checks.check("look_up", False, explanation="WeChat Pay knows no such refund.")
                return Reading(checks.made, None, reference, transaction_id)
            checks.skip("look_up", "WeChat Pay could not be asked about the refund now.")
            return Reading(checks.made, None, reference, transaction_id, later=True)
        checks.check("look_up", True)
        news = RefundNews(refund_standing(reply), refund_reference, reply.refund_id, Money(reply.fen, CURRENCY))
        return Reading(checks.made, news, reference, transaction_id)


def decrypted(req_info: str, api_key: str) -> bytes:
    """Source: pay.weixin.qq.com, API v2, refund notification: AES-256-ECB under the MD5 of the key. Raises ValueError."""
    key = hashlib.md5(api_key.encode(), usedforsecurity=False).hexdigest().encode()
    cipher = Cipher(AES(key), ECB()).decryptor()  # noqa: S305 - WeChat Pay's choice
    padded = cipher.update(b64decode(req_info, validate=True)) + cipher.finalize()
    unpadder = PKCS7(AES.block_size).unpadder()
    return unpadder.update(padded) + unpadder.finalize()


def _payment_news(checks: Checklist, fields: Mapping[str, str]) -> News | None:
    if fields.get("result_code") != "SUCCESS":
        checks.check("content", True)
        return NoNews("The notification does not say that the order is paid.")
    try:
        number, fen, currency = (
            text_in(fields, "transaction_id"),
            fen_in(fields, "total_fee"),
            currency_in(fields, "fee_type"),
        )
        text_in(fields, "out_trade_no")
    except Malformed as error:
        checks.check("content", False, explanation=f"The notification cannot be understood: {error}.")
        return None
    checks.check("content", True)
    paid = Approved(number, fen, captured=True, paid_at=from_v2(fields.get("time_end")))
    return PaymentNews(paid, Money(fen, currency))
