"""What the PayPal adapter makes of answers that no PayPal should give, or that never quite arrive."""

import asyncio
import json
import logging
from base64 import b64encode
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from gateways.paypal.adapter import PayPalGateway
from gateways.paypal.web import NotServed, Unreachable, Web
from gateways.setup import Misconfigured, Setup
from server.domain.attempt import Attempt, AttemptKind
from server.domain.clock import Clock
from server.domain.outcomes import (
    Approved,
    Canceled,
    Declined,
    NotSent,
    Outcome,
    Refunded,
    RefundFailed,
    Refused,
    Unknown,
    Unpaid,
    Waiting,
)
from server.domain.payment import CaptureMethod
from tests.contract.gateways import SettableClock, an_attempt
from tests.integration.paypal_bench import CONFIG, a_refund, a_wish, following
from tests.listening import listening

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
MONEY = {"currency_code": "USD", "value": "59.49"}
ORDER_ID = "5O190127TN364715T"
LINKS = [{"rel": "payer-action", "href": "https://www.paypal.com/checkoutnow?token=5O", "method": "GET"}]


def a_capture(status: str = "COMPLETED", **changes: object) -> dict[str, Any]:
    return {"id": "3C6", "status": status, "amount": MONEY, "create_time": "2026-11-26T18:00:00Z", **changes}


def an_order(status: str = "PAYER_ACTION_REQUIRED", **payments: object) -> dict[str, Any]:
    unit = {"reference_id": "default", "amount": MONEY, "payments": payments}
    return {"id": ORDER_ID, "status": status, "intent": "CAPTURE", "purchase_units": [unit], "links": LINKS}


def refusing(issue: str) -> dict[str, Any]:
    return {"name": "UNPROCESSABLE_ENTITY", "message": "no", "debug_id": "d", "details": [{"issue": issue}]}


class Script:
    """A PayPal that plays what a test says: answers by `METHOD path`, each a status with a body, or a handler."""

    def __init__(self) -> None:
        self.answers: dict[str, list[tuple[int, object] | Handler]] = {}
        self.asked: list[tuple[str, str, str | None]] = []
        self.tokens = 0
        self.token_answer: tuple[int, object] | None = None

    def on(self, call: str, *answers: tuple[int, object] | Handler) -> None:
        """The last answer is given for ever."""
        self.answers[call] = list(answers)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        if request.path == "/v1/oauth2/token":
            self.tokens += 1
            await asyncio.sleep(0)
            status, body = self.token_answer or (200, self._token())
            return _response(status, body)
        call = f"{request.method} {request.path.removeprefix('/v2/checkout/orders').removeprefix('/v2/payments')}"
        self.asked.append((call, request.headers["Authorization"], request.headers.get("PayPal-Request-Id")))
        answers = self.answers[call]
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        return _response(*answer) if isinstance(answer, tuple) else await answer(request)

    def _token(self) -> dict[str, Any]:
        return {"access_token": f"token-{self.tokens}", "token_type": "Bearer", "expires_in": 32400}


def _response(status: int, body: object) -> web.Response:
    text = body if isinstance(body, str) else json.dumps(body)
    return web.Response(status=status, text=text, content_type="application/json")


def served(handle: Handler) -> AbstractAsyncContextManager[str]:
    """The address of something that answers every call by one handler."""
    return listening(web.route("*", "/{path:.*}", handle))


def setup_of(url: str, clock: Clock, **changes: Any) -> Setup:
    setup: dict[str, Any] = {
        "config": CONFIG,
        "config_version": 1,
        "clock": clock,
        "fingerprint": "fp_{}".format,
        "default_return_url": "https://shop.example/",
        "base_url": url,
        "timeout_seconds": 5.0,
        "pauses_seconds": (0.001,),
    }
    return Setup(**{**setup, **changes})


class Scene:
    """The adapter, the script that it speaks to, and an attempt."""

    def __init__(self, gateway: PayPalGateway, script: Script, clock: SettableClock, manual: bool = False) -> None:
        self.gateway = gateway
        self.script = script
        self.clock = clock

    def attempt(self, manual: bool = False) -> Attempt:
        wish = a_wish(CaptureMethod.MANUAL if manual else CaptureMethod.AUTOMATIC)
        return an_attempt(self.gateway, request=self.gateway.request_for(wish), at=self.clock.now())

    def waiting(self, manual: bool = False) -> Attempt:
        return self.attempt(manual).settle(Waiting(ORDER_ID), self.clock.now())

    async def resumed(self, order: dict[str, Any], *capture: tuple[int, object] | Handler) -> Outcome:
        """What becomes of a waiting attempt whose order looks like this, if its capture is answered like that."""
        self.script.on(f"GET /{ORDER_ID}", (200, order))
        self.script.on(f"POST /{ORDER_ID}/capture", *capture)
        return await self.gateway.resume(self.waiting())


@asynccontextmanager
async def opened(**changes: Any) -> AsyncIterator[Scene]:
    script, clock = Script(), SettableClock()
    async with served(script.handle) as url:
        gateway = PayPalGateway(setup_of(url, clock, **changes))
        try:
            yield Scene(gateway, script, clock)
        finally:
            await gateway.aclose()


@pytest.mark.parametrize(
    "answer",
    [
        (200, "<html>"),
        (200, "[]"),
        (200, {}),
        (201, {**an_order(), "id": None}),
        (201, {**an_order(), "purchase_units": [1]}),
        (201, {**an_order(), "links": []}),
        (201, {**an_order(), "links": [{"rel": "payer-action", "href": "javascript:alert(1)"}]}),
        (400, "<html>"),
        (403, "Forbidden by a proxy"),
        (404, ""),
        (302, ""),
        (409, refusing("PREVIOUS_REQUEST_IN_PROGRESS")),
        (422, refusing("ORDER_COMPLETION_IN_PROGRESS")),
        (500, refusing("INTERNAL_SERVER_ERROR")),
        (503, "<html>"),
    ],
    ids=str,
)
async def test_an_answer_that_says_nothing_is_no_answer(answer: tuple[int, object]) -> None:
    """Neither what cannot be read nor what something between us and PayPal says."""
    async with opened() as scene:
        scene.script.on("POST ", answer)
        assert isinstance(await scene.gateway.authorise(scene.attempt()), Unknown)


@pytest.mark.parametrize("issue", ["INVALID_CURRENCY_CODE", "PAYEE_ACCOUNT_RESTRICTED"])
async def test_a_refusal_names_paypals_code_alone(issue: str) -> None:
    """PayPal's texts can quote what was sent."""
    async with opened() as scene:
        scene.script.on("POST ", (422, {**refusing(issue), "message": "quoting a secret"}))
        outcome = await scene.gateway.authorise(scene.attempt())
        assert outcome == Refused(f"PayPal refused the request: {issue}.")


async def test_a_redirect_is_not_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It would take the token elsewhere; nor does a .netrc replace that."""
    (tmp_path / ".netrc").write_text("default login someone password else\n")
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))

    async def redirect(_: web.Request) -> web.StreamResponse:
        raise web.HTTPTemporaryRedirect("/elsewhere")

    async with opened() as scene:
        scene.script.on("POST ", redirect)
        assert isinstance(await scene.gateway.authorise(scene.attempt()), Unknown)
        assert [(call, auth) for call, auth, _ in scene.script.asked] == [("POST ", "Bearer token-1")]


async def test_many_calls_at_once_fetch_one_token() -> None:
    """The first fetches it, and the others wait for that."""
    async with opened() as scene:
        scene.script.on(f"GET /{ORDER_ID}", (200, an_order()))
        waiting = scene.waiting()
        outcomes = await asyncio.gather(*(scene.gateway.fetch(waiting) for _ in range(8)))
        assert outcomes == [Unpaid(ORDER_ID)] * 8
        assert scene.script.tokens == 1


async def test_a_token_that_was_taken_back_is_replaced_once() -> None:
    """PayPal looks at the token before anything else: the call is made again with a new one, under its request id, and the new one is kept."""
    async with opened() as scene:
        denied = (401, {"error": "invalid_token", "error_description": "Token signature verification failed"})
        scene.script.on("POST ", denied, (201, an_order()))
        attempt = scene.attempt()
        assert isinstance(await scene.gateway.authorise(attempt), Waiting)
        (_, first, first_id), (_, second, second_id) = scene.script.asked
        assert (first, second) == ("Bearer token-1", "Bearer token-2")
        assert first_id == second_id == f"{attempt.id}-create"
        await scene.gateway.authorise(attempt)
        assert scene.script.tokens == 2


async def test_credentials_that_paypal_never_accepts_are_refused() -> None:
    """A second 401 is an answer, and not tried a third time."""
    async with opened() as scene:
        scene.script.on("POST ", (401, {"name": "AUTHENTICATION_FAILURE"}))
        assert isinstance(await scene.gateway.authorise(scene.attempt()), Refused)
        assert len(scene.script.asked) == 2


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ((401, {"error": "invalid_client"}), Refused),
        ((500, "oops"), NotSent),
        ((429, ""), NotSent),
        ((200, "<html>"), NotSent),
        ((200, {}), NotSent),
    ],
    ids=str,
)
async def test_without_a_token_nothing_is_sent(answer: tuple[int, object], outcome: type[Outcome]) -> None:
    """Which is PayPal's no if PayPal refuses it, and otherwise a matter of time."""
    async with opened() as scene:
        scene.script.token_answer = answer
        assert isinstance(await scene.gateway.authorise(scene.attempt()), outcome)
        assert scene.script.asked == []


async def test_an_answer_that_drips_in_is_given_up() -> None:
    """Each byte arrives in time, and the whole does not."""

    async def drip(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b" ")
            await asyncio.sleep(0.05)

    async with asyncio.timeout(20), opened(timeout_seconds=0.4) as scene:
        scene.script.on("POST ", drip)
        assert isinstance(await scene.gateway.authorise(scene.attempt()), Unknown)


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (an_order("SAVED"), Unpaid(ORDER_ID)),
        (an_order("VOIDED"), Canceled(ORDER_ID)),
        (an_order("COMPLETED", captures=[a_capture("PENDING")]), Waiting(ORDER_ID)),
    ],
    ids=["saved", "voided", "pending"],
)
async def test_an_order_says_where_it_stands(order: dict[str, Any], expected: Outcome) -> None:
    """Without another call."""
    async with opened() as scene:
        assert await scene.resumed(order, (500, "")) == expected


@pytest.mark.parametrize(
    "order",
    [
        an_order("COMPLETED"),
        an_order("INVENTED"),
        an_order("COMPLETED", captures=[a_capture("INVENTED")]),
        an_order("COMPLETED", captures=[a_capture(amount={"currency_code": "EUR", "value": "59.49"})]),
        an_order("COMPLETED", captures=[a_capture(amount={"currency_code": "USD", "value": "-59.49"})]),
        an_order("COMPLETED", captures=[a_capture(amount={"currency_code": "USD", "value": "59.499"})]),
        an_order("COMPLETED", captures=[a_capture(create_time="yesterday")]),
        an_order("COMPLETED", authorizations=[{"id": "A", "status": "CAPTURED", "amount": MONEY}]),
    ],
    ids=["no capture", "status", "capture", "currency", "negative", "decimals", "time", "authorization"],
)
async def test_an_order_that_makes_no_sense_is_unknown(order: dict[str, Any]) -> None:
    """Money in another currency is not the money that was asked for."""
    async with opened() as scene:
        assert isinstance(await scene.resumed(order, (500, "")), Unknown)


async def test_a_capture_that_was_declined_once_does_not_hide_the_one_that_was_not() -> None:
    """An authorization can be captured anew after a refusal."""
    async with opened() as scene:
        captures = [a_capture("DECLINED"), a_capture()]
        outcome = await scene.resumed(an_order("COMPLETED", captures=captures), (500, ""))
        assert isinstance(outcome, Approved)
        declined = await scene.resumed(an_order("COMPLETED", captures=captures[:1]), (500, ""))
        assert isinstance(declined, Declined)


@pytest.mark.parametrize("issue", ["INSTRUMENT_DECLINED", "PAYER_CANNOT_PAY", "TRANSACTION_REFUSED"])
async def test_a_completion_that_the_payer_cannot_pay_is_declined(issue: str) -> None:
    """The order was read again first, and is as it was."""
    async with opened() as scene:
        outcome = await scene.resumed(an_order("APPROVED"), (422, refusing(issue)))
        assert isinstance(outcome, Declined)
        assert [call for call, _, _ in scene.script.asked].count(f"GET /{ORDER_ID}") == 2


@pytest.mark.parametrize("issue", ["ORDER_NOT_APPROVED", "PAYER_ACTION_REQUIRED"])
async def test_a_customer_who_must_go_back_to_paypal_still_can(issue: str) -> None:
    """That is no end: what they were shown stands."""
    async with opened() as scene:
        assert await scene.resumed(an_order("APPROVED"), (422, refusing(issue))) == Unpaid(ORDER_ID)


@pytest.mark.parametrize("issue", ["ORDER_ALREADY_CAPTURED", "INSTRUMENT_DECLINED", "DUPLICATE_INVOICE_ID"])
async def test_a_refusal_is_not_believed_of_an_order_that_is_paid(issue: str) -> None:
    """An earlier call that was taken for lost may have completed it."""
    async with opened() as scene:
        paid = an_order("COMPLETED", captures=[a_capture()])
        scene.script.on(f"GET /{ORDER_ID}", (200, an_order("APPROVED")), (200, paid))
        scene.script.on(f"POST /{ORDER_ID}/capture", (422, refusing(issue)))
        assert isinstance(await scene.gateway.resume(scene.waiting()), Approved)


async def test_a_completion_is_always_sent_under_one_number() -> None:
    """Whoever sends it, and whenever."""
    async with opened() as scene:
        scene.script.on(f"GET /{ORDER_ID}", (200, an_order("APPROVED")))
        scene.script.on(f"POST /{ORDER_ID}/capture", (500, ""))
        waiting = scene.waiting()
        for seconds in (0, 60, 600):
            scene.clock.ahead = timedelta(seconds=seconds)
            await scene.gateway.resume(waiting)
        ids = {number for call, _, number in scene.script.asked if call.endswith("/capture")}
        assert ids == {f"{waiting.id}-complete"}


async def test_an_order_is_not_opened_again_when_paypal_may_have_forgotten_its_number() -> None:
    """PayPal keeps a request id for six hours: afterwards the same call would make a second order. The first one is known to nobody."""
    async with opened(pay_within=timedelta(days=1)) as scene:
        scene.script.on("POST ", (201, an_order()))
        attempt = scene.attempt()
        scene.clock.ahead = timedelta(hours=4, minutes=59)
        assert isinstance(await scene.gateway.resume(attempt), Waiting)
        scene.clock.ahead = timedelta(hours=5)
        assert await scene.gateway.resume(attempt) == Canceled(None)
        assert len(scene.script.asked) == 1


async def test_a_void_waits_for_the_capture_that_is_under_way() -> None:
    """A replica had begun it while the payment was still wanted: the void says nothing until it has ended, and then tells of the payment."""
    async with opened() as scene:
        begun, done = asyncio.Event(), asyncio.Event()
        paid = an_order("COMPLETED", captures=[a_capture()])

        async def slowly(_: web.Request) -> web.StreamResponse:
            begun.set()
            await done.wait()
            return _response(201, paid)

        scene.script.on(f"GET /{ORDER_ID}", (200, an_order("APPROVED")))
        scene.script.on(f"POST /{ORDER_ID}/capture", slowly)
        waiting = scene.waiting()
        capturing = asyncio.create_task(scene.gateway.resume(waiting))
        await begun.wait()
        void = following(waiting, AttemptKind.VOID, scene.clock.now())
        assert isinstance(await scene.gateway.void(void), Unknown)
        done.set()
        captured = await capturing
        assert isinstance(captured, Approved)
        scene.script.on(f"GET /{ORDER_ID}", (200, paid))
        assert await scene.gateway.resume(void) == captured


@pytest.mark.parametrize("status", ["CANCELLED", "FAILED"])
async def test_a_refund_that_paypal_gave_up_has_failed(status: str) -> None:
    """PayPal says so under the refund's own number."""
    async with opened() as scene:
        scene.script.on(f"GET /{ORDER_ID}", (200, an_order("COMPLETED", captures=[a_capture()])))
        scene.script.on("POST /captures/3C6/refund", (201, {"id": "1JU", "status": status}))
        charge = scene.waiting()
        refund = a_refund(charge, scene.clock.now())
        outcome = await scene.gateway.refund(refund, charge)
        assert isinstance(outcome, RefundFailed)
        assert outcome.gateway_refund_id == "1JU"
        assert scene.script.asked[-1][2] == refund.reference


async def test_a_refund_that_came_about_meanwhile_has_not_failed() -> None:
    """PayPal refuses the repeat because the lost call has just returned the money: the order is read again before that is believed."""
    async with opened() as scene:
        charge = scene.waiting()
        refund = a_refund(charge, scene.clock.now())
        before = an_order("COMPLETED", captures=[a_capture()])
        made = {"id": "1JU", "status": "COMPLETED", "amount": MONEY, "invoice_id": refund.reference}
        after = an_order("COMPLETED", captures=[a_capture("REFUNDED")], refunds=[made])
        scene.script.on(f"GET /{ORDER_ID}", (200, before), (200, after))
        scene.script.on("POST /captures/3C6/refund", (422, refusing("CAPTURE_FULLY_REFUNDED")))
        assert await scene.gateway.resume_refund(refund, charge) == Refunded("1JU")
        scene.script.on(f"GET /{ORDER_ID}", (200, before))
        assert isinstance(await scene.gateway.resume_refund(refund, charge), RefundFailed)


async def test_nothing_secret_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """Neither the client's secret, in any form, nor a token, however much is logged."""
    caplog.set_level(logging.DEBUG)
    async with opened() as scene:
        scene.script.on("POST ", (401, {"name": "AUTHENTICATION_FAILURE"}))
        await scene.gateway.authorise(scene.attempt())
        assert scene.script.tokens == 2
    credentials = b64encode(f"{CONFIG['client_id']}:{CONFIG['secret']}".encode()).decode()
    logged = caplog.text + repr(caplog.records) + repr(scene.gateway)
    assert not any(secret in logged for secret in (CONFIG["secret"], credentials, "token-1"))


@pytest.mark.parametrize("order", [an_order("COMPLETED"), an_order("APPROVED")], ids=["uncaptured", "unpaid"])
async def test_a_refund_of_what_paypal_does_not_show_is_not_sent(order: dict[str, Any]) -> None:
    """There is nothing to send it to; and nothing is proven by that."""
    async with opened() as scene:
        scene.script.on(f"GET /{ORDER_ID}", (200, order))
        charge = scene.waiting()
        refund = a_refund(charge, scene.clock.now())
        assert isinstance(await scene.gateway.refund(refund, charge), NotSent)
        assert isinstance(await scene.gateway.resume_refund(refund, charge), Unknown)


@pytest.mark.parametrize("missing", ["client_id", "secret"])
@pytest.mark.parametrize("value", ["", "two words", "ключ"])
def test_unusable_credentials_are_refused(missing: str, value: str) -> None:
    """The setting is named, its value is not."""
    with pytest.raises(Misconfigured) as refused:
        PayPalGateway(setup_of("http://127.0.0.1:9", SettableClock(), config={**CONFIG, missing: value}))
    assert refused.value.field == missing
    assert not value or value not in str(refused.value)


async def test_what_is_read_beside_the_api_is_bounded() -> None:
    """In size and in time; no redirect is followed, and what is not there is told from what is not there now."""

    async def handle(request: web.Request) -> web.StreamResponse:
        match request.path:
            case "/large":
                return web.Response(body=b"x" * 70_000)
            case "/away":
                raise web.HTTPFound("/small")
            case "/broken":
                return web.Response(status=502)
            case "/slow":
                await asyncio.sleep(2)
            case _:
                pass
        return web.Response(body=b"small")

    async with served(handle) as url:
        reader = Web(0.3)
        try:
            assert await reader.get(f"{url}/small") == b"small"
            for path, error in (
                ("large", NotServed),
                ("away", NotServed),
                ("broken", Unreachable),
                ("slow", Unreachable),
            ):
                with pytest.raises(error):
                    await reader.get(f"{url}/{path}")
        finally:
            await reader.aclose()
