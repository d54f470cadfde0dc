"""The gRPC server: the whole contract, served or not yet, behind its interceptors, with health and reflection beside it."""

import asyncio
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import grpc
from prometheus_client import CollectorRegistry

from server.domain.clock import Clock
from server.domain.ids import Ids
from server.domain.ports import Store
from server.operations.access import KeyAccess
from server.rpc.call_log import CallLog
from server.rpc.chain import Chain
from server.rpc.contract import Contract
from server.rpc.credentials import Credentials
from server.rpc.endpoint import Servicers
from server.rpc.failures import Failures
from server.rpc.interceptors.access import AccessCheck
from server.rpc.interceptors.errors import Errors
from server.rpc.interceptors.idempotency import LEASE, Idempotency
from server.rpc.interceptors.load_limit import LoadLimit
from server.rpc.interceptors.request_id import RequestId
from server.rpc.interceptors.telemetry import Telemetry
from server.rpc.interceptors.validation import Validation
from server.rpc.mutations import Mutations
from server.rpc.reasons import read_reasons
from server.rpc.standard_services import Health, add_reflection
from server.rpc.tokens import Tokens

# A body of 1 MiB, which the bridge passes on whole, with the headers that came with it.
_MAX_MESSAGE_BYTES = (1 << 20) + (64 << 10)
_MAX_CONCURRENT_CALLS = 1_000
_MAX_CONCURRENT_PUBLIC_CALLS = 200

# What calls that change nothing, and the answers of those that did, get before the server is gone.
_LAST_WORDS_SECONDS = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerOptions:
    """What the settings decide. `reuse_port` lets several processes share the port; by default a second one is refused it."""

    hash_key: bytes = field(repr=False)
    reflection: bool = True
    reuse_port: bool = False
    lease: timedelta = LEASE


class RpcServer:
    """A server that is not ready until it is told so, and that lets mutations run to their end when it stops."""

    def __init__(self, server: grpc.aio.Server, health: Health, mutations: Mutations, log: CallLog) -> None:
        self._server = server
        self._health = health
        self._mutations = mutations
        self._log = log

    def listen(self, address: str, tls: grpc.ServerCredentials | None = None) -> int:
        """Adds an address such as `127.0.0.1:50051` or `unix:/run/sycee/grpc.sock`; returns the port. Raises RuntimeError when it is taken."""
        if tls is None:
            return self._server.add_insecure_port(address)
        return self._server.add_secure_port(address, tls)

    async def start(self) -> None:
        """Begins to take calls. Health says NOT_SERVING until `tell_ready`."""
        await self._health.tell(serving=False)
        await self._server.start()

    async def tell_ready(self, ready: bool) -> None:
        """Makes health say whether calls should come here: the database is reachable and migrated."""
        await self._health.tell(serving=ready)

    async def stop(self, seconds: float) -> int:
        """Refuses new calls, waits so long for mutations, and ends the rest; says how many mutations were cut off, which resume under their keys or in the background."""
        deadline = asyncio.get_running_loop().time() + seconds
        await self._health.tell(serving=False)
        stopping = asyncio.create_task(self._server.stop(seconds))
        # Lets `stop` begin: from then on no mutation is added that the drain would miss.
        await asyncio.sleep(0)
        await self._mutations.drain(seconds)
        await self._server.stop(_LAST_WORDS_SECONDS)
        await stopping
        self._log.flush()
        return await self._mutations.drain(max(0.0, deadline - asyncio.get_running_loop().time()))


def build_server(
    *,
    contract: Contract,
    servicers: Iterable[object],
    store: Store,
    clock: Clock,
    ids: Ids,
    tokens: Tokens | None,
    options: ServerOptions,
    metrics: CollectorRegistry,
) -> RpcServer:
    """Builds the server inside a running event loop. `servicers` are instances of the generated servicer classes' subclasses; what they leave out answers NOT_IMPLEMENTED."""
    failures, mutations, log = Failures(read_reasons()), Mutations(), CallLog(sys.stderr.write)
    chain = Chain(
        always=(
            Telemetry(metrics, log),
            RequestId(),
            Errors(failures),
            LoadLimit(_MAX_CONCURRENT_CALLS, _MAX_CONCURRENT_PUBLIC_CALLS),
            AccessCheck(Credentials(KeyAccess(store), tokens, clock)),
        ),
        served=(
            Validation(),
            Idempotency(
                store=store,
                clock=clock,
                hash_key=options.hash_key,
                failures=failures,
                mutations=mutations,
                lease=options.lease,
            ),
        ),
        servicers=Servicers(servicers),
        ids=ids,
    )
    server = grpc.aio.server(options=_channel_options(options))
    for service in contract.services:
        handlers = {rpc.name: chain.handler(rpc) for rpc in contract.rpcs if rpc.service == service}
        server.add_registered_method_handlers(service, handlers)
    if options.reflection:
        add_reflection(server, contract.services)
    return RpcServer(server, Health(server, contract.services), mutations, log)


def tls_credentials(certificate: Path, key: Path, client_ca: Path | None = None) -> grpc.ServerCredentials:
    """TLS from PEM files; with `client_ca`, callers must show a certificate of that authority."""
    ca = None if client_ca is None else client_ca.read_bytes()
    return grpc.ssl_server_credentials([(key.read_bytes(), certificate.read_bytes())], ca, ca is not None)


def _channel_options(options: ServerOptions) -> list[tuple[str, int]]:
    return [
        # On by default in gRPC: a second server on the same port would silently get half of the calls.
        ("grpc.so_reuseport", int(options.reuse_port)),
        ("grpc.max_receive_message_length", _MAX_MESSAGE_BYTES),
        # Finds callers that are gone without a word, and lets callers do the same to us every ten seconds.
        ("grpc.keepalive_time_ms", 60_000),
        ("grpc.keepalive_timeout_ms", 20_000),
        ("grpc.keepalive_permit_without_calls", 1),
        ("grpc.http2.min_recv_ping_interval_without_data_ms", 10_000),
    ]
