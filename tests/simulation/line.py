"""The line between a replica and the gateway: slow, late, and cut in either direction when it is bad."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from random import Random

from server.domain.attempt import Attempt
from server.domain.gateway import Instrument, Wish
from server.domain.money import Money
from server.domain.outcomes import NotSent, Outcome, TokeniseOutcome, Unknown
from tests.fake_gateway import FakeGateway, Fault

_PATIENCE_SECONDS = 10.0


class Line:
    """A gateway behind a line of its own. What was sent is executed whether or not its sender lives to hear of it."""

    name = FakeGateway.name
    config_version = FakeGateway.config_version
    capabilities = FakeGateway.capabilities

    def __init__(self, gateway: FakeGateway, random: Random, *, bad: bool) -> None:
        self._gateway = gateway
        self._random = random
        self._under_way: set[asyncio.Task[None]] = set()
        self._bad = bad

    def check_amount(self, money: Money) -> None:
        self._gateway.check_amount(money)

    def request_for(self, wish: Wish) -> Mapping[str, str]:
        return self._gateway.request_for(wish)

    async def tokenise(self, instrument: Instrument, key: str) -> TokeniseOutcome:
        await asyncio.sleep(self._random.uniform(0.01, 0.3))
        if self._is(0.1):
            return NotSent("unreachable")
        return await self._gateway.tokenise(instrument, key)

    async def authorise(self, attempt: Attempt) -> Outcome:
        return await self._send("authorise", attempt, self._gateway.authorise)

    async def capture(self, attempt: Attempt) -> Outcome:
        return await self._send("capture", attempt, self._gateway.capture)

    async def void(self, attempt: Attempt) -> Outcome:
        return await self._send("void", attempt, self._gateway.void)

    async def resume(self, attempt: Attempt) -> Outcome:
        outcome = await self._send("resume", attempt, self._gateway.resume)
        return Unknown(outcome.message) if isinstance(outcome, NotSent) else outcome

    async def fetch(self, attempt: Attempt) -> Outcome:
        outcome = await self._send("fetch", attempt, self._gateway.fetch)
        return Unknown(outcome.message) if isinstance(outcome, NotSent) else outcome

    async def _send(
        self, operation: str, attempt: Attempt, executes: Callable[[Attempt], Awaitable[Outcome]]
    ) -> Outcome:
        if self._is(0.1):
            # Some are told at once; others connect until just about when the background takes them for lost.
            await asyncio.sleep(self._random.choice((0.1, self._random.uniform(20, 22.5))))
            return NotSent("unreachable")
        reply: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        if not self._is(0.1):
            journey = asyncio.create_task(self._journey(operation, attempt, executes, reply))
            self._under_way.add(journey)
            journey.add_done_callback(self._under_way.discard)
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                return await reply
        except TimeoutError:
            return Unknown("no answer")

    async def _journey(
        self,
        operation: str,
        attempt: Attempt,
        executes: Callable[[Attempt], Awaitable[Outcome]],
        reply: "asyncio.Future[Outcome]",
    ) -> None:
        await asyncio.sleep(self._random.uniform(9, 120) if self._is(0.15) else self._random.uniform(0.01, 0.5))
        if operation in {"capture", "void"} and self._is(0.2):
            self._gateway.next(operation, Fault.REFUSED)
        outcome = await executes(attempt)
        if self._is(0.15):
            return
        await asyncio.sleep(self._random.uniform(0, 15) if self._is(0.1) else self._random.uniform(0.01, 0.3))
        if not reply.done():
            reply.set_result(outcome)

    def _is(self, probability: float) -> bool:
        return self._bad and self._random.random() < probability
