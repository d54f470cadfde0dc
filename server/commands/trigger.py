"""`sycee trigger`: makes an event happen in development, for real, and shows it."""

import asyncio
import json
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any

import aiohttp

from server.commands.rest_client import RestClient
from server.commands.running import NotRunning, running_service
from server.commands.sandbox_client import SandboxClient
from server.commands.trigger_scenes import SCENES, CannotHappen, Stage, refusal

_EVENTS = "/api/v1/events"
_LOOK_EVERY_SECONDS = 0.25
_HAPPENS_WITHIN_SECONDS = 20.0


async def trigger(environment: Mapping[str, str], name: str) -> int:
    """Makes it happen, waits until the service tells of it, and prints the event."""
    try:
        service = running_service(environment)
    except NotRunning as reason:
        sys.stderr.write(f"{reason}\n")
        return 2
    async with aiohttp.ClientSession() as http:
        rest, sandbox = RestClient(http, service.http, service.secret_key), SandboxClient(http, service.sandbox)
        scene = SCENES[name]
        sys.stdout.write(f"{scene.__doc__}\n")
        sys.stdout.flush()
        try:
            before = await _newest(rest, name)
            await scene(Stage(rest, sandbox))
            event = await _happened(rest, name, before)
        except CannotHappen as reason:
            sys.stderr.write(f"{name} cannot be made happen: {reason}\n")
            return 1
        except aiohttp.ClientError as error:
            sys.stderr.write(f"{name} cannot be made happen: {_told(error)}\n")
            return 1
    if event is None:
        sys.stderr.write(f"Done, but the service has told of no {name} within {_HAPPENS_WITHIN_SECONDS:g} seconds.\n")
        return 1
    sys.stdout.write(json.dumps(event, indent=2, ensure_ascii=False) + "\n")
    return 0


async def _happened(rest: RestClient, name: str, before: str | None) -> dict[str, Any] | None:
    """The event, unless it does not come in time."""
    deadline = datetime.now(UTC) + timedelta(seconds=_HAPPENS_WITHIN_SECONDS)
    while datetime.now(UTC) < deadline:
        newest = await _newest(rest, name)
        if newest is not None and newest != before:
            event: dict[str, Any] = (await rest.get(f"{_EVENTS}/{newest}")).json
            return event
        await asyncio.sleep(_LOOK_EVERY_SECONDS)
    return None


async def _newest(rest: RestClient, name: str) -> str | None:
    answer = await rest.get(_EVENTS, type=name, per_page=1)
    if answer.status != HTTPStatus.OK:
        raise CannotHappen(refusal(f"GET {_EVENTS}", answer))
    found = answer.json["data"]
    return str(found[0]["id"]) if found else None


def _told(error: aiohttp.ClientError) -> str:
    match error:
        case aiohttp.ClientResponseError(status=status):
            return f"the sandbox answered {status}"
        case _:
            return "the service or its sandbox does not answer"
