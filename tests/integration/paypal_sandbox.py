"""A running sandbox, the real PayPal SDK pointed at it, and an inbox for its webhooks and IPNs."""

import asyncio
import functools
import socket
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import aiohttp
import orjson
import pytest_asyncio
from aiohttp import web
from paypalserversdk.configuration import Configuration, Environment, Server
from paypalserversdk.http.auth.o_auth_2 import ClientCredentialsAuthCredentials
from paypalserversdk.paypal_serversdk_client import PaypalServersdkClient

from sandbox.app import create_app
from sandbox.courier import CourierSettings
from sandbox.paypal import certificates
from sandbox.settings import PaypalMerchant, SandboxSettings
from tests.integration.stripe_sandbox import served
from tests.listening import listening
from tests.sandbox_control import Controlled

_issue = certificates._issue


@functools.cache
def _issued(day: date) -> dict[str, str]:
    return _issue(datetime(day.year, day.month, day.day, tzinfo=UTC))


# Every sandbox has an authority of its own, and each of hundreds of tests a sandbox: making the keys takes longer than most of them.
certificates._issue = lambda now: _issued(now.date())

CLIENT_ID = "client-of-the-tests"
SECRET = "secret-of-the-tests"
WEBHOOK_ID = "1WH41452B4321541A"
PATIENCE_SECONDS = 5.0
RETURN_URL = "http://shop.example/return"
CANCEL_URL = "http://shop.example/cancel?cart=7"


@dataclass(frozen=True)
class Message:
    """One notification as it arrived."""

    headers: Mapping[str, str]
    body: bytes

    @property
    def event(self) -> dict[str, Any]:
        event: dict[str, Any] = orjson.loads(self.body)
        return event

    @property
    def form(self) -> dict[str, str]:
        """An IPN's fields, read in the charset that it names."""
        text = self.body.decode("ascii")
        charset = parse_qs(text)["charset"][0]
        return {name: values[0] for name, values in parse_qs(text, keep_blank_values=True, encoding=charset).items()}


class Inbox:
    """A merchant's two endpoints: keeps what arrives and can be told to answer badly."""

    def __init__(self) -> None:
        self.webhooks: list[Message] = []
        self.ipns: list[Message] = []
        self.status = 200
        self._arrived = asyncio.Condition()

    async def receive_webhook(self, request: web.Request) -> web.Response:
        return await self._keep(self.webhooks, request)

    async def receive_ipn(self, request: web.Request) -> web.Response:
        return await self._keep(self.ipns, request)

    def types(self) -> list[str]:
        return [message.event["event_type"] for message in self.webhooks]

    def ipn_statuses(self) -> list[str]:
        return [message.form["payment_status"] for message in self.ipns]

    async def wait_until(self, enough: Callable[["Inbox"], bool]) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS), self._arrived:
            await self._arrived.wait_for(lambda: enough(self))

    async def wait_for(self, event_type: str) -> Message:
        await self.wait_until(lambda inbox: event_type in inbox.types())
        return next(message for message in self.webhooks if message.event["event_type"] == event_type)

    async def wait_for_ipn(self, payment_status: str) -> Message:
        await self.wait_until(lambda inbox: payment_status in inbox.ipn_statuses())
        return next(message for message in self.ipns if message.form["payment_status"] == payment_status)

    async def _keep(self, box: list[Message], request: web.Request) -> web.Response:
        async with self._arrived:
            box.append(Message(request.headers.copy(), await request.read()))
            self._arrived.notify_all()
        return web.Response(status=self.status)


@dataclass(frozen=True)
class Answer:
    status: int
    body: Any
    headers: Mapping[str, str]

    @property
    def issue(self) -> str:
        """The first issue of a refusal."""
        issue: str = self.body["details"][0]["issue"]
        return issue


def link_of(order: Mapping[str, Any], rel: str) -> str:
    href: str = next(link["href"] for link in order["links"] if link["rel"] == rel)
    return href


def amount_of(value: str = "10.00", currency: str = "USD") -> dict[str, str]:
    return {"currency_code": currency, "value": value}


def order_of(value: str = "10.00", currency: str = "USD", intent: str = "CAPTURE", **unit: Any) -> dict[str, Any]:
    """The body of an order; what is named besides goes into its one purchase unit."""
    return {"intent": intent, "purchase_units": [{"amount": amount_of(value, currency), **unit}]}


@dataclass
class Sandbox(Controlled):
    gateway_name = "paypal"

    url: str
    http: aiohttp.ClientSession
    inbox: Inbox
    client_id: str = CLIENT_ID
    secret: str = SECRET
    _token: str | None = field(default=None, repr=False)

    @property
    def paypal(self) -> str:
        return f"{self.url}/paypal"

    async def call(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """A call with an access token. Headers are named with underscores: `PayPal_Request_Id`."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        named.setdefault("Authorization", f"Bearer {await self.token()}")
        return await self.call_raw(method, path, named, None if body is None else orjson.dumps(body))

    async def call_raw(self, method: str, path: str, headers: Mapping[str, str], content: bytes | None) -> Answer:
        sent = {"Content-Type": "application/json", **headers}
        async with self.http.request(method, self.paypal + path, data=content, headers=sent) as answer:
            read = await answer.read()
            return Answer(answer.status, orjson.loads(read) if read else None, answer.headers.copy())

    async def token(self) -> str:
        if self._token is None:
            self._token = (await self.authenticate(self.client_id, self.secret)).body["access_token"]
        return self._token

    def forget_token(self) -> None:
        self._token = None

    async def authenticate(self, client_id: str, secret: str, grant: str = "client_credentials") -> Answer:
        sent = aiohttp.encode_basic_auth(client_id, secret)
        form = f"grant_type={grant}".encode()
        headers = {"Authorization": sent, "Content-Type": "application/x-www-form-urlencoded"}
        return await self.call_raw("POST", "/v1/oauth2/token", headers, form)

    async def create(self, body: Mapping[str, Any] | None = None, **headers: str) -> dict[str, Any]:
        """An order, in its whole representation."""
        answer = await self.call(
            "POST", "/v2/checkout/orders", body or order_of(), Prefer="return=representation", **headers
        )
        assert answer.status in (200, 201), answer.body
        order: dict[str, Any] = answer.body
        return order

    async def approved(self, body: Mapping[str, Any] | None = None, outcome: str = "approve") -> dict[str, Any]:
        """An order whose buyer has chosen this at the page."""
        order = await self.create(body)
        await self.decide(link_of(order, "approve"), outcome)
        return order

    async def decide(self, url: str, outcome: str) -> aiohttp.ClientResponse:
        """What the buyer chooses at the page; where he is sent is in the answer's headers."""
        async with self.http.post(url, data={"outcome": outcome}, allow_redirects=False) as answer:
            await answer.read()
            return answer

    async def captured(self, body: Mapping[str, Any] | None = None, outcome: str = "approve") -> dict[str, Any]:
        """The capture of an order that was approved."""
        order = await self.approved(body, outcome)
        answer = await self.call("POST", f"/v2/checkout/orders/{order['id']}/capture")
        assert answer.status == 201, answer.body
        capture: dict[str, Any] = answer.body["purchase_units"][0]["payments"]["captures"][0]
        return capture

    async def authorized(self, value: str = "10.00", **unit: Any) -> dict[str, Any]:
        order = await self.approved(order_of(value, intent="AUTHORIZE", **unit))
        answer = await self.call("POST", f"/v2/checkout/orders/{order['id']}/authorize")
        assert answer.status == 201, answer.body
        held: dict[str, Any] = answer.body["purchase_units"][0]["payments"]["authorizations"][0]
        return held

    async def payments(self, reference: str) -> list[dict[str, Any]]:
        answer = await self.control("GET", f"payments?gateway=paypal&reference={reference}")
        found: list[dict[str, Any]] = answer["payments"]
        return found


def sdk_of(url: str, client_id: str = CLIENT_ID, secret: str = SECRET, timeout_seconds: float = 10.0) -> Any:
    """PayPal's own SDK; only its base address differs."""

    class Redirected(Configuration):  # type: ignore[misc]
        environments = {each: {Server.DEFAULT: f"{url}/paypal"} for each in Environment}  # noqa: RUF012

    credentials = ClientCredentialsAuthCredentials(client_id, secret)
    return PaypalServersdkClient(
        config=Redirected(
            environment=Environment.SANDBOX, client_credentials_auth_credentials=credentials, timeout=timeout_seconds
        )
    )


@asynccontextmanager
async def opened_inbox() -> AsyncIterator[tuple[Inbox, str]]:
    inbox = Inbox()
    async with listening(web.post("/webhooks", inbox.receive_webhook), web.post("/ipn", inbox.receive_ipn)) as url:
        yield inbox, url


def settings_of(data_dir: Path, inbox_url: str | None = None) -> SandboxSettings:
    merchant = (
        PaypalMerchant(CLIENT_ID, SECRET)
        if inbox_url is None
        else PaypalMerchant(CLIENT_ID, SECRET, WEBHOOK_ID, f"{inbox_url}/webhooks", f"{inbox_url}/ipn")
    )
    return SandboxSettings(
        data_dir=data_dir,
        paypal=merchant,
        later_seconds=0.01,
        seed=1,
        courier=CourierSettings(time_scale=0.0002, timeout_seconds=1.0),
    )


@asynccontextmanager
async def running(data_dir: Path) -> AsyncIterator[Sandbox]:
    async with (
        opened_inbox() as (inbox, inbox_url),
        served(settings_of(data_dir, inbox_url)) as url,
        aiohttp.ClientSession() as http,
    ):
        yield Sandbox(url, http, inbox)


@pytest_asyncio.fixture
async def sandbox(tmp_path: Path) -> AsyncIterator[Sandbox]:
    async with running(tmp_path) as started:
        yield started


class Clock:
    """The sandbox's time, which a test moves."""

    def __init__(self) -> None:
        self.now = time.time()

    def __call__(self) -> float:
        return self.now

    def advance(self, *, days: float = 0, hours: float = 0, seconds: float = 0) -> None:
        self.now += days * 86400 + hours * 3600 + seconds


@asynccontextmanager
async def timed(data_dir: Path) -> AsyncIterator[tuple[Sandbox, Clock]]:
    """A sandbox whose clock stands still until the test moves it."""
    clock = Clock()
    async with opened_inbox() as (inbox, inbox_url), aiohttp.ClientSession() as http:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            url = f"http://127.0.0.1:{listener.getsockname()[1]}"
            runner = web.AppRunner(create_app(settings_of(data_dir, inbox_url), url, clock), access_log=None)
            await runner.setup()
            try:
                await web.SockSite(runner, listener).start()
                yield Sandbox(url, http, inbox), clock
            finally:
                await runner.cleanup()
