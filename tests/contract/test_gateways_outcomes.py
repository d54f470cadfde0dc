"""What every gateway answers when nothing goes wrong on the way."""

import asyncio
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest

from gateways.registry import NAMES, build
from server.domain.attempt import AttemptKind
from server.domain.errors import GatewayUnsupported
from server.domain.money import Money
from server.domain.outcomes import (
    Approved,
    Canceled,
    Declined,
    DeclineReason,
    NextActionKind,
    NotSent,
    Refused,
    Tokenised,
    Unknown,
    Unpaid,
    Unusable,
    Waiting,
)
from tests.contract.gateways import (
    A_CHALLENGED_CARD,
    A_DECLINED_CARD,
    A_FREE_CARD,
    A_WRONG_SECRET,
    SIMULATED,
    Bench,
    bench,
    following,
    sandbox_url,
)

__all__ = ["bench", "sandbox_url"]

ROOT = Path(__file__).parents[2]


def test_every_gateway_is_under_contract() -> None:
    """A gateway that joins the registry joins these tests."""
    assert {simulated.gateway for simulated in SIMULATED.values()} == NAMES


def test_an_unknown_gateway_is_unsupported() -> None:
    """The registry opens nothing that it does not list."""
    with pytest.raises(GatewayUnsupported):
        build("square", NotImplemented)


def test_the_registry_imports_no_gateways_library() -> None:
    """A server pays for a library only when it opens the first gateway that needs it."""
    libraries = ("stripe", "alipay", "wechatpayv3", "paypalserversdk")
    program = f"import sys, gateways.registry; sys.exit(any(name in sys.modules for name in {libraries}))"
    assert subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=False).returncode == 0


async def test_a_card_becomes_a_token_without_its_number(bench: Bench) -> None:
    """Of a raw card remain a token, its brand, four digits, its expiry and our fingerprint."""
    bench.needs_cards()
    tokenised = await bench.open().tokenise(bench.simulated.instrument(A_FREE_CARD), str(uuid4()))
    assert isinstance(tokenised, Tokenised)
    assert tokenised.card is not None
    card = tokenised.card
    assert (card.brand, card.last4, card.exp_month, card.exp_year) == ("visa", "4242", 12, 2040)
    assert card.fingerprint.startswith("fp_")
    assert A_FREE_CARD not in repr(tokenised)


async def test_tokenising_twice_under_one_key_is_one_call(bench: Bench) -> None:
    """A repeat after a crash finds the token that the first execution made."""
    bench.needs_cards()
    gateway, key = bench.open(), str(uuid4())
    first = await gateway.tokenise(bench.simulated.instrument(), key)
    assert await gateway.tokenise(bench.simulated.instrument(), key) == first


async def test_a_mistyped_number_is_unusable(bench: Bench) -> None:
    """A number without a valid check digit is no card, and the number is not repeated."""
    bench.needs_cards()
    outcome = await bench.open().tokenise(bench.simulated.instrument("4242424242424241"), str(uuid4()))
    assert outcome == Unusable("card.number", "is not valid")


async def test_an_automatic_payment_is_captured_when_it_is_paid(bench: Bench) -> None:
    """The gateway holds one payment with our reference, and all of it is captured."""
    gateway = bench.open()
    attempt = await bench.attempt(gateway)
    outcome = await bench.paid(gateway, attempt, await gateway.authorise(attempt))
    assert isinstance(outcome, Approved)
    assert (outcome.captured, outcome.amount_minor) == (True, 5949)
    (payment,) = await bench.payments(attempt)
    assert (payment["gateway_payment_id"], payment["captured_minor"]) == (outcome.gateway_payment_id, 5949)


async def test_a_declined_card_names_its_reason(bench: Bench) -> None:
    """The issuer's no is an outcome with the contract's reason, and no money moved."""
    bench.needs_cards()
    gateway = bench.open()
    attempt = await bench.attempt(gateway, A_DECLINED_CARD)
    outcome = await gateway.authorise(attempt)
    assert isinstance(outcome, Declined)
    assert outcome.reason is DeclineReason.CARD_DECLINED
    assert [payment["captured_minor"] for payment in await bench.payments(attempt)] == [0]


async def test_a_manual_payment_waits_for_its_capture(bench: Bench) -> None:
    """A reservation is approved and not captured; capturing without an amount of its own takes all."""
    bench.needs_manual_capture()
    gateway = bench.open()
    capture = following(await bench.authorised(gateway), AttemptKind.CAPTURE)
    outcome = await gateway.capture(capture)
    assert isinstance(outcome, Approved)
    assert (outcome.captured, outcome.amount_minor) == (True, 5949)


async def test_a_partial_capture_takes_its_amount_and_no_more(bench: Bench) -> None:
    """The rest of the reservation is released."""
    bench.needs_manual_capture()
    gateway = bench.open()
    capture = following(await bench.authorised(gateway), AttemptKind.CAPTURE, 1200)
    outcome = await gateway.capture(capture)
    assert isinstance(outcome, Approved)
    assert outcome.amount_minor == 1200
    assert [payment["captured_minor"] for payment in await bench.payments(capture)] == [1200]


async def test_an_over_capture_is_refused(bench: Bench) -> None:
    """The reservation stands afterwards and can be captured."""
    bench.needs_manual_capture()
    gateway = bench.open()
    authorised = await bench.authorised(gateway)
    assert isinstance(await gateway.capture(following(authorised, AttemptKind.CAPTURE, 5950)), Refused)
    assert isinstance(await gateway.capture(following(authorised, AttemptKind.CAPTURE)), Approved)


async def test_capturing_what_is_captured_is_approved_once(bench: Bench) -> None:
    """A second capture tells what the first one took and takes nothing."""
    bench.needs_manual_capture()
    gateway = bench.open()
    authorised = await bench.authorised(gateway)
    first = await gateway.capture(following(authorised, AttemptKind.CAPTURE, 1200))
    second = await gateway.capture(following(authorised, AttemptKind.CAPTURE))
    assert first == second
    assert [payment["captured_minor"] for payment in await bench.payments(authorised)] == [1200]


async def test_a_void_ends_a_reservation(bench: Bench) -> None:
    """Nothing can be captured afterwards, and the capture that tries is told why."""
    bench.needs_manual_capture()
    gateway = bench.open()
    authorised = await bench.authorised(gateway)
    number = authorised.gateway_payment_id
    assert number is not None
    assert await gateway.void(following(authorised, AttemptKind.VOID)) == Canceled(number)
    assert await gateway.void(following(authorised, AttemptKind.VOID)) == Canceled(number)
    assert await gateway.capture(following(authorised, AttemptKind.CAPTURE)) == Canceled(number)


async def test_a_void_of_a_captured_payment_tells_of_the_capture(bench: Bench) -> None:
    """What was captured meanwhile is approved and keeps its money."""
    bench.needs_manual_capture()
    gateway = bench.open()
    authorised = await bench.authorised(gateway)
    captured = await gateway.capture(following(authorised, AttemptKind.CAPTURE, 1200))
    assert await gateway.void(following(authorised, AttemptKind.VOID)) == captured


async def test_of_a_capture_and_a_void_at_once_one_wins(bench: Bench) -> None:
    """Both attempts end, by themselves or resumed, with the same outcome, which is the gateway's truth."""
    bench.needs_manual_capture()
    gateway = bench.open()
    for _ in range(5):
        authorised = await bench.authorised(gateway)
        capture, void = following(authorised, AttemptKind.CAPTURE), following(authorised, AttemptKind.VOID)
        await asyncio.gather(gateway.capture(capture), gateway.void(void))
        ended = await gateway.resume(capture)
        assert ended == await gateway.resume(void)
        (payment,) = await bench.payments(authorised)
        assert payment["captured_minor"] == (5949 if isinstance(ended, Approved) else 0)


async def test_a_waiting_payment_shows_its_customer_a_way(bench: Bench) -> None:
    """A payment that waits for its customer says where to go or what to scan, and no money has moved."""
    gateway = bench.open()
    waiting, outcome = await bench.waiting(gateway)
    assert outcome.next_action is not None
    assert outcome.next_action.kind in (NextActionKind.REDIRECT, NextActionKind.DISPLAY_QR_CODE)
    assert outcome.next_action.url is not None
    unpaid = (outcome, Unpaid(), Unpaid(waiting.gateway_payment_id))
    assert await gateway.fetch(waiting) in unpaid
    assert await gateway.resume(waiting) in unpaid
    assert not any(payment["captured_minor"] for payment in await bench.payments(waiting))


async def test_asking_for_a_waiting_payment_again_shows_the_same(bench: Bench) -> None:
    """An execution that was cut off before it could tell the customer is repeated under the same number, and tells the same."""
    gateway = bench.open()
    attempt = await bench.attempt(gateway, A_CHALLENGED_CARD)
    outcome = await gateway.authorise(attempt)
    assert isinstance(outcome, Waiting)
    assert await gateway.resume(attempt) == outcome
    assert len(await bench.payments(attempt)) == (0 if bench.simulated.address_alone else 1)


async def test_what_the_customer_has_done_is_paid(bench: Bench) -> None:
    """Whoever asks after the customer's part hears that the money was taken, and a void does not take it back."""
    gateway = bench.open()
    waiting, _ = await bench.waiting(gateway)
    await bench.customer(waiting, "succeed")
    outcome = await gateway.resume(waiting)
    assert isinstance(outcome, Approved)
    assert (outcome.captured, outcome.amount_minor) == (True, 5949)
    assert await gateway.void(following(waiting.settle(outcome, bench.clock.now()), AttemptKind.VOID)) == outcome


async def test_a_customer_who_fails_is_declined(bench: Bench) -> None:
    """The customer who does not pass a challenge, or whose bank says no, has not paid."""
    gateway, simulated = bench.open(), bench.simulated
    waiting, _ = await bench.waiting(gateway)
    await bench.customer(waiting, "fail")
    assert isinstance(await gateway.resume(waiting), Unpaid if simulated.address_alone else Declined)
    undecided = simulated.address_alone or simulated.consent_alone
    assert isinstance(await gateway.fetch(waiting), Unpaid if undecided else Declined)


async def test_a_waiting_payment_can_be_ended(bench: Bench) -> None:
    """A customer who never comes back leaves nothing that could still be charged."""
    gateway = bench.open()
    waiting, _ = await bench.waiting(gateway)
    if bench.simulated.address_alone:
        await bench.customer(waiting, "abandon")
    void = following(waiting, AttemptKind.VOID)
    assert isinstance(await gateway.void(void), Canceled)
    assert isinstance(await gateway.void(void), Canceled)
    assert isinstance(await gateway.resume(waiting), Unpaid if bench.simulated.consent_alone else Canceled)


async def test_a_try_that_is_not_needed_can_be_ended_as_itself(bench: Bench) -> None:
    """There is no attempt to void it where another try has paid: its own is sent as one, as often as need be, and disturbs no key under which it was begun."""
    gateway = bench.open()
    waiting, _ = await bench.waiting(gateway)
    if bench.simulated.address_alone:
        await bench.customer(waiting, "abandon")
    for _ in range(2):
        assert isinstance(await gateway.resume(replace(waiting, kind=AttemptKind.VOID)), Canceled)


async def test_fetching_sends_nothing(bench: Bench) -> None:
    """An attempt that was never sent is unknown however often it is looked for, and stays unsent; one that is not sent at all is unpaid."""
    gateway = bench.open()
    attempt = await bench.attempt(gateway)
    assert isinstance(await gateway.fetch(attempt), Unpaid if bench.simulated.address_alone else Unknown)
    assert await bench.payments(attempt) == []


async def test_an_unreachable_gateway_was_sent_nothing(bench: Bench) -> None:
    """A refused connection proves that nothing was executed by this call, and says nothing about an earlier one."""
    attempt = await bench.attempt(bench.open())
    gone = bench.open(base_url="http://127.0.0.1:9")
    if bench.simulated.cards:
        assert isinstance(await gone.tokenise(bench.simulated.instrument(), str(uuid4())), NotSent)
    assert isinstance(await gone.authorise(attempt), Waiting if bench.simulated.address_alone else NotSent)
    assert isinstance(await gone.resume(attempt), Unknown)
    assert isinstance(await gone.fetch(attempt), Unknown)
    for kind in (AttemptKind.CAPTURE, AttemptKind.VOID):
        assert isinstance(await gone.resume(following(attempt, kind)), Unknown)


async def test_wrong_credentials_are_refused_and_not_repeated(bench: Bench) -> None:
    """Nothing that is said about them contains a part of them; of an earlier call they tell nothing."""
    bench.needs_a_call()
    denied = bench.open(config=bench.simulated.wrong_config)
    attempt = await bench.attempt(bench.open())
    outcomes: list[object] = [await denied.authorise(attempt), await denied.resume(attempt)]
    assert [type(outcome) for outcome in outcomes] == [Refused, Unknown]
    if bench.simulated.cards:
        outcomes.append(await denied.tokenise(bench.simulated.instrument(), str(uuid4())))
        assert isinstance(outcomes[-1], Refused)
    assert A_WRONG_SECRET[-4:] not in repr(outcomes)


async def test_amounts_come_back_as_they_were_sent(bench: Bench) -> None:
    """Whatever unit the gateway counts in, ours is what an outcome tells."""
    gateway = bench.open()
    candidates = [Money(5949, "USD"), Money(500, "JPY"), Money(12340, "KWD"), Money(500, "ISK"), Money(1, "CNY")]
    tried = [money for money in candidates if money.currency in gateway.capabilities.currencies]
    assert tried
    for money in tried:
        attempt = await bench.attempt(gateway, money=money)
        outcome = await bench.paid(gateway, attempt, await gateway.authorise(attempt))
        assert isinstance(outcome, Approved), (money, outcome)
        assert outcome.amount_minor == money.amount_minor
