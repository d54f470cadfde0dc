"""`sycee listen`: shows the events of a running service as they happen, and forwards each to an address of the developer's, signed as a webhook is."""

import asyncio
import json
import secrets
import sys
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any

import aiohttp

from server.commands.private_files import write_private
from server.commands.running import NotRunning, data_dir_of, running_service
from server.domain.webhook_signing import SECRET_BYTES, secret_text, signed_headers

_WATCH, _EVENTS = "/api/v1/events:watch", "/api/v1/events"
_SECRET_FILE = "listen-secret"  # noqa: S105  (a file's name)
_TRY_AGAIN_SECONDS = 1.0
_FORWARD_TIMEOUT = aiohttp.ClientTimeout(total=15)
# The stream has no end of its own that a caller could wait for.
_STREAM_TIMEOUT = aiohttp.ClientTimeout(total=None, sock_connect=5)
# An event is a line; a payment's is some kilobytes.
_LONGEST_LINE = 1 << 20


class Refused(Exception):
    """The service does not let us listen."""


@dataclass(frozen=True, slots=True)
class Forward:
    """Where events go, and what they are signed with."""

    url: str
    secret: str = field(repr=False)


async def listen(environment: Mapping[str, str], forward_to: str | None, types: Sequence[str]) -> int:
    """Shows and forwards events until it is interrupted."""
    try:
        service = running_service(environment)
    except NotRunning as reason:
        sys.stderr.write(f"{reason}\n")
        return 2
    forward = None if forward_to is None else Forward(forward_to, kept_secret(data_dir_of(environment)))
    if forward is not None:
        sys.stdout.write(f"Forwarding to {forward.url}, signed with {forward.secret}\n")
    async with aiohttp.ClientSession(read_bufsize=_LONGEST_LINE) as http:
        listener = Listener(http, service.http, service.secret_key, types)
        try:
            place = await listener.now()
            sys.stdout.write("Waiting for events. Ctrl-C ends it.\n")
            sys.stdout.flush()
            async with aclosing(listener.events(place)) as events:
                async for line in events:
                    await _tell(http, line, forward)
        except Refused as reason:
            sys.stderr.write(f"{reason}\n")
        except aiohttp.ClientError:
            sys.stderr.write(f"Nothing answers at {service.http}.\n")
    return 1


def kept_secret(data_dir: Path) -> str:
    """The same secret each time, so that the developer's service need be told only once."""
    path = data_dir / _SECRET_FILE
    if not path.exists():
        write_private(path, secret_text(secrets.token_bytes(SECRET_BYTES)))
    return path.read_text()


class Listener:
    """Follows the stream of events through restarts of the service, from now on, without a gap."""

    def __init__(
        self,
        http: aiohttp.ClientSession,
        base_url: str,
        bearer: str,
        types: Sequence[str],
        complain: Callable[[str], object] = sys.stderr.write,
    ) -> None:
        self._http = http
        self._base_url = base_url
        self._headers = {"Authorization": f"Bearer {bearer}"}
        self._types = types
        self._complain = complain

    async def now(self) -> Mapping[str, str]:
        """Where the stream stands: behind the newest event, if there is one. Raises Refused."""
        async with self._http.get(self._base_url + _EVENTS, params={"per_page": 1}, headers=self._headers) as answer:
            if answer.status != HTTPStatus.OK:
                raise Refused(await _reason(answer))
            listed = (await answer.json())["data"]
        if listed:
            return {"cursor": str(listed[0]["id"])}
        return {"created_after": datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")}

    async def events(self, place: Mapping[str, str]) -> AsyncGenerator[bytes, None]:
        """Each event's JSON behind a place, as a webhook carries it. Raises Refused."""
        away = False
        while True:
            try:
                async for line in self._stream(place):
                    place, away = {"cursor": json.loads(line)["id"]}, False
                    yield line
            except aiohttp.ClientError:
                if not away:
                    self._complain("The service is away; going on as soon as it is back.\n")
                away = True
            await asyncio.sleep(_TRY_AGAIN_SECONDS)

    async def _stream(self, place: Mapping[str, str]) -> AsyncIterator[bytes]:
        query = [*place.items(), *(("types", name) for name in self._types)]
        async with self._http.get(
            self._base_url + _WATCH, params=query, headers=self._headers, timeout=_STREAM_TIMEOUT
        ) as answer:
            if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                return
            if answer.status != HTTPStatus.OK:
                raise Refused(await _reason(answer))
            async for line in answer.content:
                if b'"error"' in line[:10]:
                    return
                yield line.rstrip(b"\n")


async def _tell(http: aiohttp.ClientSession, line: bytes, forward: Forward | None) -> None:
    event = json.loads(line)
    told = f"{event['created_at']}  {event['type']:<20}  {event['id']}  {event['data']['object']['id']}"
    if forward is not None:
        told += f"  -> {await _forwarded(http, line, event, forward)}"
    sys.stdout.write(f"{told}\n")
    sys.stdout.flush()


async def _forwarded(http: aiohttp.ClientSession, line: bytes, event: Mapping[str, Any], forward: Forward) -> str:
    """What the developer's service made of it; once, as who listens can see that for themselves."""
    headers = signed_headers(event["id"], datetime.now(UTC), line, [forward.secret])
    began = time.monotonic()
    try:
        async with http.post(
            forward.url,
            data=line,
            headers={**headers, "Content-Type": "application/json"},
            timeout=_FORWARD_TIMEOUT,
            allow_redirects=False,
        ) as answer:
            return f"{answer.status} ({(time.monotonic() - began) * 1000:.0f} ms)"
    except aiohttp.ClientSSLError as error:
        return f"no TLS ({error})"
    except aiohttp.ClientConnectorError as error:
        return f"nothing answers there ({error.os_error.strerror or error.os_error})"
    except TimeoutError:
        return f"no answer within {_FORWARD_TIMEOUT.total:.0f} seconds"
    except aiohttp.ClientError as error:
        return f"failed ({type(error).__name__})"


async def _reason(answer: aiohttp.ClientResponse) -> str:
    try:
        told = (await answer.json())["error"]
        return f"The service refuses: {told['code']}, {told['message']}"
    except (aiohttp.ContentTypeError, KeyError, ValueError):
        return f"The service answers {answer.status}."
