"""Calls that are cut off by the server's death, and what becomes of each: nobody asks again, or its caller does."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from itertools import product

import grpc

from tests.e2e.crash.caller import Answer, Caller
from tests.e2e.crash.gateway import SimulatedGateway
from tests.e2e.crash.process import ServerProcess
from tests.e2e.crash.scenes import AUTHORISED, CAPTURED, EVERY_SCENE, GOOD_CARD, Needs, Scene, a_card_to_keep
from tests.e2e.crash.steps import Place


class Retry(Enum):
    """When the caller asks again after a restart."""

    FIRST = auto()
    """Before the background begins: the call itself finds out what became of it."""

    AT_ONCE = auto()
    """At the moment when the background begins: both find out, and one of them is second."""

    LAST = auto()
    """When the background has settled everything alone."""


@dataclass(slots=True)
class Errand:
    """A call under a key of its own, `about` a payment, an intent or a token; `answer` is what its caller was last told."""

    scene: Scene
    retry: Retry
    about: str = ""
    answer: Answer | None = None

    @property
    def key(self) -> str:
        """Its idempotency key."""
        return f"{self.scene.name}/{self.retry.name}".replace(" ", "-")

    async def prepare(self, caller: Caller, gateway: SimulatedGateway) -> None:
        """Makes what the call needs."""
        if self.scene.needs is Needs.TOKEN:
            self.about = await gateway.new_token(GOOD_CARD)
        if self.scene.needs is Needs.AUTHORISED:
            await self._follow(AUTHORISED, caller)
        if self.scene.needs is Needs.CAPTURED:
            await self._follow(CAPTURED, caller)
        if self.scene.needs is Needs.INTENT:
            self.about = await caller.new_intent("59.49", a_card_to_keep(self.key))

    async def _follow(self, first: Scene, caller: Caller) -> None:
        made = await first.play(caller, f"first/{self.key}", "")
        assert made.outcome == first.outcome
        self.about = made.payment_id

    async def run(self, caller: Caller) -> None:
        """Makes the call."""
        self.answer = await self.scene.play(caller, self.key, self.about)

    async def run_until_cut_off(self, caller: Caller) -> None:
        """Makes the call, and may find the line cut."""
        try:
            await self.run(caller)
        except grpc.aio.AioRpcError as error:
            if error.code() is not grpc.StatusCode.UNAVAILABLE:
                raise

    async def retry_now(self, caller: Caller) -> None:
        """Makes the call again. It answers as if nothing had happened, and as before if it had been answered."""
        before = self.answer
        await self.run(caller)
        assert self.answer is not None
        assert self.answer.outcome == self.scene.outcome, f"{self.key}: {self.answer}"
        assert before is None or self.answer.replayed, f"{self.key} ran twice"
        assert before is None or before.reply == self.answer.reply, f"{self.key} was answered differently"


def every_errand(*retries: Retry, scenes: Sequence[Scene] = EVERY_SCENE) -> list[Errand]:
    """Every call, once with each of these fates."""
    return [Errand(scene, retry) for scene, retry in product(scenes, retries)]


async def prepared(errands: Iterable[Errand], caller: Caller, gateway: SimulatedGateway) -> None:
    """Everything is there that the calls need."""
    await asyncio.gather(*(errand.prepare(caller, gateway) for errand in errands))


async def retried(errands: Iterable[Errand], caller: Caller, *retries: Retry) -> None:
    """Those with one of these fates are asked again, all at once."""
    await asyncio.gather(*(errand.retry_now(caller) for errand in errands if errand.retry in retries))


async def cut_off(server: ServerProcess, caller: Caller, errands: Iterable[Errand], at: Place) -> None:
    """Makes all calls at once, and kills the server when each has been answered or stands `at` a place."""
    server.stop_at(at)
    calls = [asyncio.ensure_future(errand.run_until_cut_off(caller)) for errand in errands]
    for call in calls:
        call.add_done_callback(server.nudge)
    while server.standing < sum(not call.done() for call in calls):
        await server.news()
    await server.kill()
    await asyncio.gather(*calls)
