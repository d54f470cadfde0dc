"""Calls to one interceptor or handler, without a server around it."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar, cast
from uuid import UUID

from server.domain.access import Call, Caller
from server.domain.ports import Store, Transaction
from server.rpc.contract import Rpc
from server.rpc.exchange import Context, Exchange, Handler
from server.rpc.failures import Failures
from server.rpc.interceptors.idempotency import Idempotency
from server.rpc.mutations import Mutations
from server.rpc.reasons import read_reasons
from server.system import Uuid7
from sycee.v1 import payment_service_pb2 as pb
from tests.builders import A_CALLER
from tests.clock_and_ids import StoppedClock
from tests.memory import MemoryStore
from tests.rpc import CONTRACT

T = TypeVar("T")

FAILURES = Failures(read_reasons())
IDS = Uuid7()
CANCEL = pb.CancelPaymentRequest(id="p1")


class FakeContext:
    """What a call's context gives and takes."""

    def __init__(self, metadata: tuple[tuple[str, str], ...], seconds_left: float | None) -> None:
        self.initial: tuple[tuple[str, str], ...] = ()
        self.trailing: tuple[tuple[str, str], ...] = ()
        self._metadata = metadata
        self._seconds_left = seconds_left

    def invocation_metadata(self) -> tuple[tuple[str, str], ...]:
        return self._metadata

    def time_remaining(self) -> float | None:
        return self._seconds_left

    def set_trailing_metadata(self, metadata: tuple[tuple[str, str], ...]) -> None:
        self.trailing = metadata

    async def send_initial_metadata(self, metadata: tuple[tuple[str, str], ...]) -> None:
        self.initial = metadata


def an_rpc(name: str) -> Rpc:
    """An RPC of the contract, such as `CancelPayment`."""
    return next(rpc for rpc in CONTRACT.rpcs if rpc.name == name)


def an_exchange(
    rpc: Rpc,
    key: str | None = None,
    *,
    caller: Caller = A_CALLER,
    seconds_left: float | None = None,
    metadata: tuple[tuple[str, str], ...] = (),
) -> Exchange:
    """A call that has passed the access check."""
    sent = metadata if key is None else (*metadata, ("idempotency-key", key))
    exchange = Exchange(rpc, cast(Context, FakeContext(sent, seconds_left)), IDS.new())
    exchange.request_id = f"req_{exchange.id.hex}"
    exchange.call = Call(caller, exchange.id)
    return exchange


def context_of(exchange: Exchange) -> FakeContext:
    """What was done to the call's context."""
    return cast(FakeContext, exchange.context)


class Operation:
    """A handler that counts its runs, and does in each what the test lists: give bytes, raise an error, or wait for the test."""

    def __init__(self, *does: bytes | Exception | asyncio.Event) -> None:
        self.calls: list[Call] = []
        self.finished = 0
        self._does = list(does)

    @property
    def ids(self) -> list[UUID]:
        return [call.operation_id for call in self.calls]

    async def __call__(self, exchange: Exchange, _request: Any) -> bytes:
        assert exchange.call is not None
        self.calls.append(exchange.call)
        does = self._does.pop(0) if self._does else b"done"
        if isinstance(does, asyncio.Event):
            await does.wait()
            does = b"done"
        self.finished += 1
        if isinstance(does, Exception):
            raise does
        return does


class Replica:
    """One process's idempotency in front of an operation; several may share a store and a clock."""

    def __init__(
        self,
        operation: Handler,
        *,
        store: Store | None = None,
        clock: StoppedClock | None = None,
        rpc: str = "CancelPayment",
        hash_key: bytes = b"k" * 32,
        lease: timedelta = timedelta(seconds=60),
    ) -> None:
        self.rpc = an_rpc(rpc)
        self.clock = clock or StoppedClock()
        self.mutations = Mutations()
        idempotency = Idempotency(
            store=store or MemoryStore(),
            clock=self.clock,
            hash_key=hash_key,
            failures=FAILURES,
            mutations=self.mutations,
            lease=lease,
        )
        self.handler = idempotency.around(self.rpc, operation)

    async def call(self, key: str | None = "key", request: Any = CANCEL, caller: Caller = A_CALLER) -> bytes:
        return await self.handler(an_exchange(self.rpc, key, caller=caller), request)

    async def crash_during_a_call(self) -> None:
        """Begins a call and ends it as a dead process does: nobody concludes anything."""
        call = asyncio.create_task(self.call())
        await asyncio.sleep(0.01)
        for task in (call, *self.mutations._running):
            task.cancel()
        await asyncio.gather(call, return_exceptions=True)

    async def call_with(self, exchange: Exchange, request: Any = CANCEL) -> bytes:
        return await self.handler(exchange, request)


class BreakingStore:
    """A store that breaks where the test says: `before` a transaction, which then leaves nothing, or `after` it, when only the answer is lost."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.before = 0
        self.after = 0

    async def transaction(self, work: Callable[[Transaction], T]) -> T:
        if self.before:
            self.before -= 1
            raise ConnectionError("nothing was stored")
        result = await self._store.transaction(work)
        if self.after:
            self.after -= 1
            raise ConnectionError("stored, and the answer is lost")
        return result

    async def read(self, work: Callable[[Transaction], T]) -> T:
        return await self._store.read(work)

    async def look_up(self, work: Callable[[Transaction], T]) -> T:
        return await self._store.look_up(work)
