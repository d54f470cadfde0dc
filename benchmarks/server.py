"""`python -m benchmarks.server`: the service as it is, but for a gateway that answers at once, and with an empty call beside its own."""

import asyncio
import os
import sys
from collections.abc import Callable

import grpc
import uvloop
from prometheus_client import CollectorRegistry

from benchmarks.instant_gateway import InstantGateways
from server.composition import choices_of, compose, configuring_of, open_store
from server.configured_gateways import ConfiguredGateways
from server.main import Parts, assemble
from server.operations.config_secrets import ConfigSecrets
from server.processes.child import prepare_interpreter
from server.settings import Settings, read_settings
from server.system import SystemClock, Uuid7

EMPTY_CALL = "/benchmark.Empty/Call"


async def serve(settings: Settings, ready: Callable[[], None]) -> None:
    """Serves until killed."""
    async with open_store(settings) as store:
        clock, ids, configuring = SystemClock(), Uuid7(), configuring_of(settings)
        configured = ConfiguredGateways(settings, clock, store, ConfigSecrets(configuring.vault, ids))
        parts = Parts(store, InstantGateways(configured), clock, ids, store.migrated, configuring)
        operations = compose(
            parts.store,
            parts.gateways,
            parts.clock,
            parts.ids,
            configuring=parts.configuring,
            choices=choices_of(settings),
        )
        server = assemble(settings, parts, operations, CollectorRegistry())
        # The limit that calls are held against: the same server, no interceptor, nothing to do.
        server._server.add_generic_rpc_handlers((_empty_call(),))  # noqa: SLF001
        server.listen(settings.socket_target)
        await server.start()
        await server.tell_ready(True)
        ready()
        await asyncio.Event().wait()


def _empty_call() -> grpc.GenericRpcHandler:
    async def nothing(_request: bytes, _context: object) -> bytes:
        return b""

    service, method = EMPTY_CALL.removeprefix("/").split("/")
    return grpc.method_handlers_generic_handler(service, {method: grpc.unary_unary_rpc_method_handler(nothing)})


def _say_ready() -> None:
    sys.stdout.write("ready\n")
    sys.stdout.flush()


if __name__ == "__main__":
    prepare_interpreter()
    uvloop.run(serve(read_settings(os.environ), _say_ready))
