"""Reads a notification with one merchant's credentials: first whether Alipay wrote it for that merchant, then what it says."""

from gateways.alipay.config import Credentials
from gateways.alipay.news import gateway_number, news_of
from gateways.alipay.notification import SIGN, SIGN_TYPE, Notification, read_notification
from gateways.checklist import Checklist
from gateways.rsa_keys import verified
from server.domain.callback import CallbackMessage, News, Reading, Unreadable

CHECKS = ("format", SIGN_TYPE, "signature", "app_id", "seller_id", "content")
_SIGN_TYPE_NEEDED = "RSA2"
_LONGEST_LIST = 2000


def read_callback(message: CallbackMessage, credentials: Credentials) -> Reading:
    """The form, the kind and the value of the signature, whom it is for, and what it says, in this order; what comes after a failure is skipped."""
    checks = Checklist(*CHECKS)
    try:
        notification = read_notification(message)
    except Unreadable as error:
        checks.check("format", False, explanation=f"the body {error}")
        return Reading(checks.made)
    checks.check("format", True)
    news = _news(checks, notification, credentials)
    return Reading(
        checks.made,
        news,
        reference=notification.number(),
        gateway_payment_id=gateway_number(notification),
        event_id=notification.fields.get("notify_id") or None,
    )


def _news(checks: Checklist, notification: Notification, credentials: Credentials) -> News | None:
    if not (is_genuine(checks, notification, credentials) and _is_ours(checks, notification, credentials)):
        return None
    try:
        news = news_of(notification)
    except ValueError as error:
        checks.check("content", False, explanation=str(error))
        return None
    checks.check("content", True)
    return news


def is_genuine(checks: Checklist, notification: Notification, credentials: Credentials) -> bool:
    """A weaker signature is refused even where it would be valid. Of a message both texts will do, with `sign_type` and without, as in Alipay's own SDK for Node: only Alipay can sign either."""
    kind = notification.fields.get(SIGN_TYPE)
    why = "Alipay signs with SHA-256 and RSA alone."
    if not checks.check(SIGN_TYPE, kind == _SIGN_TYPE_NEEDED, expected=_SIGN_TYPE_NEEDED, actual=kind, explanation=why):
        return False
    names = ", ".join(sorted(name for name in notification.fields if name not in (SIGN, SIGN_TYPE)))
    covered = (
        f"RSA2 by the Alipay key in public_key over these fields as name=value, joined by & in this order, in {notification.charset}, "
        f"the empty ones included: {names}"
    )
    texts = [text for text in (notification.signed, notification.signed_whole) if text is not None]
    valid = any(verified(credentials.alipay_key, text, notification.fields.get(SIGN)) for text in texts)
    return checks.check("signature", valid, explanation=covered[:_LONGEST_LIST])


def _is_ours(checks: Checklist, notification: Notification, credentials: Credentials) -> bool:
    fields = notification.fields
    if not _agrees(checks, notification, "app_id", credentials.app_id, fields.get("app_id")):
        return False
    if credentials.seller_id is None:
        checks.skip("seller_id", "No seller_id is configured.")
        return True
    seller_id = fields.get("seller_id") or fields.get("payee_user_id")
    return _agrees(checks, notification, "seller_id", credentials.seller_id, seller_id)


def _agrees(checks: Checklist, notification: Notification, name: str, expected: str, actual: str | None) -> bool:
    """The documented JSON need not name the merchant; where it does, and in Alipay's own notifications always, it must be ours."""
    if not actual and not notification.native:
        checks.skip(name, "The documented JSON does not carry it.")
        return True
    return checks.agrees(name, expected, actual)
