"""A real server on a free port of this machine, in front of servicers and storage that a test brings."""

from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import grpc
from google.rpc import error_details_pb2
from google.rpc.status_pb2 import Status
from prometheus_client import CollectorRegistry

from server.domain.access import DEFAULT_MERCHANT, KeyKind
from server.domain.clock import Clock
from server.domain.ports import Store
from server.operations.api_keys import ApiKeyOperations
from server.rpc.contract import load_contract
from server.rpc.server import RpcServer, ServerOptions, build_server
from server.rpc.tokens import Tokens
from server.system import SystemClock, Uuid7
from sycee.v1.payment_service_pb2_grpc import PaymentServiceStub
from tests.memory import MemoryStore

if TYPE_CHECKING:
    # In the types only: at run time one class serves both kinds of channel.
    from sycee.v1.payment_service_pb2_grpc import PaymentServiceAsyncStub

CONTRACT = load_contract()
OPTIONS = ServerOptions(hash_key=b"k" * 32)


@dataclass(frozen=True)
class Running:
    """A server that runs, a channel to it, and a key that may do everything."""

    server: RpcServer
    channel: grpc.aio.Channel
    store: Store
    metrics: CollectorRegistry
    secret_key: str
    port: int

    @property
    def payments(self) -> "PaymentServiceAsyncStub":
        return PaymentServiceStub(self.channel)

    def unary(self, method: str) -> grpc.aio.UnaryUnaryMultiCallable[bytes, bytes]:
        """A call in bytes, for what no stub would send."""
        return self.channel.unary_unary(method, request_serializer=bytes, response_deserializer=bytes)

    def metadata(self, idempotency_key: str | None = None, **more: str) -> grpc.aio.Metadata:
        """What a caller with the secret key sends; `x_request_id` stands for `x-request-id`."""
        return a_callers_metadata(self.secret_key, idempotency_key, **more)


def a_callers_metadata(bearer: str, idempotency_key: str | None = None, **more: str) -> grpc.aio.Metadata:
    """The metadata of a call with that bearer."""
    pairs = [("authorization", f"Bearer {bearer}"), *((name.replace("_", "-"), value) for name, value in more.items())]
    if idempotency_key is not None:
        pairs.append(("idempotency-key", idempotency_key))
    return grpc.aio.Metadata(*pairs)


@asynccontextmanager
async def serving(
    *servicers: object,
    store: Store | None = None,
    clock: Clock | None = None,
    tokens: Tokens | None = None,
    options: ServerOptions = OPTIONS,
    addresses: Sequence[str] = (),
    tls: grpc.ServerCredentials | None = None,
) -> AsyncIterator[Running]:
    """Runs a server for as long as the block."""
    store, clock, metrics = store or MemoryStore(), clock or SystemClock(), CollectorRegistry()
    _, secret = await ApiKeyOperations(store, clock, Uuid7()).create(DEFAULT_MERCHANT, KeyKind.SECRET, "test")
    server = build_server(
        contract=CONTRACT,
        servicers=servicers,
        store=store,
        clock=clock,
        ids=Uuid7(),
        tokens=tokens,
        options=options,
        metrics=metrics,
    )
    port = server.listen("127.0.0.1:0", tls)
    for address in addresses:
        server.listen(address)
    await server.start()
    await server.tell_ready(True)
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield Running(server, channel, store, metrics, secret, port)
    await server.stop(0)


@dataclass(frozen=True)
class Answer:
    """An error as a caller reads it."""

    code: grpc.StatusCode
    reason: str
    message: str
    facts: dict[str, str]
    violations: list[tuple[str, str]]
    retry_after_seconds: int | None
    size: int


def answer_of(error: grpc.aio.AioRpcError) -> Answer:
    """Reads an error's details."""
    details = dict(error.trailing_metadata() or ())["grpc-status-details-bin"]
    assert isinstance(details, bytes)
    status = Status.FromString(details)
    info, retry, bad = error_details_pb2.ErrorInfo(), error_details_pb2.RetryInfo(), error_details_pb2.BadRequest()
    has_retry = False
    for detail in status.details:
        detail.Unpack(info)
        has_retry = detail.Unpack(retry) or has_retry
        detail.Unpack(bad)
    assert (error.code().value[0], error.details(), info.domain) == (status.code, status.message, "sycee.v1")
    return Answer(
        code=error.code(),
        reason=info.reason,
        message=status.message,
        facts=dict(info.metadata),
        violations=[(violation.field, violation.description) for violation in bad.field_violations],
        retry_after_seconds=retry.retry_delay.seconds if has_retry else None,
        size=len(details),
    )


async def refused(call: Awaitable[object] | AsyncIterable[object]) -> Answer:
    """The error with which a call ends, a stream's after whatever it sent; fails when it succeeds."""
    try:
        got = [each async for each in call] if isinstance(call, AsyncIterable) else await call
    except grpc.aio.AioRpcError as error:
        return answer_of(error)
    raise AssertionError(f"the call succeeded: {got}")


def trailing(metadata: Sequence[tuple[str, str | bytes]] | grpc.aio.Metadata | None) -> dict[str, str | bytes]:
    """Trailing or initial metadata by name."""
    return dict(metadata or ())
