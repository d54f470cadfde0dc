"""Reads the open platform's messages, which come to the application's gateway address: a complaint that began or changed, and what concerns nobody here."""

from gateways.alipay.callback import CHECKS, is_genuine
from gateways.alipay.complaint_api import ComplaintApi
from gateways.alipay.complaints import Complaint, complaint_id_in
from gateways.alipay.config import Credentials
from gateways.alipay.failures import Failure, Why
from gateways.alipay.notification import MESSAGE, Notification, form_pairs, read_notification
from gateways.checklist import Checklist
from server.domain.callback import (
    CallbackFormat,
    CallbackMessage,
    DisputeNews,
    News,
    NoNews,
    Reading,
    Unreadable,
)
from server.domain.strict_json import strict_object

_COMPLAINT_CHANGED = "alipay.merchant.tradecomplain.changed"
_CONTENT = "biz_content"
_OTHER_MESSAGE = "It is a message of another kind than those on complaints."
_NO_TRADE = "The complaint is about no trade."


def is_message(message: CallbackMessage) -> bool:
    """Whether a form claims to be a message: notifications of trades name no method."""
    if message.format is not CallbackFormat.FORM:
        return False
    try:
        return any(name == MESSAGE.encode() for name, _ in form_pairs(message.body))
    except Unreadable:
        return False


class Messages:
    """With one merchant's credentials. Source: the open platform's page on messages from Ant (common/02km9j), and that of alipay.merchant.tradecomplain.changed."""

    def __init__(self, credentials: Credentials, api: ComplaintApi) -> None:
        self._credentials = credentials
        self._api = api

    async def read(self, message: CallbackMessage) -> Reading:
        """A message on a complaint names it and no more: once the message is believed, Alipay is asked for the rest."""
        checks = Checklist(*CHECKS)
        try:
            notification = read_notification(message)
        except Unreadable as error:
            checks.check("format", False, explanation=f"the body {error}")
            return Reading(checks.made)
        checks.check("format", True)
        event_id = notification.fields.get("notify_id") or None
        if not is_genuine(checks, notification, self._credentials):
            return Reading(checks.made, event_id=event_id)
        if not checks.agrees("app_id", self._credentials.app_id, notification.fields.get("app_id")):
            return Reading(checks.made, event_id=event_id)
        if notification.fields[MESSAGE] != _COMPLAINT_CHANGED:
            checks.skip("seller_id", "This kind of message does not carry it.")
            checks.check("content", True)
            return Reading(checks.made, NoNews(_OTHER_MESSAGE), event_id=event_id)
        return await self._read_complaint(checks, notification, event_id)

    async def _read_complaint(self, checks: Checklist, notification: Notification, event_id: str | None) -> Reading:
        try:
            number = complaint_id_in(strict_object(notification.fields.get(_CONTENT, "")))
        except ValueError as error:
            checks.check("content", False, explanation=f"{_CONTENT} cannot be understood: {error}.")
            return Reading(checks.made, event_id=event_id)
        complaint = await self._api.complaint(number)
        if isinstance(complaint, Failure):
            return _untold(checks, complaint, event_id)
        news: News | None = None
        if self._is_ours(checks, complaint):
            checks.check("content", True)
            about_a_trade = complaint.reference is not None or complaint.trade_no is not None
            news = DisputeNews(complaint.report) if about_a_trade else NoNews(_NO_TRADE)
        return Reading(checks.made, news, complaint.reference, complaint.trade_no, event_id)

    def _is_ours(self, checks: Checklist, complaint: Complaint) -> bool:
        """Alipay showed it to this application; where it names a merchant as well, that must be ours."""
        if self._credentials.seller_id is None:
            checks.skip("seller_id", "No seller_id is configured.")
            return True
        if complaint.seller_id is None:
            checks.skip("seller_id", "The complaint is against an application.")
            return True
        return checks.agrees("seller_id", self._credentials.seller_id, complaint.seller_id)


def _untold(checks: Checklist, failure: Failure, event_id: str | None) -> Reading:
    """A complaint that Alipay does not show to this application is refused. That the application may not ask at all is for somebody to mend: the message is taken later."""
    named = f" ({failure.code})" if failure.code else ""
    if failure.why is Why.BUSINESS:
        checks.check("content", False, explanation=f"Alipay shows no such complaint to this application{named}.")
        return Reading(checks.made, event_id=event_id)
    checks.skip("content", f"Alipay does not tell now what the complaint is{named}.")
    return Reading(checks.made, event_id=event_id, later=True)
