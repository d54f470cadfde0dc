"""`sycee dev` under load, killed and started again where it was, and at last asked to end."""

import asyncio
import json
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import grpc
import pytest

from server.storage.store import open_store
from tests.e2e.crash.books import disagreements, read_books
from tests.e2e.crash.caller import Answer
from tests.e2e.crash.dev import Death, DevProcess, Machine
from tests.e2e.crash.faces import Faces, faces
from tests.e2e.crash.gateway import SimulatedGateway

pytestmark = pytest.mark.everywhere

_SEED = 2024
_CALLS = 20
_SLOW_CALLS = 6


@dataclass(slots=True)
class Purchase:
    """A call under a key of its own; its amount tells its charge from all others. `answer` is what its caller was last told."""

    amount_minor: int
    rest: bool
    answer: Answer | None = None

    @property
    def key(self) -> str:
        """Its idempotency key."""
        return f"purchase-{self.amount_minor}"

    @property
    def succeeded(self) -> bool:
        """Whether its caller knows that it was paid."""
        return self.answer is not None and self.answer.outcome == f"succeeded {self._amount}"

    @property
    def promised_free(self) -> bool:
        """Whether its caller was told that no money moved."""
        if self.answer is None or self.succeeded or not self.rest:
            return False
        promised: bool = json.loads(self.answer.reply)["error"]["outcome"] == "not_sent"
        return promised

    @property
    def _amount(self) -> str:
        return f"{self.amount_minor // 100}.{self.amount_minor % 100:02}"

    async def make(self, faces: Faces) -> None:
        """Makes the call."""
        self.answer = await faces.pay(self.key, rest=self.rest, amount=self._amount)

    async def make_while_it_lives(self, faces: Faces) -> None:
        """Makes the call, and may find the line cut."""
        try:
            await self.make(faces)
        except (aiohttp.ClientError, grpc.aio.AioRpcError):
            return

    async def make_again(self, faces: Faces) -> None:
        """Makes the call again; whoever knows the answer hears it once more."""
        known = self.answer if self.succeeded else None
        await self.make(faces)
        assert self.succeeded, self.answer
        assert self.answer is not None
        assert known is None or (self.answer.replayed and self.answer.reply == known.reply)


async def test_what_was_bought_before_a_death_is_bought_once(tmp_path: Path) -> None:
    """SIGKILL hits all processes, the one that started them, or the server; each time the next start serves from the same directory and ports."""
    machine, chance = Machine.of(tmp_path), random.Random(_SEED)
    purchases: list[Purchase] = []
    credentials = set()
    for death in Death:
        async with machine.running() as dev, _faces(dev) as (its_faces, gateway):
            credentials.add((dev.service.secret_key, dev.service.restricted_key, dev.service.jwt_secret))
            await _made_good(purchases, its_faces, gateway)
            new = [Purchase(1_000 + len(purchases) + number, rest=number % 2 == 0) for number in range(_CALLS)]
            purchases += new
            await _cut_off(dev, new, its_faces, death, after=chance.randrange(1, _CALLS // 2))
            await dev.gone()
            # What a death leaves behind must not be in the way of the next start.
            assert machine.socket.exists()
            assert machine.dev_json.exists() == (death is not Death.SERVER)
    async with machine.running() as dev, _faces(dev) as (its_faces, gateway):
        credentials.add((dev.service.secret_key, dev.service.restricted_key, dev.service.jwt_secret))
        await _made_good(purchases, its_faces, gateway)
        await _assert_in_order(machine, purchases, gateway)
        await _ended_politely(dev, its_faces, gateway)
    assert not machine.dev_json.exists()
    assert len(credentials) == 1


@asynccontextmanager
async def _faces(dev: DevProcess) -> AsyncIterator[tuple[Faces, SimulatedGateway]]:
    """Its callers, and its gateway."""
    service = dev.service
    async with faces(service.http, service.grpc, service.secret_key) as its_faces, aiohttp.ClientSession() as http:
        yield its_faces, SimulatedGateway(service.sandbox, http)


async def _cut_off(dev: DevProcess, purchases: Sequence[Purchase], faces: Faces, death: Death, after: int) -> None:
    """Makes all calls at once, and kills as soon as so many are answered."""
    calls = [asyncio.ensure_future(purchase.make_while_it_lives(faces)) for purchase in purchases]
    for answered, call in enumerate(asyncio.as_completed(calls), start=1):
        await call
        if answered == after:
            dev.kill(death)


async def _made_good(purchases: Sequence[Purchase], faces: Faces, gateway: SimulatedGateway) -> None:
    """What callers were told before the death was true; all of them call again and are told that they have paid."""
    charged = {held.amount_minor for held in await gateway.held() if held.status == "succeeded"}
    assert {purchase.amount_minor for purchase in purchases if purchase.succeeded} <= charged
    assert not {purchase.amount_minor for purchase in purchases if purchase.promised_free} & charged
    await asyncio.gather(*(purchase.make_again(faces) for purchase in purchases))


async def _assert_in_order(machine: Machine, purchases: Sequence[Purchase], gateway: SimulatedGateway) -> None:
    store = open_store(f"sqlite:///{machine.data_dir / 'sycee.db'}")
    try:
        books = await read_books(store)
    finally:
        await store.close()
    held = await gateway.held()
    assert not (wrong := disagreements(books, held, {purchase.key for purchase in purchases})), "\n".join(wrong)
    assert sorted(each.captured_minor for each in held) == sorted(purchase.amount_minor for purchase in purchases)


async def _ended_politely(dev: DevProcess, faces: Faces, gateway: SimulatedGateway) -> None:
    """SIGTERM, while the gateway works on charges: they are answered over both faces before anything ends."""
    await gateway.control.fault("pay", "slow", count=_SLOW_CALLS, delay_ms=1_000)
    last = [Purchase(9_000 + number, rest=number % 2 == 0) for number in range(_SLOW_CALLS)]
    calls = [asyncio.ensure_future(purchase.make(faces)) for purchase in last]
    await gateway.reached()
    dev.process.terminate()
    await asyncio.gather(*calls)
    assert all(purchase.succeeded for purchase in last)
    assert await dev.gone() == 0
