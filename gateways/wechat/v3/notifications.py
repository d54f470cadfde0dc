"""Reads API v3's notifications: JSON whose signature is in the headers and whose resource is encrypted."""

from collections.abc import Mapping

from gateways.checklist import Checklist
from gateways.wechat.amounts import CURRENCY
from gateways.wechat.credentials import Credentials
from gateways.wechat.failures import Failure, Why
from gateways.wechat.fields import json_object, optional_text_in, text_in
from gateways.wechat.outcomes import refund_standing
from gateways.wechat.replies import TradeState
from gateways.wechat.v3 import envelope, orders
from gateways.wechat.v3.api import V3Api
from gateways.wechat.v3.client import Client
from gateways.wechat.v3.complaints import complaint_id_in
from server.domain.callback import CallbackMessage, DisputeNews, News, NoNews, PaymentNews, Reading, RefundNews
from server.domain.clock import Clock
from server.domain.money import Money
from server.domain.outcomes import Approved

_CHECKS = ("format", *envelope.CHECKS, "mch_id", "app_id", "content")

_TRANSACTION = "TRANSACTION."
_REFUND = "REFUND."
_COMPLAINT = "COMPLAINT."


class V3Notifications:
    """With one merchant's keys."""

    def __init__(self, merchant: Credentials, client: Client, api: V3Api, clock: Clock) -> None:
        self._merchant = merchant
        self._api = api
        self._clock = clock
        self._envelopes = envelope.Envelopes(client)

    async def read(self, message: CallbackMessage) -> Reading:
        """Source: pay.weixin.qq.com, API v3, payment and refund notifications."""
        checks = Checklist(*_CHECKS)
        try:
            body = message.body.decode()
            outer = json_object(body)
        except ValueError:
            explanation = "The body is not a JSON object in UTF-8 that names each key once."
            checks.check("format", False, explanation=explanation)
            return Reading(checks.made)
        checks.check("format", True)
        event_id = optional_text_in(outer, "id")
        try:
            resource = await self._envelopes.opened(checks, message, body)
        except envelope.NotNow:
            return Reading(checks.made, event_id=event_id, later=True)
        if resource is None:
            return Reading(checks.made, event_id=event_id)
        if (optional_text_in(outer, "event_type") or "").startswith(_COMPLAINT):
            return await self._read_complaint(checks, resource, event_id)
        return self._read(checks, outer, resource, event_id)

    async def _read_complaint(self, checks: Checklist, resource: Mapping[str, object], event_id: str | None) -> Reading:
        """Such a notification names the complaint alone: WeChat Pay is asked for the rest."""
        try:
            number = complaint_id_in(resource)
        except ValueError as error:
            checks.check("content", False, explanation=f"The resource cannot be understood: {error}.")
            return Reading(checks.made, event_id=event_id)
        complaint = await self._api.complaint(number, self._clock.now())
        if isinstance(complaint, Failure):
            if complaint.why in (Why.NOT_FOUND, Why.INVALID):
                checks.check("content", False, explanation="WeChat Pay shows no such complaint to this merchant.")
                return Reading(checks.made, event_id=event_id)
            checks.skip("content", "WeChat Pay does not tell now what the complaint is.")
            return Reading(checks.made, event_id=event_id, later=True)
        checks.skip("app_id", "This kind of notification does not carry it.")
        news: News | None = None
        if checks.agrees("mch_id", self._merchant.mch_id, complaint.mch_id):
            checks.check("content", True)
            news = DisputeNews(complaint.report)
        return Reading(checks.made, news, complaint.reference, complaint.transaction_id, event_id)

    def _read(
        self, checks: Checklist, outer: Mapping[str, object], resource: Mapping[str, object], event_id: str | None
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

    def _is_ours(self, checks: Checklist, event: str, resource: Mapping[str, object]) -> bool:
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
    # Money in another currency than was asked for is told of as what it is, and not as something that WeChat Pay did not say.
    currency = orders.trade_currency(resource) if "amount" in resource else CURRENCY
    trade = orders.trade(resource, currency)
    text_in(resource, "out_trade_no")
    if trade.state is not TradeState.SUCCESS or trade.transaction_id is None or trade.fen is None:
        return NoNews("The notification does not say that the order is paid.")
    paid = Approved(trade.transaction_id, trade.fen, captured=True, paid_at=trade.paid_at)
    return PaymentNews(paid, Money(trade.fen, currency))
