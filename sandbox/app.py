"""Puts the sandbox together and serves it."""

import asyncio
import random
import socket
import time
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import Any

from aiohttp import web

from sandbox.alipay.gateway import AlipaySandbox
from sandbox.callbacks import CallbackQueue
from sandbox.control import Control
from sandbox.courier import Courier
from sandbox.faults import Faults
from sandbox.gateway import SimulatedGateway
from sandbox.hanging import Hangings
from sandbox.jobs import Jobs
from sandbox.paypal.gateway import PaypalSandbox
from sandbox.settings import SandboxSettings
from sandbox.state.database import Database
from sandbox.state.documents import Documents
from sandbox.state.replies import Replies
from sandbox.state.switches import Switches
from sandbox.street import street_routes
from sandbox.stripe.gateway import StripeSandbox
from sandbox.surroundings import Surroundings
from sandbox.wechat.gateway import WechatSandbox

_DATABASE_NAME = "sandbox.db"
# A file of 5 MiB and the form around it; everything else is far smaller.
_MOST_BODY_BYTES = 6 * 1024 * 1024
_SHUTDOWN_SECONDS = 2.0
_TIDY_SECONDS = 600.0


def create_app(settings: SandboxSettings, public_url: str, clock: Callable[[], float] = time.time) -> web.Application:
    """The sandbox as an application; `public_url` is where callers and browsers reach it, without a slash at its end."""
    database = Database(settings.data_dir / _DATABASE_NAME)
    switches = Switches(database)
    callbacks = CallbackQueue(database, switches, clock, settings.most_waiting_callbacks)
    jobs = Jobs(database, clock)
    faults = Faults(switches, random.Random(settings.seed))
    hangings = Hangings()
    around = Surroundings(
        database=database,
        documents=Documents(database),
        replies=Replies(database),
        jobs=jobs,
        callbacks=callbacks,
        faults=faults,
        hangings=hangings,
        clock=clock,
        public_url=settings.public_url or public_url,
        later_seconds=settings.later_seconds,
    )
    gateways = _gateways(around, settings)
    courier = Courier(callbacks, gateways, clock, settings.courier)
    app = web.Application(client_max_size=_MOST_BODY_BYTES)
    for gateway in gateways.values():
        app.add_routes(gateway.routes())
    app.add_routes(street_routes(list(gateways)))
    app.add_routes(Control(gateways, faults, callbacks).routes())
    app.on_shutdown.append(_stopper(hangings))
    app.cleanup_ctx.append(_background(database, jobs, courier, gateways))
    return app


def _gateways(around: Surroundings, settings: SandboxSettings) -> dict[str, SimulatedGateway]:
    """Every simulated gateway with the merchant that it knows from the start."""
    now = int(around.clock())
    stripe = StripeSandbox(around)
    if settings.stripe is not None:
        stripe.merchants.register(settings.stripe, now)
    alipay = AlipaySandbox(around)
    if settings.alipay is not None:
        alipay.merchants.register(settings.alipay, now)
    wechat = WechatSandbox(around)
    if settings.wechat is not None:
        wechat.merchants.register(settings.wechat, now)
    paypal = PaypalSandbox(around, settings.data_dir)
    if settings.paypal is not None:
        paypal.open_for(settings.paypal)
    return {"stripe": stripe, "alipay": alipay, "wechat": wechat, "paypal": paypal}


async def serve(host: str, port: int, settings: SandboxSettings, ready: Callable[[str], None] | None = None) -> None:
    """Serves until cancelled; `ready` is told the address once requests are accepted. Port 0 takes a free one."""
    with socket.create_server((host, port), backlog=512) as listener:
        address = f"http://{host}:{listener.getsockname()[1]}"
        runner = web.AppRunner(create_app(settings, address), access_log=None, shutdown_timeout=_SHUTDOWN_SECONDS)
        await runner.setup()
        try:
            await web.SockSite(runner, listener).start()
            if ready is not None:
                ready(address)
            await asyncio.Event().wait()
        finally:
            await runner.cleanup()


async def _tidy(gateways: dict[str, SimulatedGateway]) -> None:
    while True:
        for gateway in gateways.values():
            gateway.tidy()
        await asyncio.sleep(_TIDY_SECONDS)


def _stopper(hangings: Hangings) -> Any:
    async def stop(_: web.Application) -> None:
        hangings.stop()

    return stop


def _background(database: Database, jobs: Jobs, courier: Courier, gateways: dict[str, SimulatedGateway]) -> Any:
    async def run(_: web.Application) -> AsyncIterator[None]:
        handlers = {name: gateway.run_job for name, gateway in gateways.items()}
        works = (jobs.run(handlers), courier.run(), _tidy(gateways))
        tasks = [asyncio.create_task(work) for work in works]
        yield
        for task in tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        database.close()

    return run
