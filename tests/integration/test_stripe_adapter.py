"""The Stripe adapter with the real SDK against the simulated Stripe: what is Stripe's alone."""

import logging
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import stripe
import stripe._util as sdk_log

from server.domain.attempt import AttemptKind
from server.domain.gateway import Instrument, RawCard
from server.domain.money import Money
from server.domain.outcomes import (
    Approved,
    Declined,
    DeclineReason,
    Refused,
    Tokenised,
    TokeniseOutcome,
    Unusable,
    Waiting,
)
from server.domain.payment import CaptureMethod, ConfirmationMethod, PaymentMethodKind
from tests.contract.gateways import (
    A_CHALLENGED_CARD,
    A_FREE_CARD,
    RETURN_URL,
    Bench,
    a_wish,
    an_attempt,
    following,
    sandbox_url,
    stripe_bench,
)
from tests.integration.stripe_sandbox import client_of, closing

__all__ = ["sandbox_url", "stripe_bench"]

DECLINES = [
    ("4000000000000002", "visa_chargeDeclined", DeclineReason.CARD_DECLINED),
    ("4000000000009995", "visa_chargeDeclinedInsufficientFunds", DeclineReason.INSUFFICIENT_FUNDS),
    ("4000000000000069", "chargeDeclinedExpiredCard", DeclineReason.EXPIRED_CARD),
    ("4000000000000127", "chargeDeclinedIncorrectCvc", DeclineReason.INCORRECT_CVC),
    ("4000000000000119", "chargeDeclinedProcessingError", DeclineReason.PROCESSING_ERROR),
    ("4000000000009979", "visa_chargeDeclinedStolenCard", DeclineReason.CARD_DECLINED),
]


def of_token(token: str) -> Instrument:
    return Instrument(PaymentMethodKind.CARD, token=token)


def of_card(number: str = A_FREE_CARD, month: int = 12, year: int = 2040, cvc: str | None = "123") -> Instrument:
    return Instrument(PaymentMethodKind.CARD, RawCard(number, month, year, cvc))


async def tokenised(bench: Bench, instrument: Instrument) -> TokeniseOutcome:
    return await bench.open().tokenise(instrument, str(uuid4()))


@pytest.mark.parametrize(("number", "name", "reason"), DECLINES)
async def test_a_declined_card_has_its_documented_reason(
    stripe_bench: Bench, number: str, name: str, reason: DeclineReason
) -> None:
    """The same for a raw number and for Stripe's own token of that card; Stripe's number of the payment is known."""
    gateway = stripe_bench.open()
    for instrument in (of_card(number), of_token(f"pm_card_{name}")):
        method = await gateway.tokenise(instrument, str(uuid4()))
        assert isinstance(method, Tokenised)
        request = gateway.request_for(a_wish(token=method.token))
        outcome = await gateway.authorise(an_attempt(gateway, request=request, at=stripe_bench.clock.now()))
        assert isinstance(outcome, Declined)
        assert outcome.reason is reason
        assert outcome.gateway_payment_id is not None


@pytest.mark.parametrize("token", ["pm_card_visa", "tok_visa"])
async def test_a_token_and_a_number_of_one_card_agree(stripe_bench: Bench, token: str) -> None:
    """Both have one fingerprint, so that a card is known again however it is given."""
    of_number, by_token = await tokenised(stripe_bench, of_card()), await tokenised(stripe_bench, of_token(token))
    assert isinstance(of_number, Tokenised)
    assert isinstance(by_token, Tokenised)
    assert of_number.card is not None
    assert by_token.card is not None
    assert of_number.card.fingerprint == by_token.card.fingerprint
    assert by_token.token is not None
    assert by_token.token.startswith("pm_")


@pytest.mark.parametrize("token", ["pm_unknown", "tok_unknown", "src_1", "", "pm_../payment_intents"])
async def test_an_unknown_token_is_unusable(stripe_bench: Bench, token: str) -> None:
    """The token is at fault, not the gateway."""
    outcome = await tokenised(stripe_bench, of_token(token))
    assert isinstance(outcome, Unusable)
    assert outcome.field == "token"


async def test_a_token_is_used_once(stripe_bench: Bench) -> None:
    """Stripe's one-time tokens make one PaymentMethod."""
    async with closing(client_of(stripe_bench.url)) as client:
        card: Any = {"number": A_FREE_CARD, "exp_month": 12, "exp_year": 2040, "cvc": "123"}
        token = await client.v1.tokens.create_async({"card": card})
    assert isinstance(await tokenised(stripe_bench, of_token(token.id)), Tokenised)
    outcome = await tokenised(stripe_bench, of_token(token.id))
    assert isinstance(outcome, Unusable)
    assert outcome.field == "token"


async def test_nothing_to_pay_with_is_unusable(stripe_bench: Bench) -> None:
    """A card without number and token is no card."""
    assert isinstance(await tokenised(stripe_bench, Instrument(PaymentMethodKind.CARD)), Unusable)


@pytest.mark.parametrize(
    ("instrument", "field"),
    [
        (of_card("4242424242424241"), "card.number"),
        (of_card("42"), "card.number"),
        (of_card(month=13), "card.exp_month"),
        (of_card(month=0), "card.exp_month"),
        (of_card(year=2999), "card.exp_year"),
        (of_card(cvc="1"), "card.cvc"),
    ],
)
async def test_a_card_that_cannot_be_names_its_field(stripe_bench: Bench, instrument: Instrument, field: str) -> None:
    """What is wrong is named, and never repeated."""
    assert await tokenised(stripe_bench, instrument) == Unusable(field, "is not valid")


async def test_a_card_whose_time_is_over_is_expired(stripe_bench: Bench) -> None:
    """A date in the past is the issuer's business: a decline, also in the month after the card's last."""
    last_month = datetime.now(UTC).replace(day=1) - timedelta(days=1)
    for month, year in ((12, 2020), (last_month.month, last_month.year)):
        outcome = await tokenised(stripe_bench, of_card(month=month, year=year))
        assert isinstance(outcome, Declined)
        assert outcome.reason is DeclineReason.EXPIRED_CARD


async def test_stripe_hears_what_the_caller_said(stripe_bench: Bench) -> None:
    """Description, receipt, metadata and our reference stand on Stripe's payment; the receipt's address comes back."""
    gateway = stripe_bench.open()
    said: dict[str, Any] = {
        "description": "Order 1001",
        "receipt_email": "customer@example.com",
        "metadata": {"order_number": "1001"},
    }
    attempt = await stripe_bench.attempt(gateway, **said)
    outcome = await gateway.authorise(attempt)
    assert isinstance(outcome, Approved)
    assert outcome.receipt_url is not None
    async with closing(client_of(stripe_bench.url)) as client:
        intent = await client.v1.payment_intents.retrieve_async(outcome.gateway_payment_id)
    assert intent.description == "Order 1001"
    assert intent.receipt_email == "customer@example.com"
    assert intent.metadata.to_dict() == {"order_number": "1001", "sycee_reference": attempt.reference}
    assert intent.payment_method_types == ["card"]


async def test_forty_nine_keys_of_metadata_fit(stripe_bench: Bench) -> None:
    """Stripe takes fifty; one is ours."""
    gateway = stripe_bench.open()
    metadata = {f"key_{number}": "x" * 500 for number in range(49)}
    assert isinstance(await gateway.authorise(await stripe_bench.attempt(gateway, metadata=metadata)), Approved)


async def test_a_caller_without_a_page_gets_the_default_one(stripe_bench: Bench) -> None:
    """Stripe sends a customer who was challenged back to some page always."""
    gateway = stripe_bench.open()
    outcome = await gateway.authorise(await stripe_bench.attempt(gateway, A_CHALLENGED_CARD))
    assert isinstance(outcome, Waiting)
    assert outcome.next_action is not None
    assert outcome.next_action.url is not None
    assert outcome.gateway_payment_id is not None
    async with closing(client_of(stripe_bench.url)) as client:
        intent = await client.v1.payment_intents.retrieve_async(outcome.gateway_payment_id)
    assert intent.next_action is not None
    assert intent.next_action.redirect_to_url is not None
    assert intent.next_action.redirect_to_url.return_url == RETURN_URL


async def test_a_manual_confirmation_follows_the_challenge(stripe_bench: Bench) -> None:
    """After the challenge the payment waits for us: looking does not confirm it, asking does, and once."""
    gateway = stripe_bench.open()
    attempt = await stripe_bench.attempt(
        gateway, A_CHALLENGED_CARD, confirmation_method=ConfirmationMethod.MANUAL, capture_method=CaptureMethod.MANUAL
    )
    waiting = attempt.settle(await gateway.authorise(attempt), stripe_bench.clock.now())
    await stripe_bench.customer(attempt, "succeed")
    assert waiting.gateway_payment_id is not None
    assert await gateway.fetch(waiting) == Waiting(waiting.gateway_payment_id)
    confirmed = await gateway.resume(waiting)
    assert isinstance(confirmed, Approved)
    assert not confirmed.captured
    assert await gateway.resume(waiting) == await gateway.resume(attempt) == confirmed


async def test_a_card_declined_after_its_challenge_is_declined(stripe_bench: Bench) -> None:
    """The issuer may say no to a customer who has proved to be one."""
    gateway = stripe_bench.open()
    attempt = await stripe_bench.attempt(gateway, "4000008260003178", confirmation_method=ConfirmationMethod.MANUAL)
    waiting = attempt.settle(await gateway.authorise(attempt), stripe_bench.clock.now())
    await stripe_bench.customer(attempt, "succeed")
    for _ in range(2):
        outcome = await gateway.resume(waiting)
        assert isinstance(outcome, Declined)
        assert outcome.reason is DeclineReason.INSUFFICIENT_FUNDS


async def test_an_amount_below_stripes_least_is_refused(stripe_bench: Bench) -> None:
    """Stripe's bounds depend on its rates, so that it refuses them itself, now and when asked again."""
    gateway = stripe_bench.open()
    attempt = await stripe_bench.attempt(gateway, money=Money(10, "USD"))
    expected = Refused("Stripe refused the request: amount_too_small, amount.")
    assert await gateway.authorise(attempt) == expected
    assert await gateway.resume(attempt) == expected


async def test_a_payment_method_is_charged_once(stripe_bench: Bench) -> None:
    """Stripe refuses a PaymentMethod that belongs to nobody a second time."""
    gateway = stripe_bench.open()
    first = await stripe_bench.attempt(gateway)
    assert isinstance(await gateway.authorise(first), Approved)
    second = an_attempt(gateway, request=first.request, at=stripe_bench.clock.now())
    assert isinstance(await gateway.authorise(second), Refused)


async def test_an_inexpressible_capture_is_refused_unsent(stripe_bench: Bench) -> None:
    """A part of an ariary is nothing that Stripe could take; the reservation stands."""
    gateway = stripe_bench.open()
    authorised = await stripe_bench.authorised(gateway, Money(10_000_00, "MGA"))
    outcome = await gateway.capture(following(authorised, AttemptKind.CAPTURE, 5_000_50))
    assert outcome == Refused("Stripe refused the request: inexpressible_amount.")
    assert isinstance(await gateway.capture(following(authorised, AttemptKind.CAPTURE, 5_000_00)), Approved)


async def test_nothing_of_a_card_reaches_a_log(
    stripe_bench: Bench,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Not at the most talkative level of every library, and not where the SDK's own switch makes it print what it sends."""
    monkeypatch.setattr(sdk_log, "STRIPE_LOG", "debug")
    monkeypatch.setattr(stripe, "log", "debug")
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, logger="stripe")
    caplog.set_level(logging.DEBUG, logger="aiohttp")
    gateway = stripe_bench.open()
    numbers = ("4000056655665556", "4000056655665557")
    outcomes = [await gateway.tokenise(of_card(number, cvc="987"), str(uuid4())) for number in numbers]
    gone = stripe_bench.open(base_url="http://127.0.0.1:9")
    outcomes.append(await gone.tokenise(of_card(numbers[0], cvc="987"), str(uuid4())))
    written = capfd.readouterr()
    said = [caplog.text, written.out, written.err, repr(outcomes), repr(gateway.__dict__)]
    for secret in (*numbers, *stripe_bench.simulated.config.values()):
        assert not any(secret in text for text in said), secret
    # By itself alone: three digits are soon a part of a port, an id or a time.
    code = re.compile(r"(?<![\w.])987(?![\w.])")
    assert [found for text in said for found in code.findall(text)] == []
    assert code.search("card[cvc]=987&card[number]")
    assert code.search("'cvc': '987'")
