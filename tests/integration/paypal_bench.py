"""Our PayPal adapter at a running sandbox, with hands on the buyer, the faults and the clock."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest_asyncio

from gateways.paypal.adapter import PayPalGateway
from gateways.paypal.callback import PayPalDialect
from gateways.setup import Setup
from sandbox.paypal.certificates import ROOT_FILE_NAME
from server.domain.attempt import Attempt, AttemptKind
from server.domain.callback import CallbackFormat, CallbackMessage
from server.domain.clock import whole_seconds
from server.domain.gateway import Wish
from server.domain.ids import reference_of
from server.domain.money import Money
from server.domain.outcomes import Approved, Waiting
from server.domain.payment import CaptureMethod, ConfirmationMethod, PaymentMethodKind
from server.domain.refund import Refund
from tests.integration.paypal_sandbox import CLIENT_ID, SECRET, WEBHOOK_ID, Message, Sandbox, running

CONFIG = {
    "client_id": CLIENT_ID,
    "secret": SECRET,
    "notify_url": "https://shop.example/callback",
    "webhook_id": WEBHOOK_ID,
}
RETURN_URL = "https://shop.example/return"
A_PRICE = Money(5949, "USD")
PAY_WITHIN = timedelta(minutes=15)


class SettableClock:
    """The present, moved by what a test says."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@dataclass
class Bench:
    sandbox: Sandbox
    data_dir: Path
    clock: SettableClock = field(default_factory=SettableClock)
    opened: list[PayPalGateway] = field(default_factory=list)
    dialect: PayPalDialect = field(default_factory=PayPalDialect)

    def open(
        self,
        config: Mapping[str, str] | None = None,
        timeout_seconds: float = 10.0,
        base_url: str | None = None,
    ) -> PayPalGateway:
        setup = Setup(
            config=CONFIG if config is None else config,
            config_version=3,
            clock=self.clock,
            fingerprint="fp_{}".format,
            default_return_url=RETURN_URL,
            base_url=base_url or self.sandbox.paypal,
            timeout_seconds=timeout_seconds,
            pauses_seconds=(0.001, 0.001),
            pay_within=PAY_WITHIN,
            ca_file=self.data_dir / ROOT_FILE_NAME,
        )
        self.opened.append(gateway := PayPalGateway(setup))
        return gateway

    def attempt(self, gateway: PayPalGateway, money: Money = A_PRICE, capture_method: str = "automatic") -> Attempt:
        """A new attempt to be paid, not sent yet."""
        attempt_id, now = uuid4(), whole_seconds(self.clock.now())
        return Attempt(
            id=attempt_id,
            merchant_id="default",
            payment_id=attempt_id,
            kind=AttemptKind.AUTHORISE,
            gateway=gateway.name,
            config_version=gateway.config_version,
            reference=reference_of(attempt_id),
            money=money,
            request=gateway.request_for(a_wish(CaptureMethod(capture_method))),
            created_at=now,
            updated_at=now,
        )

    async def waiting(self, gateway: PayPalGateway, **more: Any) -> Attempt:
        """An attempt whose order waits for the buyer."""
        attempt = self.attempt(gateway, **more)
        outcome = await gateway.authorise(attempt)
        assert isinstance(outcome, Waiting), outcome
        return attempt.settle(outcome, self.clock.now())

    async def buyer(self, attempt: Attempt, outcome: str = "succeed") -> None:
        body = {"gateway": "paypal", "reference": attempt.reference, "outcome": outcome}
        await self.sandbox.control("POST", "pay", body)

    async def approved(self, gateway: PayPalGateway, **more: Any) -> Attempt:
        """An attempt whose buyer has approved; no money has moved."""
        attempt = await self.waiting(gateway, **more)
        await self.buyer(attempt)
        return attempt

    async def paid(self, gateway: PayPalGateway, **more: Any) -> Attempt:
        """An attempt whose money is taken."""
        return await self._resumed(gateway, await self.approved(gateway, **more), captured=True)

    async def reserved(self, gateway: PayPalGateway, **more: Any) -> Attempt:
        """An attempt whose money is reserved."""
        attempt = await self.approved(gateway, capture_method="manual", **more)
        return await self._resumed(gateway, attempt, captured=False)

    async def captured_minor(self, attempt: Attempt) -> list[int]:
        """The gateway's own truth: what each of the payments with this reference has taken."""
        return [payment["captured_minor"] for payment in await self.sandbox.payments(attempt.reference)]

    async def refunded_minor(self, attempt: Attempt) -> list[int]:
        return [payment["refunded_minor"] for payment in await self.sandbox.payments(attempt.reference)]

    def message(self, message: Message, **changes: Any) -> CallbackMessage:
        """A webhook of the sandbox's as the bridge hands it on."""
        headers = {name.lower(): value for name, value in message.headers.items()}
        headers |= changes.pop("headers", {})
        fields: dict[str, Any] = {
            "format": CallbackFormat.SIGNED_JSON,
            "content_type": "application/json",
            "headers": headers,
            "body": message.body,
            "received_at": self.clock.now(),
        }
        return CallbackMessage(**{**fields, **changes})

    def form(self, body: bytes) -> CallbackMessage:
        """An IPN as the bridge hands it on."""
        return CallbackMessage(
            CallbackFormat.FORM, "application/x-www-form-urlencoded", {}, body, received_at=self.clock.now()
        )

    async def _resumed(self, gateway: PayPalGateway, attempt: Attempt, captured: bool) -> Attempt:
        outcome = await gateway.resume(attempt)
        assert isinstance(outcome, Approved), outcome
        assert outcome.captured is captured
        return attempt.settle(outcome, self.clock.now())


def a_wish(capture_method: CaptureMethod) -> Wish:
    return Wish(
        kind=PaymentMethodKind.PAYPAL,
        token=None,
        capture_method=capture_method,
        confirmation_method=ConfirmationMethod.AUTOMATIC,
        description="Two cups\nand a pot",
        receipt_email=None,
        return_url=None,
        cancel_url=None,
        metadata={},
        details={},
    )


def following(authorised: Attempt, kind: AttemptKind, at: datetime, amount_minor: int | None = None) -> Attempt:
    """The attempt to capture or to void what an earlier one began."""
    money = authorised.money if amount_minor is None else Money(amount_minor, authorised.money.currency)
    return Attempt(
        id=uuid4(),
        merchant_id=authorised.merchant_id,
        payment_id=authorised.payment_id,
        kind=kind,
        gateway=authorised.gateway,
        config_version=authorised.config_version,
        reference=authorised.reference,
        money=money,
        request=authorised.request,
        created_at=at,
        updated_at=at,
        gateway_payment_id=authorised.gateway_payment_id,
    )


def a_refund(charge: Attempt, at: datetime, amount_minor: int | None = None) -> Refund:
    refund_id = uuid4()
    return Refund(
        id=refund_id,
        merchant_id=charge.merchant_id,
        payment_id=charge.payment_id,
        money=charge.money if amount_minor is None else Money(amount_minor, charge.money.currency),
        gateway=charge.gateway,
        reference=reference_of(refund_id),
        created_at=at,
        updated_at=at,
    )


@asynccontextmanager
async def opened_bench(data_dir: Path) -> AsyncIterator[Bench]:
    async with running(data_dir) as sandbox:
        bench = Bench(sandbox, data_dir)
        try:
            yield bench
        finally:
            for gateway in bench.opened:
                await gateway.aclose()


@pytest_asyncio.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    async with opened_bench(tmp_path) as opened:
        yield opened
