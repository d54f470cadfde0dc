"""What the Stripe adapter makes of answers that no Stripe should give, or that never quite arrive."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web

from gateways.registry import build
from gateways.setup import Misconfigured, OpenGateway, Setup
from server.domain.attempt import Attempt
from server.domain.gateway import Instrument
from server.domain.outcomes import Approved, NotSent, Outcome, Refused, Tokenised, Unknown, Unusable
from server.domain.payment import PaymentMethodKind
from tests.contract.gateways import SettableClock, a_wish, an_attempt
from tests.listening import listening

SECRET = "sk_test_of_the_wire_tests"
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def an_intent(**changes: object) -> dict[str, Any]:
    intent = {
        "id": "pi_1",
        "object": "payment_intent",
        "status": "succeeded",
        "currency": "usd",
        "amount": 5949,
        "amount_received": 5949,
        "amount_capturable": 0,
        "metadata": {},
        "next_action": None,
        "last_payment_error": None,
        "latest_charge": None,
    }
    return {**intent, **changes}


A_METHOD = {
    "id": "pm_1",
    "object": "payment_method",
    "type": "card",
    "card": {"brand": "visa", "last4": "4242", "exp_month": 12, "exp_year": 2040, "fingerprint": None},
}


def without(name: str) -> dict[str, Any]:
    return {field: value for field, value in an_intent().items() if field != name}


def answering(status: int, body: object, headers: dict[str, str] | None = None) -> Handler:
    """A Stripe that always says the same; a string is sent as it is, anything else as JSON."""
    text = body if isinstance(body, str) else json.dumps(body)

    async def handle(_: web.Request) -> web.StreamResponse:
        return web.Response(status=status, text=text, content_type="application/json", headers=headers)

    return handle


def failing(status: int, **error: str) -> Handler:
    return answering(status, {"error": {"type": "invalid_request_error", "message": "no", **error}})


def setup_of(url: str, **changes: Any) -> Setup:
    setup: dict[str, Any] = {
        "config": {"secret_key": SECRET},
        "config_version": 1,
        "clock": SettableClock(),
        "fingerprint": "fp_{}".format,
        "default_return_url": "https://shop.example/",
        "base_url": url,
        "timeout_seconds": 5.0,
        "pauses_seconds": (0.001,),
    }
    return Setup(**{**setup, **changes})


@asynccontextmanager
async def stripe_that(handler: Handler, timeout_seconds: float = 5.0) -> AsyncIterator[OpenGateway]:
    """The adapter with something behind it that is no Stripe."""
    async with listening(web.route("*", "/{path:.*}", handler)) as url:
        gateway = build("stripe", setup_of(url, timeout_seconds=timeout_seconds))
        try:
            yield gateway
        finally:
            await gateway.aclose()


def new_attempt(gateway: OpenGateway) -> Attempt:
    return an_attempt(gateway, request=gateway.request_for(a_wish()), at=datetime.now(UTC))


async def asked(handler: Handler) -> tuple[Outcome, Outcome]:
    """What a first call and what a repeat make of it."""
    async with stripe_that(handler) as gateway:
        attempt = new_attempt(gateway)
        return await gateway.authorise(attempt), await gateway.resume(attempt)


@pytest.mark.parametrize(
    "handler",
    [
        answering(200, "<html>It works!</html>"),
        answering(200, ""),
        answering(200, "{"),
        answering(200, "[]"),
        answering(200, "null"),
        answering(200, '"succeeded"'),
        answering(200, {}),
        answering(200, {"object": "list", "data": []}),
        answering(200, without("status")),
        answering(200, without("amount_received")),
        answering(200, an_intent(id=7)),
        answering(200, an_intent(amount_received="5949")),
        answering(200, an_intent(currency="xxx")),
        answering(200, an_intent(currency="isk", amount_received=550)),
        answering(200, an_intent(status="paid_in_seashells")),
        answering(302, "", {"Location": "/elsewhere"}),
        answering(402, "<html>Payment required</html>"),
        answering(402, {"error": []}),
        answering(404, "<html>Not found</html>"),
        answering(500, {"error": {"type": "api_error", "message": "sorry"}}),
        answering(502, "<html>Bad gateway</html>"),
        answering(503, {"error": "unavailable"}),
        failing(409, code="lock_timeout"),
        failing(409, code="idempotency_key_in_use"),
    ],
)
async def test_an_answer_that_cannot_be_read_says_nothing(handler: Handler) -> None:
    """It is neither a payment nor a failure: unknown, the first time and again."""
    assert [type(outcome) for outcome in await asked(handler)] == [Unknown, Unknown]


async def test_a_cut_answer_says_nothing() -> None:
    """The head of the reply came and its body did not: the call was executed, or not."""

    async def cut(request: web.Request) -> web.StreamResponse:
        reply = web.StreamResponse(headers={"Content-Length": "10000", "Content-Type": "application/json"})
        await reply.prepare(request)
        await reply.write(b'{"id": "pi_1", "status": "succ')
        assert request.transport is not None
        request.transport.abort()
        return reply

    assert [type(outcome) for outcome in await asked(cut)] == [Unknown, Unknown]


async def test_a_reply_that_trickles_is_given_up() -> None:
    """The time-out covers the whole answer, not only its beginning."""

    async def trickle(request: web.Request) -> web.StreamResponse:
        reply = web.StreamResponse(headers={"Content-Length": "10000", "Content-Type": "application/json"})
        await reply.prepare(request)
        for _ in range(100):
            await reply.write(b" ")
            await asyncio.sleep(0.05)
        return reply

    async with stripe_that(trickle, timeout_seconds=0.3) as gateway:
        assert isinstance(await gateway.authorise(new_attempt(gateway)), Unknown)


async def test_a_lock_that_stays_held_was_not_passed() -> None:
    """Stripe says 429 where another call holds the payment: this one was not executed, an earlier one may have been."""
    assert [type(outcome) for outcome in await asked(failing(429, code="lock_timeout"))] == [NotSent, Unknown]


async def test_a_busy_stripe_is_asked_a_bounded_number_of_times() -> None:
    """Each pause that the setup names allows one more try, and every try is the same call under the same key."""
    calls: list[tuple[str | None, bytes]] = []

    async def busy(request: web.Request) -> web.StreamResponse:
        calls.append((request.headers.get("Idempotency-Key"), await request.read()))
        return await failing(429, code="rate_limit")(request)

    async with stripe_that(busy) as gateway:
        attempt = new_attempt(gateway)
        assert isinstance(await gateway.authorise(attempt), NotSent)
    assert len(calls) == 2
    assert len(set(calls)) == 1
    assert calls[0][0] == f"{attempt.id}:authorise"


async def test_a_message_of_stripes_that_quotes_a_key_stays_out() -> None:
    """What a merchant reads of wrong credentials is our text."""
    first, repeated = await asked(failing(401, message=f"Invalid API Key provided: {SECRET}"))
    assert isinstance(first, Refused)
    assert isinstance(repeated, Unknown)
    assert SECRET not in repr((first, repeated))


async def test_connections_are_used_again() -> None:
    """Calls one after the other need one connection."""
    peers: set[object] = set()

    async def counted(request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        peers.add(request.transport.get_extra_info("peername"))
        return await answering(200, an_intent())(request)

    async with stripe_that(counted) as gateway:
        for _ in range(5):
            assert isinstance(await gateway.authorise(new_attempt(gateway)), Approved)
    assert len(peers) == 1


@asynccontextmanager
async def listing(pages: Callable[[int], dict[str, Any]]) -> AsyncIterator[tuple[OpenGateway, list[dict[str, str]]]]:
    """A Stripe that lists payments page by page; the queries that it was sent."""
    queries: list[dict[str, str]] = []

    async def handle(request: web.Request) -> web.StreamResponse:
        if request.path.endswith("/payment_intents"):
            queries.append(dict(request.query))
            return await answering(200, pages(len(queries)))(request)
        return await answering(200, an_intent())(request)

    async with stripe_that(handle) as gateway:
        yield gateway, queries


def a_page(number: int, reference: str = "another", has_more: bool = True, size: int = 100) -> dict[str, Any]:
    data = [an_intent(id=f"pi_{number}_{place}", metadata={"sycee_reference": reference}) for place in range(size)]
    return {"object": "list", "url": "/v1/payment_intents", "has_more": has_more, "data": data}


async def test_a_payment_is_found_on_a_later_page() -> None:
    """The list is read on to its end, from the minutes around the attempt outwards."""
    wanted: list[str] = []

    def pages(number: int) -> dict[str, Any]:
        return a_page(number, wanted[0] if number == 3 else "another")

    async with listing(pages) as (gateway, queries):
        attempt = new_attempt(gateway)
        wanted.append(attempt.reference)
        assert isinstance(await gateway.fetch(attempt), Approved)
    assert [query.get("starting_after") for query in queries] == [None, "pi_1_99", "pi_2_99"]
    made = int(attempt.created_at.timestamp())
    for query in queries:
        assert int(query["created[gte]"]) < made < int(query["created[lte]"])


async def test_a_list_without_an_end_is_left() -> None:
    """A bounded number of payments is looked through; having found nothing among them proves nothing, not even for a refused request."""
    async with listing(a_page) as (gateway, queries):
        assert isinstance(await gateway.fetch(new_attempt(gateway)), Unknown)
    assert len(queries) == 50


async def test_closing_what_was_never_used_is_harmless() -> None:
    """A gateway that nobody paid with closes too."""
    gateway = build("stripe", setup_of("http://127.0.0.1:9"))
    await gateway.aclose()


@pytest.mark.parametrize("config", [{}, {"secret_key": ""}, {"secret_key": "sk_test_\n"}, {"secret_key": "sk test"}])
def test_a_gateway_without_a_usable_key_is_not_opened(config: dict[str, str]) -> None:
    """What is wrong is named, and its value is not."""
    with pytest.raises(Misconfigured) as refused:
        build("stripe", setup_of("http://127.0.0.1:9", config=config))
    assert refused.value.field == "secret_key"


async def test_only_what_moves_no_money_is_repeated_by_itself() -> None:
    """A cut line is mended where nothing can be charged twice; a charge is left to whoever asks what became of it."""
    paths: list[str] = []

    async def cut_once(request: web.Request) -> web.StreamResponse:
        paths.append(request.path)
        if paths.count(request.path) == 1:
            assert request.transport is not None
            request.transport.abort()
        return await answering(200, A_METHOD if "payment_methods" in request.path else an_intent())(request)

    async with stripe_that(cut_once) as gateway:
        tokenised = await gateway.tokenise(Instrument(PaymentMethodKind.CARD, token="tok_visa"), "key")
        assert isinstance(tokenised, Tokenised)
        assert isinstance(await gateway.authorise(new_attempt(gateway)), Unknown)
    assert paths == ["/v1/payment_methods", "/v1/payment_methods", "/v1/payment_intents"]


async def test_a_card_without_stripes_fingerprint_has_one_of_its_own() -> None:
    """Stripe leaves it out for some accounts: then no two methods agree, rather than all of them."""
    async with stripe_that(answering(200, A_METHOD)) as gateway:
        tokenised = await gateway.tokenise(Instrument(PaymentMethodKind.CARD, token="pm_1"), "key")
    assert isinstance(tokenised, Tokenised)
    assert tokenised.card is not None
    assert tokenised.card.fingerprint == "fp_pm_1"


async def test_a_method_that_is_no_card_is_unusable() -> None:
    """Stripe's number of a bank account is no card's."""
    async with stripe_that(answering(200, {**A_METHOD, "type": "us_bank_account"})) as gateway:
        outcome = await gateway.tokenise(Instrument(PaymentMethodKind.CARD, token="pm_1"), "key")
    assert outcome == Unusable("token", "is not a card")


async def test_a_token_whose_answer_was_lost_may_be_asked_for_again() -> None:
    """No money moves with it: nothing was sent, as far as a payment goes."""
    async with stripe_that(answering(500, "oops")) as gateway:
        outcome = await gateway.tokenise(Instrument(PaymentMethodKind.CARD, token="tok_visa"), "key")
    assert isinstance(outcome, NotSent)


async def test_the_credentials_and_the_setup_have_no_representation() -> None:
    """Neither can reach a log by accident."""
    setup = setup_of("http://127.0.0.1:9", timeout_seconds=timedelta(seconds=1).total_seconds())
    gateway = build("stripe", setup)
    assert SECRET not in repr(setup) + repr(gateway)
    await gateway.aclose()
