"""Stripe's words, translated."""

from dataclasses import replace
from datetime import date
from typing import Any

import aiohttp
import pytest
import stripe

from gateways.stripe.declines import decline_message, decline_reason
from gateways.stripe.failures import Failure, Why, failure_of
from gateways.stripe.outcomes import failed_outcome, failed_repeat_outcome, outcome_of
from gateways.stripe.replies import Intent, Movement, PaymentError
from server.domain.errors import InvalidAmount
from server.domain.outcomes import (
    Approved,
    Canceled,
    Declined,
    DeclineReason,
    NextAction,
    NextActionKind,
    NotSent,
    Outcome,
    Refused,
    Unknown,
    Waiting,
)

# The SDK types its calls, not its errors.
sdk: Any = stripe

URL = "https://hooks.stripe.example/3ds"
FAILED = PaymentError("card_declined", "insufficient_funds", "Your card has insufficient funds.")


def an_intent(status: str, *, redirect_url: str | None = None, error: PaymentError | None = None) -> Intent:
    return Intent("pi_1", status, 1200, 5949, "REFERENCE", redirect_url, error, "https://receipt.example", None, False)


@pytest.mark.parametrize(
    ("intent", "outcome"),
    [
        (an_intent("succeeded"), Approved("pi_1", 1200, True, "https://receipt.example")),
        (
            replace(an_intent("succeeded"), movement=Movement(65, date(2026, 1, 3))),
            Approved("pi_1", 1200, True, "https://receipt.example", fee_minor=65, available_on=date(2026, 1, 3)),
        ),
        (an_intent("requires_capture"), Approved("pi_1", 5949, False, "https://receipt.example")),
        (
            an_intent("requires_action", redirect_url=URL),
            Waiting("pi_1", NextAction(NextActionKind.REDIRECT, URL)),
        ),
        (an_intent("requires_action"), Waiting("pi_1")),
        (an_intent("requires_confirmation"), Waiting("pi_1")),
        (an_intent("processing"), Waiting("pi_1")),
        (an_intent("canceled"), Canceled("pi_1")),
        (
            an_intent("requires_payment_method", error=FAILED),
            Declined(DeclineReason.INSUFFICIENT_FUNDS, "Your card has insufficient funds.", "pi_1"),
        ),
    ],
)
def test_every_status_of_an_intent_is_an_outcome(intent: Intent, outcome: Outcome) -> None:
    """An intent stands somewhere on its way to the money."""
    assert outcome_of(intent) == outcome


@pytest.mark.parametrize("status", ["requires_payment_method", "a_status_of_next_year"])
def test_a_status_that_says_nothing_is_unknown(status: str) -> None:
    """An intent without an error was not refused, and a status that we do not know is no reason to give up."""
    assert isinstance(outcome_of(an_intent(status)), Unknown)


@pytest.mark.parametrize(
    ("code", "decline_code", "reason"),
    [
        ("card_declined", "generic_decline", DeclineReason.CARD_DECLINED),
        ("card_declined", "insufficient_funds", DeclineReason.INSUFFICIENT_FUNDS),
        ("card_declined", "lost_card", DeclineReason.CARD_DECLINED),
        ("card_declined", "expired_card", DeclineReason.EXPIRED_CARD),
        ("expired_card", None, DeclineReason.EXPIRED_CARD),
        ("expired_card", "expired_card", DeclineReason.EXPIRED_CARD),
        ("incorrect_cvc", None, DeclineReason.INCORRECT_CVC),
        ("incorrect_cvc", "incorrect_cvc", DeclineReason.INCORRECT_CVC),
        ("processing_error", None, DeclineReason.PROCESSING_ERROR),
        ("card_declined", "issuer_not_available", DeclineReason.PROCESSING_ERROR),
        ("payment_intent_authentication_failure", None, DeclineReason.CARD_DECLINED),
        (None, None, DeclineReason.CARD_DECLINED),
    ],
)
def test_codes_become_reasons(code: str | None, decline_code: str | None, reason: DeclineReason) -> None:
    """The issuer's own code decides where there is one."""
    assert decline_reason(code, decline_code) is reason


def test_a_decline_says_something_for_people() -> None:
    """Stripe's text on cards is passed on, in bounds; its text for developers is not."""
    assert decline_message("card_declined", "Your card was declined.") == "Your card was declined."
    assert decline_message(None, None) == "The card was declined."
    assert len(decline_message("card_declined", "x" * 10_000)) == 300
    assert "authentication" in decline_message("payment_intent_authentication_failure", "You can provide ...")


REPLAYED = {"Idempotent-Replayed": "true"}
CONNECTION = aiohttp.ClientConnectorError.__new__(aiohttp.ClientConnectorError)


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (CONNECTION, Why.NOT_SENT),
        (aiohttp.ConnectionTimeoutError(), Why.NOT_SENT),
        (aiohttp.InvalidURL("stripe"), Why.NOT_SENT),
        (sdk.RateLimitError("slow down", http_status=429), Why.NOT_SENT),
        (aiohttp.ServerDisconnectedError(), Why.LOST),
        (aiohttp.ClientOSError(104, "reset"), Why.LOST),
        (TimeoutError(), Why.LOST),
        (aiohttp.ClientPayloadError(), Why.LOST),
        (sdk.APIError("not JSON", http_status=200), Why.LOST),
        (sdk.APIError("key in use", http_status=409), Why.LOST),
        (sdk.APIError("sorry", http_status=500), Why.LOST),
        (sdk.APIError("sorry", http_status=500, headers=REPLAYED), Why.STUCK),
        (sdk.IdempotencyError("other parameters", http_status=400), Why.STUCK),
        (sdk.AuthenticationError("no", http_status=401), Why.DENIED),
        (sdk.PermissionError("no", http_status=403), Why.DENIED),
        (sdk.InvalidRequestError("no", "amount", code="amount_too_small", http_status=400), Why.INVALID),
        (InvalidAmount("amount", "must have at most 0 decimals"), Why.INVALID),
        (KeyError("status"), Why.LOST),
        (AttributeError("to_dict"), Why.LOST),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else value.name,
)
def test_what_a_failure_says_of_the_operation(error: Exception, why: Why) -> None:
    """Only a connection that never was, or being turned away unread, proves that nothing was executed."""
    assert failure_of(error).why is why


def test_a_decline_keeps_what_stripe_says_of_it() -> None:
    """Code, issuer's code, text and the intent that holds the failed try."""
    body = {"error": {"code": "card_declined", "decline_code": "lost_card", "payment_intent": {"id": "pi_1"}}}
    error = sdk.CardError("Your card was declined.", None, "card_declined", json_body=body, http_status=402)
    assert failure_of(error) == Failure(
        Why.DECLINED, "card_declined", "lost_card", None, "Your card was declined.", "pi_1"
    )


@pytest.mark.parametrize("body", [None, [], {"error": "oops"}, {"error": {"payment_intent": "pi_1", "code": 7}}])
def test_a_decline_in_an_odd_shape_is_a_decline_still(body: object) -> None:
    """What cannot be read is left out."""
    error = sdk.CardError("Your card was declined.", None, "card_declined", json_body=body)
    assert failure_of(error) == Failure(Why.DECLINED, message="Your card was declined.")


@pytest.mark.parametrize(
    ("why", "first", "repeated"),
    [
        (Why.NOT_SENT, NotSent, Unknown),
        (Why.LOST, Unknown, Unknown),
        (Why.STUCK, Unknown, Unknown),
        (Why.DENIED, Refused, Unknown),
        (Why.INVALID, Refused, Refused),
        (Why.DECLINED, Declined, Declined),
    ],
)
def test_a_repeat_that_never_arrived_says_nothing_of_the_first_call(
    why: Why, first: type[Outcome], repeated: type[Outcome]
) -> None:
    """A first call that never left failed for certain; an earlier one may have been executed all the same."""
    assert isinstance(failed_outcome(Failure(why)), first)
    assert isinstance(failed_repeat_outcome(Failure(why)), repeated)


def test_a_refusal_names_stripes_code_and_not_its_text() -> None:
    """Stripe's text can quote parameters and keys."""
    outcome = failed_outcome(Failure(Why.INVALID, code="amount_too_small", param="amount", payment_intent_id="pi_1"))
    assert outcome == Refused("Stripe refused the request: amount_too_small, amount.", "pi_1")
    assert failed_outcome(Failure(Why.INVALID)) == Refused("Stripe refused the request.")
