"""Cards that customers keep at the simulated Stripe, through the real SDK: attached once, charged again and again, detached for good."""

from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from server.domain.gateway import Instrument, Owner, RawCard
from server.domain.outcomes import Approved, Declined, DeclineReason, Kept, NotSent, Refused, Unusable
from server.domain.payment import PaymentMethodKind
from tests.contract.gateways import A_DECLINED_CARD, A_FREE_CARD, Bench, a_wish, an_attempt, sandbox_url, stripe_bench

__all__ = ["sandbox_url", "stripe_bench"]


def of_card(number: str = A_FREE_CARD, cvc: str = "123", year: int = 2040) -> Instrument:
    return Instrument(PaymentMethodKind.CARD, RawCard(number, 12, year, cvc))


def of_token(token: str) -> Instrument:
    return Instrument(PaymentMethodKind.CARD, token=token)


def an_owner(customer_id: UUID | None = None) -> Owner:
    return Owner("default", customer_id or uuid4())


async def kept(bench: Bench, instrument: Instrument | None = None, owner: Owner | None = None) -> Kept:
    outcome = await bench.open().keep(instrument or of_card(), owner or an_owner(), str(uuid4()))
    assert isinstance(outcome, Kept), outcome
    return outcome


async def test_a_kept_card_pays_again_and_again(stripe_bench: Bench) -> None:
    """For its customer; without them Stripe does not take it."""
    card, gateway = await kept(stripe_bench), stripe_bench.open()
    assert card.card is not None
    assert (card.card.brand, card.card.last4) == ("visa", "4242")
    for customer, outcome in (
        (card.gateway_customer_id, Approved),
        (card.gateway_customer_id, Approved),
        (None, Refused),
    ):
        wish = replace(a_wish(token=card.token), gateway_customer_id=customer)
        attempt = an_attempt(gateway, request=gateway.request_for(wish), at=stripe_bench.clock.now())
        assert isinstance(await gateway.authorise(attempt), outcome)


async def test_a_card_and_a_token_of_it_have_one_fingerprint(stripe_bench: Bench) -> None:
    """However it was given."""
    cards = [await kept(stripe_bench, given) for given in (of_card(), of_token("tok_visa"), of_token("pm_card_visa"))]
    assert len({card.card.fingerprint for card in cards if card.card}) == 1


async def test_a_customer_is_one_at_stripe(stripe_bench: Bench) -> None:
    """Before we know Stripe's number for them, and after."""
    owner = an_owner()
    first, second = await kept(stripe_bench, owner=owner), await kept(stripe_bench, of_card("5555555555554444"), owner)
    known = replace(owner, gateway_customer_id=first.gateway_customer_id)
    third = await kept(stripe_bench, of_card("378282246310005", "1234"), known)
    assert len({card.gateway_customer_id for card in (first, second, third)}) == 1
    assert (await kept(stripe_bench)).gateway_customer_id != first.gateway_customer_id


async def test_a_customer_who_is_gone_there_becomes_another(stripe_bench: Bench) -> None:
    """The merchant deleted them, or has another account by now."""
    owner = replace(an_owner(), gateway_customer_id="cus_gone")
    card = await kept(stripe_bench, owner=owner)
    assert card.gateway_customer_id != "cus_gone"


async def test_a_repeated_call_keeps_one_card(stripe_bench: Bench) -> None:
    """Under its key: nothing is attached twice."""
    owner, key, gateway = an_owner(), str(uuid4()), stripe_bench.open()
    first = await gateway.keep(of_card(), owner, key)
    assert isinstance(first, Kept)
    again = await gateway.keep(of_card(), replace(owner, gateway_customer_id=first.gateway_customer_id), key)
    assert again == first


async def test_a_kept_token_of_the_same_customer_is_kept(stripe_bench: Bench) -> None:
    """Of another one it is not to be had."""
    owner = an_owner()
    card = await kept(stripe_bench, owner=owner)
    known = replace(owner, gateway_customer_id=card.gateway_customer_id)
    assert (await kept(stripe_bench, of_token(card.token), known)).token == card.token
    outcome = await stripe_bench.open().keep(of_token(card.token), an_owner(), str(uuid4()))
    assert isinstance(outcome, Unusable)
    assert outcome.field == "token"


@pytest.mark.parametrize(
    ("instrument", "field"),
    [
        (of_card("4242424242424241"), "card.number"),
        (of_card(cvc="12345"), "card.cvc"),
        (of_token("pm_unknown"), "token"),
        (of_token("tok_unknown"), "token"),
        (of_token("card_visa"), "token"),
    ],
)
async def test_what_is_no_card_is_refused(stripe_bench: Bench, instrument: Instrument, field: str) -> None:
    """With the field that is wrong."""
    outcome = await stripe_bench.open().keep(instrument, an_owner(), str(uuid4()))
    assert isinstance(outcome, Unusable)
    assert outcome.field == field


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        (A_DECLINED_CARD, DeclineReason.CARD_DECLINED),
        ("4000000000000069", DeclineReason.EXPIRED_CARD),
        ("4000000000000127", DeclineReason.INCORRECT_CVC),
        ("4000000000000119", DeclineReason.PROCESSING_ERROR),
    ],
)
async def test_a_card_that_is_declined_is_not_kept(stripe_bench: Bench, number: str, reason: DeclineReason) -> None:
    """Its issuer is asked once when it is attached."""
    outcome = await stripe_bench.open().keep(of_card(number), an_owner(), str(uuid4()))
    assert isinstance(outcome, Declined)
    assert outcome.reason is reason


async def test_a_released_card_pays_no_more(stripe_bench: Bench) -> None:
    """However often it is released; what Stripe does not know is released, too."""
    card, gateway = await kept(stripe_bench), stripe_bench.open()
    for _ in range(2):
        assert await gateway.let_go(card.token)
    assert await gateway.let_go("pm_unknown")
    wish = replace(a_wish(token=card.token), gateway_customer_id=card.gateway_customer_id)
    attempt = an_attempt(gateway, request=gateway.request_for(wish), at=stripe_bench.clock.now())
    assert isinstance(await gateway.authorise(attempt), Refused)
    outcome = await gateway.keep(of_token(card.token), an_owner(), str(uuid4()))
    assert isinstance(outcome, Unusable)


async def test_an_account_that_is_not_accepted_keeps_and_releases_nothing(stripe_bench: Bench) -> None:
    """The release has to be repeated with better credentials."""
    stranger = stripe_bench.open(config=stripe_bench.simulated.wrong_config)
    outcome = await stranger.keep(of_card(), an_owner(), str(uuid4()))
    assert isinstance(outcome, Refused | NotSent)
    assert not await stranger.let_go("pm_1")
