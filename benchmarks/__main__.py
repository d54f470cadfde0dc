"""`make bench`: prints how fast the service is, as ratios against limits measured in the same run."""

import argparse
import asyncio
import os
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import grpc
import orjson
import uvloop

from benchmarks import callbacks
from benchmarks.load import CALLERS, ROUNDS, SECONDS, Figures, load, median_of
from benchmarks.processes import memory_mib
from benchmarks.raw_driver import payments_per_second
from benchmarks.server import EMPTY_CALL
from server.commands.cards import card, typed_card
from server.commands.dev import prepared, store_keys
from server.commands.dev_credentials import DevCredentials, dev_credentials
from server.commands.dev_gateways import configure_gateways
from server.commands.ports import free_ports
from server.commands.tables import table
from server.composition import open_store
from server.processes.group import process_group
from server.settings import Settings
from server.storage.migrate import migrate
from sycee.v1 import payment_service_pb2 as pb

_GET = "/sycee.v1.PaymentService/GetPayment"
_CREATE = "/sycee.v1.PaymentService/CreatePayment"

Call = Callable[[], Awaitable[object]]
_Bytes = grpc.aio.UnaryUnaryMultiCallable[bytes, bytes]


@dataclass(frozen=True, slots=True)
class Service:
    """A running service to load: its processes and how to reach it."""

    settings: Settings
    made: DevCredentials
    server_pid: int
    bridge_pid: int


@dataclass(frozen=True, slots=True)
class Loads:
    """What was measured under load."""

    empty: Figures
    get: Figures
    create: Figures
    create_with_key: Figures
    create_alone: Figures
    rest_get: Figures
    rest_create: Figures
    callbacks: Figures


async def main() -> None:
    """Runs everything and prints it; takes about a minute."""
    _say(
        f"{os.cpu_count()} cores, Python {sys.version.split()[0]}; {CALLERS} callers, {ROUNDS} rounds of {SECONDS:.0f} s for each load; one process serves gRPC, one REST\n"
    )
    with tempfile.TemporaryDirectory(prefix="sycee-bench-") as directory:
        async with _service(Path(directory)) as (service, started_seconds):
            memory_before = memory_mib(service.server_pid)
            loads = await _loads(service)
            memory_after = memory_mib(service.server_pid)
        _say("  the raw driver")
        raw = await asyncio.to_thread(payments_per_second, service.settings.data_dir / "sycee.db")
    _say("\n" + _figures(loads))
    _say("\n" + _verdicts(loads, raw, started_seconds, memory_before, memory_after))


async def _loads(service: Service) -> Loads:
    """Every load in turn, several times over: what else the machine does then hits all of them alike."""
    server, both = [service.server_pid], [service.server_pid, service.bridge_pid]
    async with _grpc(service) as calls, _rest(service) as http:
        payment_id = await calls.create_one()
        kinds: Mapping[str, tuple[Call, list[int], int]] = {
            "empty": (calls.empty, server, CALLERS),
            "get": (calls.get(payment_id), server, CALLERS),
            "rest_get": (http.get(payment_id), both, CALLERS),
            "create": (calls.create, server, CALLERS),
            "rest_create": (http.create, both, CALLERS),
            "create_with_key": (calls.create_with_key, server, CALLERS),
            "create_alone": (calls.create, server, 1),
        }
        measured: dict[str, list[Figures]] = {name: [] for name in kinds}
        for number in range(1, ROUNDS + 1):
            _say(f"  round {number} of {ROUNDS}")
            for name, (call, pids, callers) in kinds.items():
                measured[name].append(await load(call, pids, callers))
        _say(f"  callbacks, {callbacks.A_SECOND} a second for {callbacks.SECONDS:.0f} s")
        told = await callbacks.callback_figures(calls.create_with, _callback_url(service), service.made, both)
    return Loads(**{name: median_of(rounds) for name, rounds in measured.items()}, callbacks=told)


def _callback_url(service: Service) -> str:
    return f"http://{service.settings.host}:{service.settings.http_port}/api/payments/callback/alipay"


class _GrpcCalls:
    """Calls with ready-made bytes, so that the callers cost as little as they can."""

    def __init__(self, channel: grpc.aio.Channel, secret_key: str) -> None:
        self._channel = channel
        self._metadata = (("authorization", f"Bearer {secret_key}"),)
        self._create_call: _Bytes = channel.unary_unary(_CREATE)
        self._empty_call: _Bytes = channel.unary_unary(EMPTY_CALL)
        wish = pb.CreatePaymentRequest(amount="59.49", currency="USD", payment_method=typed_card("4242424242424242"))
        wish.metadata["order_number"] = "1001"
        self._wish = wish.SerializeToString()

    async def empty(self) -> object:
        return await self._empty_call(b"", metadata=self._metadata)

    def get(self, payment_id: str) -> Call:
        call: _Bytes = self._channel.unary_unary(_GET)
        request = pb.GetPaymentRequest(id=payment_id).SerializeToString()

        async def get() -> object:
            return await call(request, metadata=self._metadata)

        return get

    async def create(self) -> object:
        return await self._create_call(self._wish, metadata=self._metadata)

    async def create_with(self, wish: bytes) -> bytes:
        reply: bytes = await self._create_call(wish, metadata=self._metadata)
        return reply

    async def create_with_key(self) -> object:
        return await self._create_call(self._wish, metadata=(*self._metadata, ("idempotency-key", str(uuid.uuid4()))))

    async def create_one(self) -> str:
        reply: bytes = await self._create_call(self._wish, metadata=self._metadata)
        return pb.Payment.FromString(reply).id


class _RestCalls:
    """The same calls over HTTP."""

    def __init__(self, session: aiohttp.ClientSession, base: str) -> None:
        self._session = session
        self._url = f"{base}/api/v1/payments"
        wish = {
            "amount": "59.49",
            "currency": "USD",
            "payment_method": card("4242424242424242"),
            "metadata": {"order_number": "1001"},
        }
        self._wish = orjson.dumps(wish)

    def get(self, payment_id: str) -> Call:
        async def get() -> object:
            async with self._session.get(f"{self._url}/{payment_id}") as answer:
                answer.raise_for_status()
                return await answer.read()

        return get

    async def create(self) -> object:
        async with self._session.post(
            self._url, data=self._wish, headers={"Content-Type": "application/json"}
        ) as answer:
            answer.raise_for_status()
            return await answer.read()


@asynccontextmanager
async def _grpc(service: Service) -> AsyncIterator[_GrpcCalls]:
    async with grpc.aio.insecure_channel(service.settings.socket_target) as channel:
        yield _GrpcCalls(channel, service.made.secret_key)


@asynccontextmanager
async def _rest(service: Service) -> AsyncIterator[_RestCalls]:
    headers = {"Authorization": f"Bearer {service.made.secret_key}"}
    async with aiohttp.ClientSession(headers=headers, connector=aiohttp.TCPConnector(limit=CALLERS)) as session:
        yield _RestCalls(session, f"http://{service.settings.host}:{service.settings.http_port}")


@asynccontextmanager
async def _service(directory: Path) -> AsyncIterator[tuple[Service, float]]:
    """The service with the gateway that answers at once; also gives how long the server took to start, database included."""
    rpc, http = free_ports(2)
    settings, environment = prepared(
        {
            "PATH": os.environ.get("PATH", ""),
            "SYCEE_DATA_DIR": str(directory),
            "SYCEE_GRPC_PORT": str(rpc),
            "SYCEE_HTTP_PORT": str(http),
            "SYCEE_LOG_LEVEL": "ERROR",
        }
    )
    migrate(settings.database_url)
    made = dev_credentials(directory)
    async with open_store(settings) as store:
        await store_keys(store, made)
        await configure_gateways(store, settings, made)
    started = time.perf_counter()
    with subprocess.Popen(  # noqa: ASYNC220  (nothing else runs yet)
        [sys.executable, "-m", "benchmarks.server"], stdout=subprocess.PIPE, env=environment
    ) as server:
        try:
            assert server.stdout is not None
            if server.stdout.readline() != b"ready\n":
                raise RuntimeError("the server did not start; what it wrote above says why")
            started_seconds = time.perf_counter() - started
            async with process_group(("bridge",), environment) as group:
                yield Service(settings, made, server.pid, group.pid("bridge")), started_seconds
        finally:
            server.kill()


def _figures(loads: Loads) -> str:
    names = {
        "empty unary call": loads.empty,
        "gRPC GetPayment": loads.get,
        "gRPC CreatePayment": loads.create,
        "  with an idempotency key": loads.create_with_key,
        "  one caller": loads.create_alone,
        "REST GET payment": loads.rest_get,
        "REST POST payment": loads.rest_create,
        "REST signed callback": loads.callbacks,
    }
    rows = [
        [
            name,
            f"{one.calls_per_second:,.0f}",
            f"{one.median_milliseconds:.1f}",
            f"{one.p99_milliseconds:.1f}",
            f"{one.cpu_microseconds:,.0f}",
        ]
        for name, one in names.items()
    ]
    return table(("call", "calls a second", "median ms", "p99 ms", "server CPU, µs a call"), rows)


def _verdicts(loads: Loads, raw: float, started_seconds: float, memory_before: float, memory_after: float) -> str:
    def ratio(one: Figures, limit: Figures) -> float:
        return one.calls_per_second / limit.calls_per_second

    create = loads.create.calls_per_second
    rows = [
        ["(a) GetPayment : empty call", f"{ratio(loads.get, loads.empty):.2f}", "≥ 0.5"],
        ["    the same by server CPU", f"{loads.empty.cpu_microseconds / loads.get.cpu_microseconds:.2f}", ""],
        [f"(b) CreatePayment : raw driver ({raw:,.0f}/s)", f"{create / raw:.2f}", "≥ 0.3"],
        ["    one caller : raw driver", f"{loads.create_alone.calls_per_second / raw:.2f}", ""],
        ["    payments a second, durable", f"{create:,.0f}", "≥ 400"],
        ["(c) REST GET : gRPC GetPayment", f"{ratio(loads.rest_get, loads.get):.2f}", "≥ 0.5"],
        ["    REST POST : gRPC CreatePayment", f"{ratio(loads.rest_create, loads.create):.2f}", ""],
        [
            f"(e) callbacks, {callbacks.A_SECOND} a second: p99 ms, median ms",
            f"{loads.callbacks.p99_milliseconds:.0f}, {loads.callbacks.median_milliseconds:.0f}",
            "≤ 500",
        ],
        ["(d) server start-up, seconds", f"{started_seconds:.2f}", "≤ 2"],
        ["    server memory, MiB, at start / after load", f"{memory_before:.0f} / {memory_after:.0f}", "≤ 150"],
    ]
    return table(("figure", "measured", "aim"), rows)


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    # Nothing can be chosen; who asks what this is shall not wait for it, nor a mistyped word pass for a measurement.
    argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__).parse_args()
    uvloop.run(main())
