"""Opens API v3's notifications: whether WeChat Pay signed one, now and with a key that is known, and what is encrypted inside."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from gateways.checklist import Checklist
from gateways.wechat.fields import json_object
from gateways.wechat.v3.client import Client
from gateways.wechat.v3.core import SIGNATURE_HEADERS, SIGNATURE_TYPE
from server.domain.callback import CallbackMessage

CHECKS = ("headers", "timestamp", "certificate", "signature", "decryption")

# How far the time that is signed may be from that at which a message came. Source: pay.weixin.qq.com, API v3, verification of signatures.
_SIGNED_WITHIN = timedelta(minutes=5)

# With such signatures WeChat Pay tries out whether they are checked at all.
_PROBE = "WECHATPAY/SIGNTEST/"

_SIGNED_TEXT = "The signature does not fit Wechatpay-Timestamp, Wechatpay-Nonce and the body as it came, each followed by a line feed."


class NotNow(Exception):
    """What is needed for the checks could not be had: the notification may be genuine."""


class Envelopes:
    """With one merchant's keys."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def opened(self, checks: Checklist, message: CallbackMessage, body: str) -> Mapping[str, object] | None:
        """The resource inside; None when a check failed. Raises NotNow.

        Whatever can be told without WeChat Pay is told first: whoever sends rubbish costs us a few comparisons.
        """
        headers = message.headers
        if not _is_complete(checks, headers) or not _is_recent(checks, headers, message.received_at):
            return None
        if not await self._is_known(checks, headers["wechatpay-serial"]):
            return None
        if not self._is_signed(checks, headers, body):
            return None
        resource = self._decrypted(headers, body)
        explanation = "The resource is not encrypted under the configured apiv3_key, or was altered."
        checks.check("decryption", resource is not None, explanation=explanation)
        return resource

    async def _is_known(self, checks: Checklist, serial: str) -> bool:
        try:
            known = await self._client.knows(serial)
        except Exception:  # noqa: BLE001 - whatever kept the certificates from us
            checks.skip("certificate", "WeChat Pay's certificates could not be had now.")
            raise NotNow from None
        explanation = "Wechatpay-Serial names no key or certificate of WeChat Pay's that is known here."
        return checks.check("certificate", known, actual=serial, explanation=explanation)

    def _is_signed(self, checks: Checklist, headers: Mapping[str, str], body: str) -> bool:
        if headers["wechatpay-signature"].startswith(_PROBE):
            explanation = "It is one of WeChat Pay's probes, which must be refused."
            return checks.check("signature", False, explanation=explanation)
        try:
            verified = self._client.verified(headers, body)
        except Exception:  # noqa: BLE001 - the library stumbles over odd headers in many ways: none of them is a signature
            verified = False
        return checks.check("signature", verified, explanation=_SIGNED_TEXT)

    def _decrypted(self, headers: Mapping[str, str], body: str) -> Mapping[str, object] | None:
        try:
            text = self._client.decrypted(headers, body)
            return None if text is None else json_object(text)
        except Exception:  # noqa: BLE001 - the library stumbles over odd resources in many ways
            return None


def _is_complete(checks: Checklist, headers: Mapping[str, str]) -> bool:
    missing = [name for name in SIGNATURE_HEADERS if not headers.get(name)]
    if missing:
        return checks.check("headers", False, explanation=f"The message has no {', '.join(missing)}.")
    named = headers["wechatpay-signature-type"]
    explanation = "The signature is of a kind that is not configured."
    return checks.check(
        "headers", named == SIGNATURE_TYPE, expected=SIGNATURE_TYPE, actual=named, explanation=explanation
    )


def _is_recent(checks: Checklist, headers: Mapping[str, str], came: datetime) -> bool:
    timestamp = headers["wechatpay-timestamp"]
    sane = timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12
    recent = sane and abs(came.timestamp() - int(timestamp)) <= _SIGNED_WITHIN.total_seconds()
    explanation = f"Wechatpay-Timestamp is not within {_SIGNED_WITHIN} of when the message came."
    expected = str(int(came.timestamp()))
    return checks.check("timestamp", recent, expected=expected, actual=timestamp, explanation=explanation)
