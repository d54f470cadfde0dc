"""The process that is killed: the server as it is, but that it stops where a test says, and that its clock may be ahead."""

import asyncio
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum, auto
from multiprocessing.connection import Connection

import uvloop

from server.composition import configuring_of
from server.configured_gateways import ConfiguredGateways
from server.domain.clock import Clock
from server.logs import log_to_stderr
from server.main import Parts, serve_parts
from server.operations.config_secrets import ConfigSecrets
from server.processes.child import prepare_interpreter
from server.settings import read_settings
from server.storage.engine_postgres import PostgresOptions
from server.storage.store import open_store
from server.system import SystemClock, Uuid7
from tests.e2e.crash.steps import Place, SteppingGateways, SteppingStore, Steps

# Several such servers run side by side on one PostgreSQL.
_FEW_CONNECTIONS = PostgresOptions(writers=4, readers=2)


class Command(Enum):
    """What a test tells a server."""

    STOP_AT = auto()
    RELEASE = auto()
    BEGIN_BACKGROUND = auto()


class Ready(Enum):
    """What a server says once it serves; everything else that it says is a step."""

    READY = auto()


@dataclass(frozen=True, slots=True)
class Life:
    """One process: its settings, and how far its clock is ahead of the machine's."""

    environment: Mapping[str, str]
    ahead: timedelta


class ClockAhead:
    """As if so much time had passed: what was due or leased in an earlier life has waited long enough."""

    def __init__(self, clock: Clock, ahead: timedelta) -> None:
        self._clock = clock
        self._ahead = ahead

    def now(self) -> datetime:
        return self._clock.now() + self._ahead


def live(life: Life, commands: Connection, news: Connection) -> None:
    """Serves until killed.

    Commands and news have a pipe each: the event loop makes the one that it listens to non-blocking, and a step that is told
    to a test that is slow to listen waits for it.
    """
    log_to_stderr("ERROR", "server")
    prepare_interpreter()
    uvloop.run(_serve(life, commands, news))


async def _serve(life: Life, commands: Connection, news: Connection) -> None:
    # Callers come through the socket; the port's number is nobody's business.
    settings = replace(read_settings(life.environment), grpc_port=0, metrics_port=0)
    clock = ClockAhead(SystemClock(), life.ahead)
    steps = Steps(news.send)
    asyncio.get_running_loop().add_reader(commands.fileno(), lambda: _obey(commands, steps))
    store = open_store(settings.database_url, postgres=_FEW_CONNECTIONS)
    ids, configuring = Uuid7(), configuring_of(settings)
    configured = ConfiguredGateways(settings, clock, store, ConfigSecrets(configuring.vault, ids))
    gateways = SteppingGateways(configured, steps)
    parts = Parts(SteppingStore(store, steps), gateways, clock, ids, store.migrated, configuring)

    def ready() -> None:
        steps.begin()
        news.send(Ready.READY)

    await serve_parts(settings, parts, ready)


def _obey(commands: Connection, steps: Steps) -> None:
    try:
        told: tuple[Command, Place] = commands.recv()
    except EOFError:
        # The test is gone, whatever became of it: nobody may be left behind.
        os._exit(1)
    command, place = told
    match command:
        case Command.STOP_AT:
            steps.stop_at(place)
        case Command.RELEASE:
            steps.release()
        case Command.BEGIN_BACKGROUND:
            steps.begin_background()
