"""A running sandbox, the real Stripe SDK pointed at it, and an inbox for its webhooks."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest_asyncio
import stripe
from aiohttp import web
from stripe.params import PaymentIntentCreateParamsAutomaticPaymentMethods

from sandbox.app import serve
from sandbox.courier import CourierSettings
from sandbox.settings import SandboxSettings, StripeMerchant
from tests.listening import listening
from tests.sandbox_control import Controlled

SECRET_KEY = "sk_test_merchant_of_the_tests"
WEBHOOK_SECRET = "whsec_of_the_tests"
PATIENCE_SECONDS = 5.0
CARDS_ONLY: PaymentIntentCreateParamsAutomaticPaymentMethods = {"enabled": True, "allow_redirects": "never"}

stripe.enable_telemetry = False


class Inbox:
    """A merchant's webhook endpoint: keeps what arrives and can be told to answer badly."""

    def __init__(self) -> None:
        self.messages: list[tuple[bytes, str]] = []
        self.status = 200
        self._arrived = asyncio.Condition()

    async def receive(self, request: web.Request) -> web.Response:
        async with self._arrived:
            self.messages.append((await request.read(), request.headers["Stripe-Signature"]))
            self._arrived.notify_all()
        return web.Response(status=self.status)

    def events(self) -> list[stripe.Event]:
        """What has arrived, each with its signature checked by the SDK."""
        return [stripe.Webhook.construct_event(body, signature, WEBHOOK_SECRET) for body, signature in self.messages]

    def types(self) -> list[str]:
        return [event.type for event in self.events()]

    async def wait_until(self, enough: Callable[["Inbox"], bool]) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS), self._arrived:
            await self._arrived.wait_for(lambda: enough(self))

    async def wait_for(self, event_type: str) -> stripe.Event:
        await self.wait_until(lambda inbox: event_type in inbox.types())
        return next(event for event in self.events() if event.type == event_type)


@dataclass
class Sandbox(Controlled):
    gateway_name = "stripe"

    url: str
    client: stripe.StripeClient
    http: aiohttp.ClientSession
    inbox: Inbox

    @property
    def v1(self) -> Any:
        """The SDK's calls; untyped, because the tests also send what the SDK's types forbid."""
        return self.client.v1

    async def pay(self, payment_method: str = "pm_card_visa", amount: int = 2000, **more: Any) -> Any:
        """A confirmed PaymentIntent. Options of the SDK, such as `idempotency_key`, go into `options`."""
        options = more.pop("options", None)
        params = {
            "amount": amount,
            "currency": "usd",
            "confirm": True,
            "payment_method": payment_method,
            "automatic_payment_methods": CARDS_ONLY,
            **more,
        }
        return await self.v1.payment_intents.create_async(params, options)

    async def new_card(self, number: str = "4242424242424242", **more: Any) -> Any:
        card = {"number": number, "exp_month": 12, "exp_year": 2040, "cvc": "123", **more}
        return await self.v1.payment_methods.create_async({"type": "card", "card": card})

    async def payments(self, reference: str) -> list[dict[str, Any]]:
        answer = await self.control("GET", f"payments?gateway=stripe&reference={reference}")
        found: list[dict[str, Any]] = answer["payments"]
        return found


def client_of(url: str, secret_key: str = SECRET_KEY, timeout_seconds: float = 10.0) -> stripe.StripeClient:
    address = f"{url}/stripe"
    return stripe.StripeClient(
        secret_key,
        base_addresses={"api": address, "files": address, "connect": address, "meter_events": address},
        http_client=stripe.AIOHTTPClient(timeout=timeout_seconds),
    )


@asynccontextmanager
async def closing(client: stripe.StripeClient) -> AsyncIterator[stripe.StripeClient]:
    try:
        yield client
    finally:
        transport: Any = client._requestor._get_http_client()
        await transport.close_async()


@asynccontextmanager
async def served(settings: SandboxSettings) -> AsyncIterator[str]:
    """A sandbox in this process; its address."""
    addresses: asyncio.Queue[str] = asyncio.Queue()
    serving = asyncio.create_task(serve("127.0.0.1", 0, settings, addresses.put_nowait))
    serving.add_done_callback(lambda _: addresses.put_nowait(""))
    try:
        address = await addresses.get()
        if not address:
            await serving
        yield address
    finally:
        serving.cancel()
        with suppress(asyncio.CancelledError):
            await serving


@asynccontextmanager
async def opened_inbox() -> AsyncIterator[tuple[Inbox, str]]:
    inbox = Inbox()
    async with listening(web.post("/webhooks", inbox.receive)) as url:
        yield inbox, f"{url}/webhooks"


def settings_of(data_dir: Path, webhook_url: str | None = None) -> SandboxSettings:
    return SandboxSettings(
        data_dir=data_dir,
        stripe=StripeMerchant(SECRET_KEY, WEBHOOK_SECRET, webhook_url),
        later_seconds=0.01,
        seed=1,
        courier=CourierSettings(time_scale=0.0002, timeout_seconds=1.0),
    )


@asynccontextmanager
async def running(data_dir: Path) -> AsyncIterator[Sandbox]:
    async with (
        opened_inbox() as (inbox, webhook_url),
        served(settings_of(data_dir, webhook_url)) as url,
        closing(client_of(url)) as client,
        aiohttp.ClientSession() as http,
    ):
        yield Sandbox(url, client, http, inbox)


@pytest_asyncio.fixture
async def sandbox(tmp_path: Path) -> AsyncIterator[Sandbox]:
    async with running(tmp_path) as started:
        yield started
