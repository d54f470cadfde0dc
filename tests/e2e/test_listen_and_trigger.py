"""`sycee trigger` makes events happen, and `sycee listen` shows and forwards them."""

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import asdict, replace

import pytest

from server.commands.running import DEV_FILE, Development
from server.commands.trigger_scenes import SCENES
from server.domain.events import SUBSCRIBABLE
from tests.e2e.installation import Installation
from tests.e2e.polling import until
from tests.e2e.receiver import receiving, status

_WITHIN_SECONDS = 60.0

_SHOWN = ("--type", "payment.created", "--type", "payment.failed")


@pytest.fixture(autouse=True)
def _dev_json(service: Development, installation: Installation) -> Iterator[None]:
    """What `sycee dev` leaves for other tools while it runs."""
    path = installation.data_dir / DEV_FILE
    path.write_text(json.dumps(asdict(service)))
    yield
    path.unlink()


def test_there_is_a_scene_for_every_event() -> None:
    """All fourteen."""
    assert set(SCENES) == SUBSCRIBABLE
    assert len(SCENES) == 14


@pytest.mark.parametrize("name", sorted(SCENES))
async def test_an_event_is_made_happen(installation: Installation, name: str) -> None:
    """For real; what is printed is the event."""
    printed = await installation.sycee("trigger", name)
    assert f'"type": "{name}"' in printed


async def test_what_cannot_happen_is_said(service: Development, installation: Installation) -> None:
    """With the service's own answer, and a status that scripts see."""
    nobody = replace(service, secret_key="sk_nobody")
    (installation.data_dir / DEV_FILE).write_text(json.dumps(asdict(nobody)))
    for arguments in (("trigger", "payment.created"), ("listen",)):
        process = await _sycee(installation, *arguments)
        _, complaints = await asyncio.wait_for(process.communicate(), _WITHIN_SECONDS)
        assert process.returncode == 1
        assert b"UNAUTHENTICATED" in complaints


async def test_events_are_shown_and_forwarded(installation: Installation) -> None:
    """Signed with a secret that stays the same, as it is printed; an answer that is none is shown as well."""
    async with receiving() as receiver, _listening(installation, receiver.url("/mine")) as (output, secret):
        await installation.sycee("trigger", "payment.failed")
        got = await until(
            lambda: asyncio.sleep(0, receiver.at("/mine")), lambda found: len(found) >= 2, _WITHIN_SECONDS
        )
        assert [one.event["type"] for one in got] == ["payment.created", "payment.failed"]
        assert all(one.verifies(secret) for one in got)
        shown = [(await asyncio.wait_for(output.readline(), _WITHIN_SECONDS)).decode() for _ in got]
        assert [line.split()[1] for line in shown] == ["payment.created", "payment.failed"]
        assert all("-> 200" in line for line in shown)
        receiver.answers["/mine"] = status(500)
        await installation.sycee("trigger", "payment.failed")
        assert b"-> 500" in await asyncio.wait_for(output.readline(), _WITHIN_SECONDS)
    async with receiving() as receiver:
        gone = receiver.url("/mine")
    async with _listening(installation, gone) as (output, again):
        assert again == secret
        await installation.sycee("trigger", "payment.failed")
        assert b"-> nothing answers there (" in await asyncio.wait_for(output.readline(), _WITHIN_SECONDS)


async def test_an_address_that_is_none_is_refused_at_once(installation: Installation) -> None:
    """And not at each event."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "server.cli", "listen", "--forward-to", "localhost:3000/hook"),
        env=installation.environment,
        stderr=asyncio.subprocess.PIPE,
    )
    _, complaints = await asyncio.wait_for(process.communicate(), _WITHIN_SECONDS)
    assert process.returncode == 2
    assert b"--forward-to: must be an http or https address" in complaints


async def test_without_a_service_it_says_where_it_looked(installation: Installation) -> None:
    """And what to do."""
    environment = {**installation.environment, "SYCEE_DATA_DIR": "/nowhere"}
    for arguments in (("listen",), ("trigger", "payment.created")):
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "server.cli", *arguments), env=environment, stderr=asyncio.subprocess.PIPE
        )
        _, complaints = await asyncio.wait_for(process.communicate(), _WITHIN_SECONDS)
        assert process.returncode == 2
        assert b"There is no /nowhere/dev.json: start `sycee dev` first" in complaints


@asynccontextmanager
async def _listening(installation: Installation, url: str) -> AsyncIterator[tuple[asyncio.StreamReader, str]]:
    """`sycee listen` with what it prints behind its greeting, and the secret that it signs with."""
    process = await _sycee(installation, "listen", "--forward-to", url, *_SHOWN)
    assert process.stdout is not None
    try:
        greeting = await asyncio.wait_for(process.stdout.readline(), _WITHIN_SECONDS)
        await asyncio.wait_for(process.stdout.readline(), _WITHIN_SECONDS)
        yield process.stdout, greeting.decode().split()[-1]
    finally:
        process.send_signal(signal.SIGINT)
        await asyncio.wait_for(process.wait(), _WITHIN_SECONDS)


async def _sycee(installation: Installation, *arguments: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "server.cli", *arguments),
        env=dict(installation.environment),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
