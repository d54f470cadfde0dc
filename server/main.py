"""The gRPC server of an installation: storage, gateways, operations, servicers and background work, put together and run."""

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import grpc
from prometheus_client import CollectorRegistry, start_http_server

from server.composition import FOLLOWED, Configuring, Operations, choices_of, compose, configuring_of, open_store
from server.configured_gateways import ConfiguredGateways
from server.domain.clock import Clock
from server.domain.gateway import Gateways
from server.domain.ids import Ids
from server.domain.ports import Store
from server.operations.config_secrets import ConfigSecrets
from server.processes.alone import alone_in
from server.readiness import Look, Readiness
from server.rpc.balances import BalanceServicer
from server.rpc.callbacks import CallbackServicer
from server.rpc.configs import ConfigServicer
from server.rpc.contract import load_contract
from server.rpc.disputes import DisputeServicer
from server.rpc.files import FileServicer
from server.rpc.orders import OrderServicer
from server.rpc.payment_intents import PaymentIntentServicer
from server.rpc.payment_methods import PaymentMethodServicer
from server.rpc.payments import PaymentServicer
from server.rpc.payouts import PayoutServicer
from server.rpc.refunds import RefundServicer
from server.rpc.server import RpcServer, ServerOptions, build_server, tls_credentials
from server.rpc.tokens import TokenKeyError, Tokens
from server.rpc.webhooks import WebhookServicer
from server.settings import PREFIX, JwtSettings, Settings, SettingsError, TlsSettings
from server.system import SystemClock, Uuid7
from server.work.housekeeping import Housekeeping
from server.work.list_watch import ListWatch
from server.work.settlements import Settlements

_LOG = logging.getLogger(__name__)

# What mutations under way get to end after a stop: a card is tokenised and then charged, and either gives up after some ten seconds.
_DRAIN_SECONDS = 25.0


@dataclass(frozen=True, slots=True)
class Parts:
    """What a server stands on. Tests and benchmarks bring their own."""

    store: Store
    gateways: Gateways
    clock: Clock
    ids: Ids
    look: Look
    configuring: Configuring


async def serve(settings: Settings, ready: Callable[[], None]) -> None:
    """Serves until cancelled, on the settings' database and gateways."""
    clock, ids, configuring = SystemClock(), Uuid7(), configuring_of(settings)
    async with open_store(settings) as store:
        gateways = ConfiguredGateways(settings, clock, store, ConfigSecrets(configuring.vault, ids))
        await gateways.open_configured()
        try:
            await serve_parts(settings, Parts(store, gateways, clock, ids, store.migrated, configuring), ready)
        finally:
            await gateways.close()


async def serve_parts(settings: Settings, parts: Parts, ready: Callable[[], None]) -> None:
    """Serves until cancelled; then lets calls that change something run to their end."""
    with alone_in(settings.data_dir):
        if settings.owns_database:
            # Whoever leased an idempotency key is dead: its caller need not wait for the lease to pass.
            await parts.store.transaction(lambda tx: tx.claims.end_leases(parts.clock.now()))
        await _serve_alone(settings, parts, ready)


async def _serve_alone(settings: Settings, parts: Parts, ready: Callable[[], None]) -> None:
    metrics = CollectorRegistry()
    choices = choices_of(settings, metrics)
    operations = compose(
        parts.store, parts.gateways, parts.clock, parts.ids, configuring=parts.configuring, choices=choices
    )
    server = assemble(settings, parts, operations, metrics)
    scraped, _ = start_http_server(settings.metrics_port, settings.host, metrics)
    _make_way_for(settings.socket_target)
    server.listen(settings.socket_target)
    server.listen(settings.grpc_address, _tls(settings.tls))
    await server.start()
    try:
        housekeeping = Housekeeping(parts.store, parts.clock, settings.idempotency_kept_for)
        settlements = Settlements(operations.balance_settling)
        readiness = Readiness(parts.look, server.tell_ready, settings.data_dir if settings.owns_database else None)
        await readiness.look()
        lists, webhooks = ListWatch(parts.store, parts.clock, FOLLOWED), operations.webhook_watch
        background = (operations.worker.run, operations.sequencer.run, operations.webhook_lanes.run, settlements.run)
        async with _beside(*background, lists.run, webhooks.run, housekeeping.run, readiness.run):
            ready()
            await asyncio.Event().wait()
    finally:
        scraped.shutdown()
        cut_off = await server.stop(_DRAIN_SECONDS)
        if cut_off:
            _LOG.warning("calls were cut off; they resume in the background", extra={"calls": cut_off})


def servicers(operations: Operations) -> Sequence[object]:
    """Every servicer there is."""
    return [
        PaymentServicer(operations.payments, operations.resolving),
        RefundServicer(operations.refunds, operations.refund_resolving),
        PaymentIntentServicer(operations.intents),
        PaymentMethodServicer(operations.saved_methods),
        DisputeServicer(operations.disputes),
        FileServicer(operations.files),
        PayoutServicer(operations.payouts),
        OrderServicer(operations.orders, operations.checkout, operations.cancelling),
        CallbackServicer(operations.callbacks),
        ConfigServicer(operations.configuring, operations.offering, operations.audit_log),
        WebhookServicer(operations.webhooks),
        BalanceServicer(operations.balances, operations.verifying),
    ]


def assemble(settings: Settings, parts: Parts, operations: Operations, metrics: CollectorRegistry) -> RpcServer:
    """The server with every servicer there is."""
    return build_server(
        contract=load_contract(),
        servicers=servicers(operations),
        store=parts.store,
        clock=parts.clock,
        ids=parts.ids,
        tokens=_tokens(settings.jwt),
        options=ServerOptions(hash_key=settings.derived_key("idempotency"), reflection=settings.reflection),
        metrics=metrics,
    )


@asynccontextmanager
async def _beside(*runs: Callable[[], Awaitable[None]]) -> AsyncIterator[None]:
    """Runs background work for as long as the block runs."""
    tasks = [asyncio.ensure_future(run()) for run in runs]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError):
                await task


def _tokens(jwt: JwtSettings | None) -> Tokens | None:
    """What checks tokens, if they are accepted at all."""
    if jwt is None:
        return None
    key = jwt.secret.encode() if jwt.secret is not None else b""
    if jwt.public_key_file is not None:
        key = jwt.public_key_file.read_bytes()
    try:
        return Tokens(jwt.algorithm, key, issuer=jwt.issuer, audience=jwt.audience)
    except TokenKeyError as error:
        raise SettingsError([f"{PREFIX}JWT_SECRET or {PREFIX}JWT_PUBLIC_KEY_FILE: {error}"]) from None


def _tls(tls: TlsSettings | None) -> grpc.ServerCredentials | None:
    """What the gRPC port proves itself with."""
    return None if tls is None else tls_credentials(tls.certificate_file, tls.key_file, tls.client_ca_file)


def _make_way_for(target: str) -> None:
    """A socket file that a killed server left behind is in the way of the next one, which alone may use this data directory. Only its owner may connect."""
    Path(target.removeprefix("unix:")).unlink(missing_ok=True)
    os.umask(0o077)
