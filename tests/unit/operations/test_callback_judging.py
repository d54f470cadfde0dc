"""What a callback says is judged against what was asked for."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.callback import Check, CheckResult, DisputeNews, PaymentNews, RefundNews
from server.domain.dispute import DisputeReport, DisputeStatus
from server.domain.money import Money
from server.domain.outcomes import Approved, Refunded
from server.domain.payment import CaptureMethod
from server.operations.callback_judging import (
    NOT_OURS,
    Verdict,
    attempt_checks,
    dispute_checks,
    in_words,
    payment_checks,
    refund_checks,
    short,
)
from tests.builders import a_payment, a_refund, an_attempt

PASSED, FAILED, SKIPPED = CheckResult.PASSED, CheckResult.FAILED, CheckResult.SKIPPED
PAYMENT = a_payment("100.00", "CNY")


def news(amount: str | None, currency: str = "CNY") -> PaymentNews:
    money = None if amount is None else Money.parse(amount, currency)
    return PaymentNews(Approved("T1", 1, captured=True), money)


@pytest.mark.parametrize(
    ("told", "manual", "results"),
    [
        (news("100.00"), False, (PASSED, PASSED)),
        (news("100.01"), False, (PASSED, FAILED)),
        (news("99.99"), False, (PASSED, FAILED)),
        (news("0.01"), False, (PASSED, FAILED)),
        (news("100.00", "USD"), False, (FAILED, SKIPPED)),
        (news(None), False, (SKIPPED, SKIPPED)),
        (news("100.00"), True, (PASSED, PASSED)),
        (news("0.01"), True, (PASSED, PASSED)),
        (news("100.01"), True, (PASSED, FAILED)),
        (news("1.00", "USD"), True, (FAILED, SKIPPED)),
    ],
)
def test_the_money_is_what_was_asked_for(
    told: PaymentNews, manual: bool, results: tuple[CheckResult, CheckResult]
) -> None:
    """All of it, or at most all where a part may be captured; an amount of another currency is not compared."""
    method = CaptureMethod.MANUAL if manual else CaptureMethod.AUTOMATIC
    checks = payment_checks(replace(PAYMENT, capture_method=method), told)
    assert [check.name for check in checks] == ["currency", "amount"]
    assert tuple(check.result for check in checks) == results
    failed = Verdict(checks).failed
    assert (failed is not None) is (FAILED in results)


def test_nothing_is_not_a_part() -> None:
    """A callback that says that nothing was paid does not speak of a part of it."""
    told = replace(news("1.00"), money=Money(0, "CNY"))
    checks = payment_checks(replace(PAYMENT, capture_method=CaptureMethod.MANUAL), told)
    assert checks[1].result is FAILED


@pytest.mark.parametrize(("amount", "result"), [("12.00", PASSED), ("12.01", FAILED), ("11.99", FAILED)])
def test_a_refund_is_all_of_what_it_was_for(amount: str, result: CheckResult) -> None:
    """Never a part."""
    payment = replace(a_payment("100.00", "CNY", captured="100.00"), capture_method=CaptureMethod.MANUAL)
    told = RefundNews(Refunded("R1"), money=Money.parse(amount, "CNY"))
    assert refund_checks(a_refund(payment, "12.00"), told)[1].result is result


@pytest.mark.parametrize(("version", "result"), [(1, FAILED), (2, FAILED), (3, PASSED), (4, PASSED)])
def test_older_credentials_do_not_speak_for_newer_payments(version: int, result: CheckResult) -> None:
    """They can have been replaced because somebody else has them."""
    attempt = replace(an_attempt(PAYMENT), config_version=3)
    known, allowed = attempt_checks(attempt, attempt.reference, version)
    assert (known.result, allowed.result) == (PASSED, result)


def test_a_number_that_is_not_ours() -> None:
    """Is told as such, and nothing more is asked."""
    known, allowed = attempt_checks(None, "NOBODYS", 1)
    assert (known.name, known.result, known.actual, allowed.result) == (NOT_OURS, FAILED, "NOBODYS", SKIPPED)


def test_the_first_failed_check_is_the_reason() -> None:
    """With both sides where there are two."""
    first = Check("amount", FAILED, "1.00", "2.00")
    assert in_words([Check("signature", PASSED), first, Check("currency", FAILED)]) == (
        "amount does not agree: expected 1.00, got 2.00"
    )
    assert in_words([Check("signature", FAILED)]) == "signature does not agree"
    assert in_words([Check("signature", PASSED), Check("amount", SKIPPED)]) is None


@given(st.text(st.characters(exclude_categories=())))
def test_a_text_from_outside_can_be_stored(text: str) -> None:
    """By every database, in every index: no NUL, no half of a character, and not for ever."""
    shown = short(text)
    assert shown is not None
    assert "\0" not in shown
    assert len(shown.encode()) <= 400
    assert short(shown) == shown
    assert short(None) is None


@pytest.mark.parametrize(
    ("told", "results"),
    [
        (Money(10000, "CNY"), (PASSED, PASSED)),
        (Money(1, "CNY"), (PASSED, PASSED)),
        (Money(10001, "CNY"), (PASSED, PASSED)),
        (Money(0, "CNY"), (PASSED, FAILED)),
        (Money(-1, "CNY"), (PASSED, FAILED)),
        (Money(10000, "USD"), (FAILED, PASSED)),
    ],
)
def test_a_dispute_is_of_some_of_the_payments_money(told: Money, results: tuple[CheckResult, ...]) -> None:
    """How much is the bank's to say, and can be more: exchange rates move. Of nothing there is none."""
    report = DisputeReport("du_1", DisputeStatus.NEEDS_RESPONSE, told, "fraudulent", rank=1)
    assert tuple(check.result for check in dispute_checks(PAYMENT, DisputeNews(report))) == results
