"""The Alipay adapter at the sandbox, with hands on both, and the attempts that its tests make."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
import pytest_asyncio

from gateways.alipay.adapter import AlipayGateway
from gateways.setup import Setup
from sandbox.settings import AlipayMerchant
from server.domain.attempt import Attempt, AttemptKind
from server.domain.callback import CallbackFormat, CallbackMessage
from server.domain.money import Money
from server.domain.outcomes import Approved, Outcome, Waiting
from server.domain.payment import CaptureMethod, PaymentMethodKind
from server.domain.refund import Refund
from tests.contract.gateways import a_wish, an_attempt, following
from tests.integration.alipay_sandbox import (
    ALIPAY_KEY,
    APP_ID,
    MERCHANT,
    MERCHANT_KEY,
    Inbox,
    opened_inbox,
    private_pem,
    public_pem,
    settings_of,
)
from tests.integration.stripe_sandbox import served
from tests.sandbox_control import Controlled

RETURN_URL = "https://shop.example/return"
PRICE = Money(5949, "CNY")
PATIENT_SECONDS = 10.0
HASTY_SECONDS = 0.4
CONFIG: Mapping[str, str] = {
    "app_id": APP_ID,
    "private_key": private_pem(MERCHANT_KEY),
    "public_key": public_pem(ALIPAY_KEY),
}


class SettableClock:
    """The present, moved by what a test says."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@dataclass
class Shop(Controlled):
    """One merchant's adapter and its customer."""

    gateway_name = "alipay"

    url: str
    http: aiohttp.ClientSession
    inbox: Inbox
    config: Mapping[str, str]
    clock: SettableClock = field(default_factory=SettableClock)
    opened: list[AlipayGateway] = field(default_factory=list)

    def open(self, **changes: Any) -> AlipayGateway:
        fields: dict[str, Any] = {
            "config": self.config,
            "config_version": 3,
            "clock": self.clock,
            "fingerprint": "fp_{}".format,
            "default_return_url": RETURN_URL,
            "base_url": f"{self.url}/alipay",
            "timeout_seconds": PATIENT_SECONDS,
            "pauses_seconds": (0.001, 0.001),
        }
        self.opened.append(gateway := AlipayGateway(Setup(**{**fields, **changes})))
        return gateway

    def attempt(self, gateway: AlipayGateway, money: Money = PRICE, **wish: Any) -> Attempt:
        wanted = a_wish(kind=PaymentMethodKind.ALIPAY, token=None, **wish)
        return an_attempt(gateway, request=gateway.request_for(wanted), money=money, at=self.clock.now())

    def manual(self, gateway: AlipayGateway) -> Attempt:
        return self.attempt(gateway, capture_method=CaptureMethod.MANUAL)

    async def waiting(self, gateway: AlipayGateway, attempt: Attempt) -> tuple[Attempt, str]:
        """The attempt once its customer was shown where to pay, and that place."""
        outcome = await gateway.authorise(attempt)
        assert isinstance(outcome, Waiting), outcome
        assert outcome.next_action is not None
        assert outcome.next_action.url is not None
        return attempt.settle(outcome, self.clock.now()), outcome.next_action.url

    async def paid(self, gateway: AlipayGateway, **wish: Any) -> Attempt:
        """A payment whose customer has paid."""
        attempt, url = await self.waiting(gateway, self.attempt(gateway, **wish))
        await self.customer("succeed", url)
        return attempt.settle(await gateway.resume(attempt), self.clock.now())

    async def frozen(self, gateway: AlipayGateway) -> Attempt:
        """A payment whose customer's money is frozen."""
        attempt, code = await self.waiting(gateway, self.manual(gateway))
        await self.customer("succeed", code)
        outcome = await gateway.resume(attempt)
        assert isinstance(outcome, Approved), outcome
        assert not outcome.captured
        return attempt.settle(outcome, self.clock.now())

    async def customer(self, outcome: str, url: str) -> None:
        await self.control("POST", "pay", {"gateway": "alipay", "url": url, "outcome": outcome})

    async def books(self, attempt: Attempt) -> list[dict[str, Any]]:
        """Alipay's own truth about a reference."""
        answer = await self.control("GET", f"payments?gateway=alipay&reference={attempt.reference}")
        found: list[dict[str, Any]] = answer["payments"]
        return found


def void_of(attempt: Attempt) -> Attempt:
    return following(attempt, AttemptKind.VOID)


def capture_of(attempt: Attempt, amount_minor: int | None = None) -> Attempt:
    return following(attempt, AttemptKind.CAPTURE, amount_minor)


def a_refund(charge: Attempt, amount_minor: int = 1000, reference: str = "R1", **changes: Any) -> Refund:
    refund = Refund(
        id=uuid4(),
        merchant_id=charge.merchant_id,
        payment_id=charge.payment_id,
        money=Money(amount_minor, "CNY"),
        gateway="alipay",
        reference=f"{charge.reference}{reference}",
        created_at=charge.created_at,
        updated_at=charge.created_at,
    )
    return replace(refund, **changes)


def as_callback(raw: bytes) -> CallbackMessage:
    content_type = "application/x-www-form-urlencoded; charset=utf-8"
    return CallbackMessage(CallbackFormat.FORM, content_type, {}, raw, datetime.now(UTC))


def charged(outcome: Outcome) -> tuple[int, bool]:
    assert isinstance(outcome, Approved), outcome
    return outcome.amount_minor, outcome.captured


@asynccontextmanager
async def opened_shop(
    data_dir: Path, config: Mapping[str, str] = CONFIG, merchant: AlipayMerchant = MERCHANT
) -> AsyncIterator[Shop]:
    async with (
        opened_inbox() as (inbox, notify_url),
        served(settings_of(data_dir, merchant)) as url,
        aiohttp.ClientSession() as http,
    ):
        shop = Shop(url, http, inbox, {**config, "notify_url": notify_url})
        try:
            yield shop
        finally:
            await shop.heal()
            for gateway in shop.opened:
                await gateway.aclose()


@pytest_asyncio.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    async with opened_shop(tmp_path) as opened:
        yield opened
