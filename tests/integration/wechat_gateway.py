"""The adapter of WeChat Pay at the sandbox: through each API, with hands on both ends."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio

from gateways.setup import Setup
from gateways.wechat.adapter import WechatGateway
from server.domain.attempt import Attempt
from server.domain.callback import CallbackFormat, CallbackMessage
from server.domain.clock import whole_seconds
from server.domain.money import Money
from server.domain.outcomes import Approved, Waiting
from server.domain.payment import PaymentMethodKind
from server.domain.refund import Refund
from tests.contract.gateways import SettableClock, a_wish, an_attempt
from tests.integration.wechat_sandbox import (
    API_KEY,
    APIV3_KEY,
    APP_ID,
    MCH_ID,
    PUBLIC_KEY_ID,
    SERIAL_NO,
    Message,
    Sandbox,
    private_pem,
    public_pem,
    running,
)

RETURN_URL = "https://shop.example/return"
MONEY = Money(5949, "CNY")

# A second merchant of the sandbox, whose signatures are checked by the platform's certificates.
CERTIFIED_MCH_ID = "1900000110"

V2 = {"app_id": APP_ID, "mch_id": MCH_ID, "api_key": API_KEY}
_V3 = V2 | {"private_key": private_pem("merchant"), "cert_serial_no": SERIAL_NO, "apiv3_key": APIV3_KEY}

CONFIGS: Mapping[str, Mapping[str, str]] = {
    "v2": V2,
    "v2_md5": V2 | {"sign_type": "MD5"},
    "v3": _V3 | {"wechatpay_public_key": public_pem("platform"), "wechatpay_public_key_id": PUBLIC_KEY_ID},
    "v3_certificates": _V3 | {"mch_id": CERTIFIED_MCH_ID},
}


@dataclass
class Shop:
    """One merchant of the sandbox. `config` is a key of CONFIGS."""

    sandbox: Sandbox
    config: str
    clock: SettableClock = field(default_factory=SettableClock)
    opened: list[WechatGateway] = field(default_factory=list)

    def open(self, timeout_seconds: float = 10.0, config: str | None = None, **changes: str) -> WechatGateway:
        """The adapter; `changes` are settings that replace those of the configuration."""
        setup = Setup(
            config={**CONFIGS[config or self.config], "notify_url": self.sandbox.notify_url, **changes},
            config_version=1,
            clock=self.clock,
            fingerprint=str,
            default_return_url=RETURN_URL,
            base_url=f"{self.sandbox.url}/wechat",
            timeout_seconds=timeout_seconds,
            pauses_seconds=(0.001, 0.001),
        )
        self.opened.append(gateway := WechatGateway(setup))
        return gateway

    def attempt(self, gateway: WechatGateway, **details: str) -> Attempt:
        """A new attempt to authorise, not sent yet."""
        wish = a_wish(kind=PaymentMethodKind.WECHAT, token=None, details=details, description="Tea 茶 <&>")
        return an_attempt(gateway, request=gateway.request_for(wish), money=MONEY, at=self.clock.now())

    async def waiting(self, gateway: WechatGateway, **details: str) -> tuple[Attempt, Waiting]:
        """An order that its customer can pay."""
        attempt = self.attempt(gateway, **details)
        outcome = await gateway.authorise(attempt)
        assert isinstance(outcome, Waiting), outcome
        return attempt.settle(outcome, self.clock.now()), outcome

    async def paid(self, gateway: WechatGateway) -> Attempt:
        """A payment that its customer has paid."""
        attempt, _ = await self.waiting(gateway)
        await self.sandbox.pay(reference=attempt.reference)
        outcome = await gateway.resume(attempt)
        assert isinstance(outcome, Approved), outcome
        return attempt.settle(outcome, self.clock.now())

    def refund(self, charge: Attempt, fen: int = 1200) -> Refund:
        """A refund of a payment, not sent yet."""
        now = whole_seconds(self.clock.now())
        return Refund(
            id=uuid4(),
            merchant_id=charge.merchant_id,
            payment_id=charge.payment_id,
            money=Money(fen, "CNY"),
            gateway="wechat",
            reference=f"r{uuid4().hex[:20]}",
            created_at=now,
            updated_at=now,
        )


def as_callback(message: Message, **changes: Any) -> CallbackMessage:
    """A notification as the server hands it to the adapter; `changes` replace its headers or its body."""
    headers = {name.lower(): value for name, value in message.headers.items()} | changes.get("headers", {})
    content_type = headers.get("content-type", "")
    return CallbackMessage(
        format=CallbackFormat.XML if "xml" in content_type else CallbackFormat.SIGNED_JSON,
        content_type=content_type,
        headers=headers,
        body=changes.get("body", message.body),
        received_at=changes.get("received_at", datetime.now(UTC)),
    )


async def add_certified_merchant(sandbox: Sandbox) -> None:
    """The merchant of `v3_certificates`."""
    merchant = {
        "gateway": "wechat",
        "app_id": APP_ID,
        "mch_id": CERTIFIED_MCH_ID,
        "api_key": API_KEY,
        "apiv3_key": APIV3_KEY,
        "merchant_serial_no": SERIAL_NO,
        "merchant_public_key": public_pem("merchant"),
        "platform_private_key": private_pem("platform"),
    }
    await sandbox.control("POST", "merchants", merchant)


@pytest_asyncio.fixture(scope="module")
async def shared_sandbox(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Sandbox]:
    """One sandbox for a whole module, with both merchants."""
    async with running(tmp_path_factory.mktemp("sandbox")) as sandbox:
        await add_certified_merchant(sandbox)
        yield sandbox


@asynccontextmanager
async def opened_shop(sandbox: Sandbox, config: str) -> AsyncIterator[Shop]:
    """A shop at a sandbox from which every trace of an earlier test is gone but its orders."""
    await sandbox.control("DELETE", "faults")
    await sandbox.control("POST", "wechat/refunds", {"ends": "SUCCESS"})
    sandbox.inbox.messages.clear()
    shop = Shop(sandbox, config)
    try:
        yield shop
    finally:
        for gateway in shop.opened:
            await gateway.aclose()
