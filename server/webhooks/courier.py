"""Carries webhooks over HTTP: one POST each, on a connection of its own, to an address that was checked for this very try."""

import ssl
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import aiohttp
from aiohttp.hdrs import CONTENT_TYPE, RETRY_AFTER, USER_AGENT
from yarl import URL

from server.domain.clock import Clock
from server.domain.webhook import Answered, NoAnswer, Reply
from server.domain.webhook_addresses import WebhookAddresses
from server.domain.webhook_schedule import LONGEST_WAIT
from server.webhooks.guard import AddressRefused, GuardedResolver, LookUp, check_literal, system_look_up

_TIMEOUT_SECONDS = 15.0

_HEADERS: Mapping[str, str] = {CONTENT_TYPE: "application/json", USER_AGENT: "Sycee-Webhooks/1"}


class HttpCourier:
    """No proxy, no cookie and no redirect: the environment and the endpoint decide nothing about where it goes."""

    def __init__(
        self,
        addresses: WebhookAddresses,
        clock: Clock,
        *,
        look_up: LookUp = system_look_up,
        tls: ssl.SSLContext | None = None,
        timeout_seconds: float = _TIMEOUT_SECONDS,
    ) -> None:
        self._addresses = addresses
        self._clock = clock
        self._look_up = look_up
        self._tls = tls
        self._timeout = aiohttp.ClientTimeout(total=timeout_seconds)

    async def carry(self, url: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """What came of it. The reason of a failure names no address of ours and repeats nothing that the endpoint said."""
        if (problem := self._addresses.problem(url)) is not None:
            return NoAnswer(f"the address {problem}")
        try:
            # As it stands, and with the host that the connector will see: two readers of one URL may differ.
            target = URL(url, encoded=True)
            check_literal(target.raw_host or "", self._addresses)
            return await self._post(target, {**_HEADERS, **headers}, body)
        except AddressRefused as refused:
            return NoAnswer(str(refused))
        except TimeoutError:
            return NoAnswer(f"the endpoint did not answer within {self._timeout.total:g} seconds")
        except aiohttp.ClientError as error:
            return NoAnswer(_reason(error))
        except (OSError, ValueError):
            return NoAnswer("the endpoint could not be reached")

    async def _post(self, url: URL, headers: Mapping[str, str], body: bytes) -> Reply:
        connector = aiohttp.TCPConnector(
            resolver=GuardedResolver(self._addresses, self._look_up),
            use_dns_cache=False,
            force_close=True,
            ssl=self._trust(),
        )
        async with (
            aiohttp.ClientSession(
                connector=connector,
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=self._timeout,
                trust_env=False,
                auto_decompress=False,
            ) as session,
            session.post(url, data=body, headers=headers, allow_redirects=False) as answer,
        ):
            # What it says beside its status is not read: it may be long, and it is nobody's.
            return Answered(answer.status, self._patience(answer.headers.get(RETRY_AFTER)))

    def _trust(self) -> ssl.SSLContext:
        """The machine's authorities, read when they are first needed: that takes longer than a webhook."""
        if self._tls is None:
            self._tls = ssl.create_default_context()
        return self._tls

    def _patience(self, text: str | None) -> timedelta | None:
        """Retry-After, in seconds or as a date; see RFC 9110, 10.2.3."""
        if text is None:
            return None
        if text.isascii() and text.isdecimal() and len(text) < 10:
            return min(timedelta(seconds=int(text)), LONGEST_WAIT)
        try:
            moment = parsedate_to_datetime(text)
        except (ValueError, OverflowError):
            return None
        wait = _aware(moment) - self._clock.now()
        return min(max(wait, timedelta()), LONGEST_WAIT)


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _reason(error: aiohttp.ClientError) -> str:
    refused: BaseException | None = error
    while refused is not None:
        if isinstance(refused, AddressRefused):
            return str(refused)
        refused = refused.__cause__ or refused.__context__
    match error:
        case aiohttp.ClientConnectorCertificateError() | aiohttp.ClientSSLError():
            return "the endpoint's certificate or its TLS does not hold"
        case aiohttp.ClientConnectorDNSError():
            return "the endpoint's name does not resolve"
        case aiohttp.ServerDisconnectedError() | aiohttp.ClientPayloadError():
            return "the endpoint hung up before it answered"
        case aiohttp.ClientResponseError():
            return "the endpoint's answer is no HTTP"
        case _:
            return "the endpoint could not be reached"
