"""Reads API v3's notifications: JSON whose signature is in the headers and whose resource is encrypted."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from gateways.wechat.amounts import CURRENCY
from gateways.wechat.checks import CheckList
from gateways.wechat.credentials import Credentials
from gateways.wechat.fields import json_object, optional_text_in, text_in
from gateways.wechat.outcomes import refund_standing
from gateways.wechat.replies import TradeState
from gateways.wechat.v3 import orders
from gateways.wechat.v3.client import Client
from server.domain.callback import CallbackMessage, News, NoNews, PaymentNews, Reading, RefundNews
from server.domain.money import Money
from server.domain.outcomes import Approved

CHECKS = ("format", "certificate", "timestamp", "signature", "decryption", "mch_id", "app_id", "content")

# How far the time that is signed may be from that at which a message came. Source: pay.weixin.qq.com, API v3, verification of signatures.
_SIGNED_WITHIN = timedelta(minutes=5)

# With such signatures WeChat Pay tries out whether they are checked at all.
_PROBE = "WECHATPAY/SIGNTEST/"

_TRANSACTION = "TRANSACTION."
_REFUND = "REFUND."

_SIGNED_TEXT = "The signature does not fit Wechatpay-Timestamp, Wechatpay-Nonce and the body as it came, each followed by a line feed."


class V3Notifications:
    """With one merchant's keys."""

    def __init__(self, merchant: Credentials, client: Client) -> None:
        self._merchant = merchant
        self._client = client

    async def read(self, message: CallbackMessage) -> Reading:
        """Source: pay.weixin.qq.com, API v3, payment and refund notifications."""
        checks = CheckList(*CHECKS)
        try:
            body = message.body.decode()
            outer = json_object(body)
        except ValueError:
            checks.check(
                "format", False, explanation="The body is not a JSON object in UTF-8 that names each key once."
            )
            return Reading(checks.made)
        checks.check("format", True)
        event_id = optional_text_in(outer, "id")
        try:
            known = await self._client.knows(message.headers.get("wechatpay-serial", ""))
        except Exception:  # noqa: BLE001 - whatever kept the certificates from us, the message may be genuine
            checks.skip("certificate", "WeChat Pay's certificates could not be had now.")
            return Reading(checks.made, event_id=event_id, later=True)
        if not self._is_genuine(checks, message, body, known):
            return Reading(checks.made, event_id=event_id)
        resource = self._resource(message.headers, body)
        explanation = "The resource is not encrypted under the configured apiv3_key, or was altered."
        if not checks.check("decryption", resource is not None, explanation=explanation) or resource is None:
            return Reading(checks.made, event_id=event_id)
        return self._read(checks, outer, resource, event_id)

    def _is_genuine(self, checks: CheckList, message: CallbackMessage, body: str, known: bool) -> bool:
        """Nothing is asked of WeChat Pay in here: whoever sends rubbish costs us a few comparisons."""
        headers, came = message.headers, message.received_at
        serial, timestamp = headers.get("wechatpay-serial", ""), headers.get("wechatpay-timestamp", "")
        explanation = "Wechatpay-Serial names no key or certificate of WeChat Pay's that is known here."
        if not checks.check("certificate", known, actual=serial, explanation=explanation):
            return False
        explanation = f"Wechatpay-Timestamp is not within {_SIGNED_WITHIN} of when the message came."
        if not checks.check(
            "timestamp",
            _is_recent(timestamp, came),
            expected=str(int(came.timestamp())),
            actual=timestamp,
            explanation=explanation,
        ):
            return False
        probe = headers.get("wechatpay-signature", "").startswith(_PROBE)
        verified = not probe and bool(headers.get("wechatpay-nonce")) and self._verified(headers, body)
        explanation = "It is one of WeChat Pay's probes, which must be refused." if probe else _SIGNED_TEXT
        return checks.check("signature", verified, explanation=explanation)

    def _verified(self, headers: Mapping[str, str], body: str) -> bool:
        try:
            return self._client.verified(headers, body)
        except Exception:  # noqa: BLE001 - the library stumbles over odd headers in many ways: none of them is a signature
            return False

    def _resource(self, headers: Mapping[str, str], body: str) -> Mapping[str, object] | None:
        try:
            text = self._client.decrypted(headers, body)
            return None if text is None else json_object(text)
        except Exception:  # noqa: BLE001 - the library stumbles over odd resources in many ways
            return None

    def _read(
        self, checks: CheckList, outer: Mapping[str, object], resource: Mapping[str, object], event_id: str | None
    ) -> Reading:
        event = optional_text_in(outer, "event_type") or ""
        numbers = optional_text_in(resource, "out_trade_no"), optional_text_in(resource, "transaction_id")
        news: News | None = None
        if self._is_ours(checks, event, resource):
            try:
                news = _news(event, resource)
            except ValueError as error:
                checks.check("content", False, explanation=f"The resource cannot be understood: {error}.")
            else:
                checks.check("content", True)
        return Reading(checks.made, news, *numbers, event_id)

    def _is_ours(self, checks: CheckList, event: str, resource: Mapping[str, object]) -> bool:
        """Refunds name the merchant and no app; kinds of events that we do not know may name neither, and change nothing."""
        is_payment, is_refund = event.startswith(_TRANSACTION), event.startswith(_REFUND)
        mch_id, app_id = optional_text_in(resource, "mchid"), optional_text_in(resource, "appid")
        if mch_id is None and not (is_payment or is_refund):
            checks.skip("mch_id", "This kind of notification need not carry it.")
        elif not checks.agrees("mch_id", self._merchant.mch_id, mch_id):
            return False
        if app_id is None and not is_payment:
            checks.skip("app_id", "This kind of notification does not carry it.")
            return True
        return checks.agrees("app_id", self._merchant.app_id, app_id)


def _news(event: str, resource: Mapping[str, object]) -> News:
    if event.startswith(_TRANSACTION):
        return _payment_news(resource)
    if event.startswith(_REFUND):
        reply = orders.refund(resource, "refund_status")
        reference = text_in(resource, "out_refund_no")
        return RefundNews(refund_standing(reply), reference, reply.refund_id, Money(reply.fen, CURRENCY))
    return NoNews("It is neither about a payment nor about a refund.")


def _payment_news(resource: Mapping[str, object]) -> News:
    trade = orders.trade(resource)
    text_in(resource, "out_trade_no")
    if trade.state is not TradeState.SUCCESS or trade.transaction_id is None or trade.fen is None:
        return NoNews("The notification does not say that the order is paid.")
    paid = Approved(trade.transaction_id, trade.fen, captured=True, paid_at=trade.paid_at)
    return PaymentNews(paid, Money(trade.fen, CURRENCY))


def _is_recent(timestamp: str, came: datetime) -> bool:
    """Whether a signed message's own time, in seconds since 1970, is near that at which it came."""
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        return False
    return abs(came.timestamp() - int(timestamp)) <= _SIGNED_WITHIN.total_seconds()
