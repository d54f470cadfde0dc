"""Reads a notification with one merchant's credentials: first whether Alipay wrote it for that merchant, then what it says."""

from collections.abc import Callable

from gateways.alipay.config import Credentials
from gateways.alipay.news import gateway_number, news_of
from gateways.alipay.notification import SIGN, SIGN_TYPE, Notification, read_notification
from gateways.rsa_keys import verified
from server.domain.callback import CallbackMessage, Check, CheckResult, News, Reading, Unreadable

_FORMAT = "format"
_CONTENT = "content"
_SIGN_TYPE_NEEDED = "RSA2"
_LONGEST_DETAIL = 64
_LONGEST_LIST = 400

_Step = Callable[[Notification, Credentials], Check]


def read_callback(message: CallbackMessage, credentials: Credentials) -> Reading:
    """The form, the kind and the value of the signature, whom it is for, and what it says, in this order; what comes after a failure is skipped."""
    try:
        notification = read_notification(message)
    except Unreadable as error:
        return Reading((Check(_FORMAT, CheckResult.FAILED, explanation=f"the body {error}"), *_skipped(0)))
    checks = [Check(_FORMAT, CheckResult.PASSED)]
    for done, (_, step) in enumerate(_STEPS):
        checks.append(step(notification, credentials))
        if checks[-1].result is CheckResult.FAILED:
            return _reading(notification, (*checks, *_skipped(done + 1)), None)
    try:
        news = news_of(notification)
    except ValueError as error:
        return _reading(notification, (*checks, Check(_CONTENT, CheckResult.FAILED, explanation=str(error))), None)
    return _reading(notification, (*checks, Check(_CONTENT, CheckResult.PASSED)), news)


def _sign_type(notification: Notification, _credentials: Credentials) -> Check:
    """A weaker signature is refused even where it would be valid."""
    actual = notification.fields.get(SIGN_TYPE)
    result = _result(actual == _SIGN_TYPE_NEEDED)
    return Check(SIGN_TYPE, result, _SIGN_TYPE_NEEDED, _short(actual), "Alipay signs with SHA-256 and RSA alone.")


def _signature(notification: Notification, credentials: Credentials) -> Check:
    names = ", ".join(sorted(name for name in notification.fields if name not in (SIGN, SIGN_TYPE)))
    explanation = (
        f"RSA2 by the configured Alipay key over these fields as name=value, joined by & in this order, in {notification.charset}, "
        f"the empty ones included: {names}"
    )
    valid = verified(credentials.alipay_key, notification.signed, notification.fields.get(SIGN))
    return Check("signature", _result(valid), explanation=explanation[:_LONGEST_LIST])


def _app_id(notification: Notification, credentials: Credentials) -> Check:
    return _same(notification, "app_id", notification.fields.get("app_id"), credentials.app_id)


def _seller_id(notification: Notification, credentials: Credentials) -> Check:
    if credentials.seller_id is None:
        return Check("seller_id", CheckResult.SKIPPED, explanation="No seller_id is configured.")
    actual = notification.fields.get("seller_id") or notification.fields.get("payee_user_id")
    return _same(notification, "seller_id", actual, credentials.seller_id)


def _same(notification: Notification, name: str, actual: str | None, expected: str) -> Check:
    """The documented JSON need not name the merchant; where it does, and in Alipay's own notifications always, it must be ours."""
    if not actual and not notification.native:
        return Check(name, CheckResult.SKIPPED, expected, explanation="The documented JSON does not carry it.")
    return Check(name, _result(actual == expected), expected, _short(actual))


_STEPS: tuple[tuple[str, _Step], ...] = (
    (SIGN_TYPE, _sign_type),
    ("signature", _signature),
    ("app_id", _app_id),
    ("seller_id", _seller_id),
)


def _skipped(done: int) -> list[Check]:
    names = (*(name for name, _ in _STEPS), _CONTENT)
    return [Check(name, CheckResult.SKIPPED) for name in names[done:]]


def _reading(notification: Notification, checks: tuple[Check, ...], news: News | None) -> Reading:
    return Reading(
        checks,
        news,
        reference=notification.number(),
        gateway_payment_id=gateway_number(notification),
        event_id=notification.fields.get("notify_id") or None,
    )


def _result(passed: bool) -> CheckResult:
    return CheckResult.PASSED if passed else CheckResult.FAILED


def _short(text: str | None) -> str | None:
    return None if text is None else text[:_LONGEST_DETAIL]
