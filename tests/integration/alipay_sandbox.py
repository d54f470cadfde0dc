"""A running sandbox, the real Alipay SDK pointed at it, and an inbox for its notifications."""

import asyncio
from base64 import b64encode
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import aiohttp
import alipay
import pytest_asyncio
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from sandbox.courier import CourierSettings
from sandbox.settings import AlipayMerchant, SandboxSettings
from tests.integration.stripe_sandbox import served
from tests.listening import listening
from tests.sandbox_control import Controlled

APP_ID = "2021000000000001"
PATIENCE_SECONDS = 5.0
BEIJING = timezone(timedelta(hours=8))
MERCHANT_KEY = generate_private_key(65537, 2048)
ALIPAY_KEY = generate_private_key(65537, 2048)


def private_pem(key: RSAPrivateKey, form: PrivateFormat = PrivateFormat.PKCS8) -> str:
    return key.private_bytes(Encoding.PEM, form, NoEncryption()).decode()


def public_pem(key: RSAPrivateKey, form: PublicFormat = PublicFormat.SubjectPublicKeyInfo) -> str:
    return key.public_key().public_bytes(Encoding.PEM, form).decode()


def bare(pem: str) -> str:
    """As consoles show it: base64 without its first and last line."""
    return "".join(pem.strip().splitlines()[1:-1])


def beijing(later: timedelta = timedelta()) -> str:
    return (datetime.now(UTC) + later).astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S")


def signed(parameters: Mapping[str, str], key: RSAPrivateKey = MERCHANT_KEY) -> dict[str, str]:
    """With the signature that the open platform's documentation describes, made without the SDK."""
    content = "&".join(f"{name}={value}" for name, value in sorted(parameters.items()) if value)
    return {**parameters, "sign": b64encode(key.sign(content.encode(), PKCS1v15(), SHA256())).decode()}


def common(method: str, biz_content: str = "{}", **more: str) -> dict[str, str]:
    """The common parameters of a request, unsigned."""
    return {
        "app_id": APP_ID,
        "method": method,
        "format": "JSON",
        "charset": "utf-8",
        "sign_type": "RSA2",
        "timestamp": beijing(),
        "version": "1.0",
        "biz_content": biz_content,
        **more,
    }


class Sdk(alipay.AliPay):  # type: ignore[misc]
    """The SDK takes the machine's own time zone, where Alipay means Beijing's."""

    def build_body(self, *args: Any, **more: Any) -> dict[str, Any]:
        body: dict[str, Any] = super().build_body(*args, **more)
        return {**body, "timestamp": beijing()}


def sdk_of(url: str, app_id: str = APP_ID, key: RSAPrivateKey = MERCHANT_KEY) -> Sdk:
    config = alipay.AliPayConfig(timeout=5)
    sdk = Sdk(app_id, None, private_pem(key), public_pem(ALIPAY_KEY), config=config)
    sdk._gateway = f"{url}/alipay/gateway.do"
    return sdk


def _status(message: Mapping[str, str]) -> str:
    """A trade's status, or what else a notification or a message is about."""
    return next(message[name] for name in ("trade_status", "notify_type", "msg_method") if name in message)


class Inbox:
    """A merchant's notification endpoint: keeps what arrives and can be told to answer badly."""

    def __init__(self) -> None:
        self.messages: list[dict[str, str]] = []
        self.answer = "success"
        self._arrived = asyncio.Condition()

    async def receive(self, request: web.Request) -> web.Response:
        async with self._arrived:
            body = (await request.read()).decode()
            self.messages.append(dict(parse_qsl(body, keep_blank_values=True, strict_parsing=True)))
            self._arrived.notify_all()
        return web.Response(text=self.answer)

    def statuses(self) -> list[str]:
        return [_status(message) for message in self.messages]

    async def wait_until(self, enough: Callable[["Inbox"], bool]) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS), self._arrived:
            await self._arrived.wait_for(lambda: enough(self))

    async def wait_for(self, status: str) -> dict[str, str]:
        await self.wait_until(lambda inbox: status in inbox.statuses())
        return next(message for message in self.messages if status in (_status(message), message.get("notify_type")))


@dataclass
class Sandbox(Controlled):
    gateway_name = "alipay"

    url: str
    sdk: Any
    http: aiohttp.ClientSession
    inbox: Inbox
    notify_url: str

    @property
    def gateway(self) -> str:
        return f"{self.url}/alipay/gateway.do"

    async def call(self, name: str, **biz: Any) -> dict[str, Any]:
        """A method of the SDK, such as `trade_query`."""
        method = getattr(self.sdk, f"api_alipay_{name}")
        answer: dict[str, Any] = await asyncio.to_thread(partial(method, **biz))
        return answer

    async def server(self, method: str, biz: Mapping[str, object], **more: str) -> dict[str, Any]:
        """A method that the SDK has no name for."""
        answer: dict[str, Any] = await asyncio.to_thread(partial(self.sdk.server_api, method, dict(biz), **more))
        return answer

    async def raw(self, parameters: Mapping[str, str], verb: str = "POST") -> dict[str, Any]:
        """Sends parameters as they are; the whole reply."""
        form = parameters if verb == "POST" else None
        query = parameters if verb == "GET" else None
        async with self.http.request(verb, self.gateway, data=form, params=query) as answer:
            assert answer.status == 200
            decoded: dict[str, Any] = await answer.json(content_type="text/html")
            return decoded

    def page_url(self, out_trade_no: str = "order_1", amount: str = "88.88", **more: Any) -> str:
        fields = {"subject": "Two cups of tea", "notify_url": self.notify_url, **more}
        query = self.sdk.api_alipay_trade_page_pay(out_trade_no=out_trade_no, total_amount=amount, **fields)
        return f"{self.gateway}?{query}"

    async def paid(self, out_trade_no: str = "order_1", amount: str = "88.88", **more: Any) -> str:
        """A paid trade; its number."""
        answer = await self.pay(url=self.page_url(out_trade_no, amount, **more))
        trade_no: str = answer["id"]
        return trade_no

    async def pay(self, outcome: str = "succeed", **pointer: str) -> dict[str, Any]:
        return await self.control("POST", "pay", {"gateway": "alipay", "outcome": outcome, **pointer})

    async def voucher(self, out_order_no: str = "auth_1", amount: str = "100.00", **more: str) -> dict[str, Any]:
        biz = {
            "out_order_no": out_order_no,
            "out_request_no": f"{out_order_no}_freeze",
            "order_title": "A room for a night",
            "amount": amount,
            "product_code": "PRE_AUTH_ONLINE",
            **more,
        }
        return await self.server("alipay.fund.auth.order.voucher.create", biz, notify_url=self.notify_url)

    async def frozen(self, out_order_no: str = "auth_1", amount: str = "100.00") -> str:
        """An authorisation whose money is frozen; its number."""
        voucher = await self.voucher(out_order_no, amount)
        auth_no: str = (await self.pay(url=voucher["code_value"]))["id"]
        return auth_no

    async def payments(self, reference: str) -> list[dict[str, Any]]:
        answer = await self.control("GET", f"payments?gateway=alipay&reference={reference}")
        found: list[dict[str, Any]] = answer["payments"]
        return found


def refusal(answer: Mapping[str, Any]) -> tuple[str, str]:
    return answer["code"], answer["sub_code"]


def query_of(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))


MERCHANT = AlipayMerchant(APP_ID, public_pem(MERCHANT_KEY), private_pem(ALIPAY_KEY))


def settings_of(data_dir: Path, merchant: AlipayMerchant = MERCHANT) -> SandboxSettings:
    return SandboxSettings(
        data_dir=data_dir,
        alipay=merchant,
        later_seconds=0.01,
        seed=1,
        courier=CourierSettings(time_scale=0.0001, timeout_seconds=1.0),
    )


@asynccontextmanager
async def opened_inbox() -> AsyncIterator[tuple[Inbox, str]]:
    inbox = Inbox()
    async with listening(web.post("/notify", inbox.receive)) as url:
        yield inbox, f"{url}/notify"


@asynccontextmanager
async def running(data_dir: Path) -> AsyncIterator[Sandbox]:
    async with (
        opened_inbox() as (inbox, notify_url),
        served(settings_of(data_dir)) as url,
        aiohttp.ClientSession() as http,
    ):
        yield Sandbox(url, sdk_of(url), http, inbox, notify_url)


@pytest_asyncio.fixture
async def sandbox(tmp_path: Path) -> AsyncIterator[Sandbox]:
    async with running(tmp_path) as started:
        yield started
