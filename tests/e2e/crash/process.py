"""A server's process as a test holds it: to be started, told where to stop, and killed."""

import asyncio
import multiprocessing
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

from tests.e2e.crash.server import Command, Life, Ready, live
from tests.e2e.crash.steps import NOWHERE, Place, Step

_WITHIN_SECONDS = 30.0

# Every server is forked off one process that has imported all this and has done nothing else: importing takes longer than everything that a life consists of.
_FORKS = multiprocessing.get_context("forkserver")
_IMPORTED = (
    *("server.main", "server.configured_gateways", "gateways.stripe.adapter", "psycopg", "uvloop"),
    *(
        f"sycee.v1.{name}_service_pb2"
        for name in ("balance", "callback", "config", "dispute", "file", "order", "payment")
    ),
    *(f"sycee.v1.{name}_service_pb2" for name in ("payment_intent", "payment_method", "payout", "refund", "webhook")),
    # What Stripe's library imports at the first call. A name that is not there any more is passed over.
    *("stripe._object_classes", "stripe._stripe_client", "stripe._payment_intent_service"),
    *("stripe._payment_method_service", "stripe._charge"),
)


class ServerProcess:
    """One life of a server; `steps` are those that it has taken so far. Use `started`."""

    def __init__(self, process: BaseProcess, news: Connection, commands: Connection) -> None:
        self.steps: list[Step] = []
        self._process = process
        self._news = news
        self._commands = commands
        self._is_ready = False
        self._is_alive = True
        self._happened = asyncio.Event()
        asyncio.get_running_loop().add_reader(news.fileno(), self._hear)

    async def ready(self) -> None:
        """Waits until it serves."""
        while not self._is_ready:
            await self.news()

    @property
    def standing(self) -> int:
        """How many calls or jobs stand where they were told to."""
        return sum(step.stands for step in self.steps)

    @property
    def under_way(self) -> int:
        """How many steps are begun and not ended: each takes two, one before and one behind it."""
        return sum(1 if step.number % 2 else -1 for step in self.steps)

    async def news(self) -> None:
        """Waits until something has happened since it was last asked."""
        assert self._is_alive, "the server died by itself; what it wrote above says why"
        async with asyncio.timeout(_WITHIN_SECONDS):
            await self._happened.wait()
        self._happened.clear()

    def nudge(self, _: object = None) -> None:
        """Something else happened that whoever waits for news should look at."""
        self._happened.set()

    def stop_at(self, place: Place) -> None:
        """From now on whoever gets there stands."""
        self._commands.send((Command.STOP_AT, place))

    def release(self) -> None:
        """Lets go on who stands."""
        self._commands.send((Command.RELEASE, NOWHERE))

    def begin_background(self) -> None:
        """Lets background work begin."""
        self._commands.send((Command.BEGIN_BACKGROUND, NOWHERE))

    async def kill(self) -> None:
        """SIGKILL; returns when nothing of the process is left. A second one changes nothing."""
        if self._news.closed:
            return
        asyncio.get_running_loop().remove_reader(self._news.fileno())
        self._process.kill()
        await asyncio.to_thread(self._process.join)
        self._news.close()
        self._commands.close()

    def _hear(self) -> None:
        self._happened.set()
        try:
            told: Step | Ready = self._news.recv()
        except (EOFError, ConnectionResetError):
            asyncio.get_running_loop().remove_reader(self._news.fileno())
            self._is_alive = False
            return
        if isinstance(told, Step):
            self.steps.append(told)
        else:
            self._is_ready = True


async def news_of(*servers: ServerProcess) -> None:
    """Waits until something has happened at one of them."""
    hearing = [asyncio.ensure_future(server.news()) for server in servers]
    await asyncio.wait(hearing, return_when=asyncio.FIRST_COMPLETED)
    for each in hearing:
        each.cancel()
    for heard in await asyncio.gather(*hearing, return_exceptions=True):
        if isinstance(heard, Exception):
            raise heard


@asynccontextmanager
async def started(life: Life) -> AsyncIterator[ServerProcess]:
    """A server that serves; at the end of the block it is killed, if it was not before."""
    _FORKS.set_forkserver_preload(list(_IMPORTED))
    news, its_news = _FORKS.Pipe(duplex=False)
    its_commands, commands = _FORKS.Pipe(duplex=False)
    process = _FORKS.Process(target=live, args=(life, its_commands, its_news), daemon=True)
    process.start()
    its_news.close()
    its_commands.close()
    server = ServerProcess(process, news, commands)
    try:
        await server.ready()
        yield server
    finally:
        await server.kill()
