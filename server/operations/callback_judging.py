"""Judges what a callback says against what was asked for; that its signature holds was found out before."""

from collections.abc import Sequence
from dataclasses import dataclass

from server.domain.attempt import Attempt
from server.domain.callback import Check, CheckResult, DisputeNews, PaymentNews, PayoutNews, RefundNews
from server.domain.money import Money
from server.domain.payment import CaptureMethod, Payment
from server.domain.payout import Payout
from server.domain.refund import Refund

_LONGEST = 100

NOT_OURS = "payment"
"""The check that fails when no payment of ours has the callback's number."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Our own checks of the money: a callback that is signed rightly and fails them is put into quarantine, as money may have moved."""

    checks: tuple[Check, ...]

    @property
    def failed(self) -> Check | None:
        """The first check that does not agree."""
        return next((check for check in self.checks if check.result is CheckResult.FAILED), None)


def attempt_checks(attempt: Attempt | None, reference: str | None, version: int) -> tuple[Check, ...]:
    """Whether there is such a payment, and whether the credentials that the callback was checked with may speak for it.

    Credentials older than the payment's own may not: they can have been replaced because somebody else has them.
    """
    if attempt is None:
        why = "no payment of ours has this number at the gateway"
        missing = Check(NOT_OURS, CheckResult.FAILED, actual=short(reference), explanation=why)
        return missing, Check("config_version", CheckResult.SKIPPED)
    known = Check(NOT_OURS, CheckResult.PASSED, expected=attempt.reference, actual=short(reference))
    return known, version_check(version, attempt.config_version, "the payment was made")


def version_check(version: int, oldest: int, since: str) -> Check:
    """Whether the credentials that the callback was checked with may speak for something: older ones can have been replaced because somebody else has them."""
    passed = version >= oldest
    return Check(
        "config_version",
        CheckResult.PASSED if passed else CheckResult.FAILED,
        expected=f"at least {oldest}",
        actual=str(version),
        explanation=None if passed else f"it is signed with credentials that were replaced before {since}",
    )


def payment_checks(payment: Payment, news: PaymentNews) -> tuple[Check, ...]:
    """Whether the money is what was asked for: all of it, or at most all where a part may be captured."""
    may_be_less = payment.capture_method is CaptureMethod.MANUAL
    return _money_checks(payment.money, news.money, may_be_less=may_be_less)


def refund_checks(refund: Refund, news: RefundNews) -> tuple[Check, ...]:
    """Whether the money is what the refund was for."""
    return _money_checks(refund.money, news.money, may_be_less=False)


def payout_checks(payout: Payout, news: PayoutNews) -> tuple[Check, ...]:
    """Whether the money is what the payout was for."""
    return _money_checks(payout.money, news.report.money, may_be_less=False)


def dispute_checks(payment: Payment, news: DisputeNews) -> tuple[Check, ...]:
    """Whether the money can be the payment's. How much of it is disputed is the bank's to say, and can be more: exchange rates move."""
    expected, told = payment.money.currency, news.report.money
    return (
        _compared("currency", expected, told.currency, agrees=expected == told.currency),
        # Of nothing there is no dispute, and none is stored.
        _compared("amount", "more than 0", str(told), agrees=told.amount_minor > 0),
    )


def _money_checks(expected: Money, told: Money | None, *, may_be_less: bool) -> tuple[Check, ...]:
    if told is None:
        why = "the callback names no amount"
        return (
            Check("currency", CheckResult.SKIPPED, explanation=why),
            Check("amount", CheckResult.SKIPPED, explanation=why),
        )
    currency = _compared("currency", expected.currency, told.currency, agrees=told.currency == expected.currency)
    if currency.result is CheckResult.FAILED:
        return currency, Check("amount", CheckResult.SKIPPED)
    equal = told.amount_minor == expected.amount_minor
    less = may_be_less and 0 < told.amount_minor < expected.amount_minor
    return currency, _compared("amount", str(expected), str(told), agrees=equal or less)


def _compared(name: str, expected: str, actual: str, *, agrees: bool) -> Check:
    if agrees:
        return Check(name, CheckResult.PASSED, expected, actual)
    why = "signed rightly, but not what was asked for: compare with the gateway's own records before anything is done"
    return Check(name, CheckResult.FAILED, expected, actual, why)


def in_words(checks: Sequence[Check]) -> str | None:
    """Why a callback is not believed; None when nothing speaks against it."""
    failed = next((check for check in checks if check.result is CheckResult.FAILED), None)
    if failed is None:
        return None
    compared = (
        f": expected {short(failed.expected)}, got {short(failed.actual)}" if failed.expected and failed.actual else ""
    )
    return f"{failed.name} does not agree{compared}"


def short(text: str | None) -> str | None:
    """A text that came from outside, cut to what a person reads and without what no database stores: NUL, and halves of characters."""
    return None if text is None else text[:_LONGEST].replace("\0", "?").encode(errors="replace").decode()
