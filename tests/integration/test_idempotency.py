"""Idempotency over real calls and both databases: one run, whoever asks, on however many replicas."""

import asyncio
from pathlib import Path
from uuid import UUID

import grpc
import pytest

from server.domain.errors import CardDeclined
from server.rpc.call import current_call
from server.storage.store import SqlStore
from sycee.v1 import payment_service_pb2 as pb
from sycee.v1.payment_method_service_pb2 import PAYMENT_METHOD_TYPE_CARD
from sycee.v1.payment_service_pb2_grpc import PaymentServiceServicer
from tests.builders import an_id
from tests.clock_and_ids import StoppedClock
from tests.rpc import OPTIONS, Running, answer_of, refused, serving, trailing

CARD = "4242424242424242"


class Payments(PaymentServiceServicer):
    """Counts what it does; cancels at once or when the test lets it."""

    def __init__(self) -> None:
        self.operations: list[UUID] = []
        self.begun, self.may_end = asyncio.Event(), asyncio.Event()
        self.may_end.set()

    async def CancelPayment(self, request: pb.CancelPaymentRequest, _context: object) -> pb.Payment:  # noqa: N802
        self.operations.append(current_call().operation_id)
        self.begun.set()
        await self.may_end.wait()
        if request.id == "declined":
            raise CardDeclined("no", payment_id=str(an_id()))
        return pb.Payment(id=request.id, reference=f"run {len(self.operations)}")

    async def CreatePayment(self, request: pb.CreatePaymentRequest, _context: object) -> pb.Payment:  # noqa: N802
        raise RuntimeError(f"a bug that quotes {request.payment_method.card.number}")


def cancel(
    running: Running, id: str = "p1", key: str = "key", bearer: Running | None = None, **metadata: str
) -> "grpc.aio.UnaryUnaryCall[pb.CancelPaymentRequest, pb.Payment]":
    """A call under a key, with the key of the replica that knows the caller."""
    return running.payments.CancelPayment(
        pb.CancelPaymentRequest(id=id), metadata=(bearer or running).metadata(key, **metadata)
    )


async def outcome(call: "grpc.aio.UnaryUnaryCall[pb.CancelPaymentRequest, pb.Payment]") -> str:
    """The reference of the payment, or the reason of the error."""
    try:
        return (await call).reference
    except grpc.aio.AioRpcError as error:
        return answer_of(error).reason


async def test_forty_calls_at_once_on_two_replicas_run_once(store: SqlStore) -> None:
    """One gets the reply, the others are told to come back; then everybody has the same bytes."""
    payments = Payments()
    payments.may_end.clear()
    async with serving(payments, store=store) as one, serving(payments, store=store) as two:
        calls = [cancel(replica, bearer=one) for _ in range(20) for replica in (one, two)]
        outcomes = [asyncio.ensure_future(outcome(call)) for call in calls]
        await payments.begun.wait()
        ended = asyncio.as_completed(outcomes)
        early = [await next(ended) for _ in range(39)]
        payments.may_end.set()
        last = await next(ended)
        later = [await outcome(cancel(replica, bearer=one)) for replica in (one, two)]

    assert (early, last) == (["IDEMPOTENCY_KEY_IN_USE"] * 39, "run 1")
    assert later == ["run 1"] * 2
    assert len(payments.operations) == 1


async def test_a_reply_outlives_its_server(store: SqlStore) -> None:
    """A new process replays what another one answered, and says so."""
    payments = Payments()
    async with serving(payments, store=store) as first:
        reply = await cancel(first)
    async with serving(payments, store=store) as second:
        call = cancel(second, bearer=first)
        assert await call == reply
        assert trailing(await call.trailing_metadata())["idempotent-replayed"] == "true"
        assert trailing(await call.initial_metadata())["idempotent-replayed"] == "true"


async def test_a_decline_is_replayed_with_its_first_request_id(store: SqlStore) -> None:
    """The error is the same bytes; the replay's own id stands beside it."""
    async with serving(Payments(), store=store) as running:
        first = await refused(cancel(running, "declined", x_request_id="first"))
        again = cancel(running, "declined", x_request_id="second")
        assert await refused(again) == first
        assert first.facts["request_id"] == "first"
        assert trailing(await again.trailing_metadata())["x-request-id"] == "second"
        assert trailing(await again.trailing_metadata())["idempotent-replayed"] == "true"


async def test_what_a_dead_server_began_is_resumed_after_its_lease(store: SqlStore) -> None:
    """Until then the key is in use; then the same operation goes on under the same id."""
    clock, dead, alive = StoppedClock(), Payments(), Payments()
    dead.may_end.clear()
    async with serving(dead, store=store, clock=clock) as one:
        call = cancel(one)
        waiting = asyncio.gather(call, return_exceptions=True)
        await dead.begun.wait()
        assert await one.server.stop(0) == 1
        await waiting
        async with serving(alive, store=store, clock=clock) as two:
            assert await outcome(cancel(two, bearer=one)) == "IDEMPOTENCY_KEY_IN_USE"
            clock.move(OPTIONS.lease * 1.1)
            assert await outcome(cancel(two, bearer=one)) == "run 1"
    assert alive.operations == dead.operations


@pytest.mark.parametrize("key", ["key", None])
async def test_a_caller_that_hangs_up_stops_nothing(store: SqlStore, key: str | None) -> None:
    """The run ends, and under a key its reply waits."""
    payments = Payments()
    payments.may_end.clear()
    async with serving(payments, store=store) as running:
        call = running.payments.CancelPayment(pb.CancelPaymentRequest(id="p1"), metadata=running.metadata(key))
        waiting = asyncio.gather(call, return_exceptions=True)
        await payments.begun.wait()
        call.cancel()
        await waiting
        payments.may_end.set()
        assert await running.server.stop(5) == 0
    assert len(payments.operations) == 1


def contents(folder: Path) -> list[bytes]:
    """Every file's bytes: the database and its journals."""
    return [file.read_bytes() for file in folder.rglob("*") if file.is_file()]


async def test_no_card_number_reaches_the_database(sqlite_store: SqlStore, tmp_path: Path) -> None:
    """Neither as a request nor in the text of an error: not a byte of it stands in any file."""
    request = pb.CreatePaymentRequest(amount="1.00", currency="USD")
    request.payment_method.type = PAYMENT_METHOD_TYPE_CARD
    request.payment_method.card.number = CARD
    request.payment_method.card.exp_month, request.payment_method.card.exp_year = 12, 2030
    async with serving(Payments(), store=sqlite_store) as running:
        found = await refused(running.payments.CreatePayment(request, metadata=running.metadata("key")))
        assert found.reason == "INTERNAL"
        assert CARD not in str(found)
    stored = contents(tmp_path)
    assert any(b"CreatePayment" in content for content in stored)
    assert not any(CARD.encode() in content for content in stored)
