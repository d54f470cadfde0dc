"""A running sandbox, the real WeChat Pay SDK pointed at it, raw API v2 calls, and an inbox for notifications."""

import asyncio
import json
from base64 import b64decode, b64encode
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from hashlib import md5
from pathlib import Path
from time import time
from typing import Any
from uuid import uuid4
from xml.etree.ElementTree import fromstring

import aiohttp
import pytest_asyncio
from aiohttp import web
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.hmac import HMAC
from wechatpayv3 import WeChatPay, WeChatPayType

from sandbox.courier import CourierSettings
from sandbox.settings import SandboxSettings, WechatMerchant
from tests.integration.stripe_sandbox import PATIENCE_SECONDS, served
from tests.listening import listening
from tests.sandbox_control import Controlled

APP_ID = "wxd678efh567hg6787"
MCH_ID = "1900000109"
API_KEY = "192006250b4c09247ec02edce69f6a2d"
APIV3_KEY = "0123456789abcdef0123456789abcdef"
SERIAL_NO = "444F4864EA9B34415D6C17B6B1A0E6D7D4D4E0F1"
PUBLIC_KEY_ID = "PUB_KEY_ID_0114232134912410000000000000"


@cache
def rsa_key(name: str) -> rsa.RSAPrivateKey:
    """One key for each name and run of the tests."""
    assert name
    return rsa.generate_private_key(65537, 2048)


def private_pem(name: str) -> str:
    encoding = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return rsa_key(name).private_bytes(*encoding).decode()


def public_pem(name: str) -> str:
    encoding = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    return rsa_key(name).public_key().public_bytes(*encoding).decode()


def terms(mch_id: str = MCH_ID, public_key_id: str | None = PUBLIC_KEY_ID) -> WechatMerchant:
    return WechatMerchant(
        app_id=APP_ID,
        mch_id=mch_id,
        api_key=API_KEY,
        apiv3_key=APIV3_KEY,
        merchant_serial_no=SERIAL_NO,
        merchant_public_key=public_pem("merchant"),
        platform_private_key=private_pem("platform"),
        platform_public_key_id=public_key_id,
    )


def sdk_of(url: str, mch_id: str = MCH_ID) -> Any:
    """The SDK in public key mode, which asks nothing before it is used."""
    sdk = WeChatPay(
        wechatpay_type=WeChatPayType.NATIVE,
        mchid=mch_id,
        private_key=private_pem("merchant"),
        cert_serial_no=SERIAL_NO,
        appid=APP_ID,
        apiv3_key=APIV3_KEY,
        notify_url="http://127.0.0.1:9/unused",
        timeout=(5, 10),
        public_key=public_pem("platform"),
        public_key_id=PUBLIC_KEY_ID,
    )
    sdk._core._gate_way = f"{url}/wechat"
    return sdk


@dataclass(frozen=True)
class Message:
    headers: Mapping[str, str]
    body: bytes

    @property
    def xml(self) -> dict[str, str]:
        return read_xml(self.body)


class Inbox:
    """A merchant's notification address: keeps what arrives and can be told to answer badly."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.status = 200
        self.answer = "<xml><return_code>SUCCESS</return_code></xml>"
        self._arrived = asyncio.Condition()

    async def receive(self, request: web.Request) -> web.Response:
        async with self._arrived:
            self.messages.append(Message(dict(request.headers), await request.read()))
            self._arrived.notify_all()
        return web.Response(status=self.status, text=self.answer)

    async def wait_until(self, enough: Callable[[list[Message]], bool]) -> list[Message]:
        async with asyncio.timeout(PATIENCE_SECONDS), self._arrived:
            await self._arrived.wait_for(lambda: enough(self.messages))
        return self.messages

    async def wait_for(self, count: int) -> list[Message]:
        return await self.wait_until(lambda messages: len(messages) >= count)


@dataclass
class Sandbox(Controlled):
    gateway_name = "wechat"

    url: str
    notify_url: str
    sdk: Any
    http: aiohttp.ClientSession
    inbox: Inbox

    async def call(self, method: Callable[..., Any], *given: Any, **more: Any) -> tuple[int, dict[str, Any]]:
        """A call of the SDK, which blocks and checks the signature of every 2xx answer."""
        status, text = await asyncio.to_thread(method, *given, **more)
        return status, json.loads(text) if text else {}

    async def place(self, out_trade_no: str, total: int = 100, **more: Any) -> tuple[int, dict[str, Any]]:
        """A NATIVE order unless `pay_type` says otherwise."""
        given = {"description": "Tea", "amount": {"total": total, "currency": "CNY"}, "notify_url": self.notify_url}
        return await self.call(self.sdk.pay, out_trade_no=out_trade_no, **{**given, **more})

    async def paid(self, out_trade_no: str, total: int = 100, **more: Any) -> dict[str, Any]:
        """An order that the customer has paid, as a query shows it."""
        status, answer = await self.place(out_trade_no, total, **more)
        assert status == 200, answer
        await self.pay(reference=out_trade_no)
        return await self.order(out_trade_no)

    async def order(self, out_trade_no: str) -> dict[str, Any]:
        status, answer = await self.call(self.sdk.query, out_trade_no=out_trade_no)
        assert status == 200, answer
        return answer

    async def refund(
        self, out_refund_no: str, refund: int, total: int = 100, **more: Any
    ) -> tuple[int, dict[str, Any]]:
        amount = {"refund": refund, "total": total, "currency": "CNY"}
        return await self.call(self.sdk.refund, out_refund_no, amount, **more)

    async def v2(self, path: str, sign_type: str = "MD5", **fields: str) -> dict[str, str]:
        """A signed API v2 call; its answer's signature is checked unless `return_code` is FAIL."""
        given = {"appid": APP_ID, "mch_id": MCH_ID, "nonce_str": uuid4().hex, **fields}
        if sign_type != "MD5":
            given["sign_type"] = sign_type
        answer = await self.v2_raw(path, write_xml({**given, "sign": v2_signature(given, sign_type)}))
        if answer["return_code"] == "SUCCESS":
            assert answer["sign"] == v2_signature(answer, sign_type)
        return answer

    async def v2_raw(self, path: str, body: bytes) -> dict[str, str]:
        async with self.http.post(f"{self.url}/wechat/{path}", data=body) as answer:
            assert answer.status == 200
            return read_xml(await answer.read())

    async def v2_place(self, out_trade_no: str, /, total: int = 100, **more: str) -> dict[str, str]:
        """A NATIVE order unless `trade_type` says otherwise."""
        given = {
            "body": "Tea",
            "out_trade_no": out_trade_no,
            "total_fee": str(total),
            "spbill_create_ip": "127.0.0.1",
            "notify_url": self.notify_url,
            "trade_type": "NATIVE",
            "product_id": "tea",
        }
        return await self.v2("pay/unifiedorder", **{**given, **more})

    async def v2_paid(self, out_trade_no: str, total: int = 100, **more: str) -> None:
        placed = await self.v2_place(out_trade_no, total, **more)
        assert placed["result_code"] == "SUCCESS", placed
        await self.pay(reference=out_trade_no)

    async def v3_raw(self, method: str, url: str, body: bytes = b"", **changed: Any) -> tuple[int, dict[str, Any]]:
        """A request signed by hand; `changed` replaces `headers` or fields of the authorization."""
        headers = {
            "Authorization": authorization(method, url, body, **{k: v for k, v in changed.items() if k != "headers"}),
            "Accept": "application/json",
            "Content-Type": "application/json",
            **changed.get("headers", {}),
        }
        async with self.http.request(method, f"{self.url}/wechat{url}", data=body, headers=headers) as answer:
            text = await answer.text()
            return answer.status, json.loads(text) if text else {}

    async def pay(self, outcome: str = "succeed", **pointer: str) -> dict[str, Any]:
        return await self.control("POST", "pay", {"gateway": "wechat", "outcome": outcome, **pointer})

    async def payment(self, reference: str) -> dict[str, Any]:
        answer = await self.control("GET", f"payments?gateway=wechat&reference={reference}")
        (payment,) = answer["payments"]
        assert isinstance(payment, dict)
        return payment


def authorization(method: str, url: str, body: bytes, **changed: str) -> str:
    """Written from the documentation, not from the SDK: pay.weixin.qq.com/doc/v3/merchant/4012365336."""
    stamp, nonce = changed.get("timestamp", str(int(time()))), changed.get("nonce_str", uuid4().hex)
    message = f"{method}\n{url}\n{stamp}\n{nonce}\n".encode() + body + b"\n"
    signed = rsa_key(changed.get("key", "merchant")).sign(message, padding.PKCS1v15(), hashes.SHA256())
    fields = {
        "mchid": changed.get("mchid", MCH_ID),
        "nonce_str": nonce,
        "timestamp": stamp,
        "serial_no": changed.get("serial_no", SERIAL_NO),
        "signature": changed.get("signature", b64encode(signed).decode()),
    }
    return "WECHATPAY2-SHA256-RSA2048 " + ",".join(f'{name}="{text}"' for name, text in fields.items())


def v2_signature(fields: Mapping[str, str], sign_type: str = "MD5") -> str:
    """Written from the documentation: pay.weixin.qq.com/doc/v2/merchant/4011985891."""
    pairs = sorted((name, text) for name, text in fields.items() if text and name != "sign")
    text = "&".join(f"{name}={text}" for name, text in pairs) + f"&key={API_KEY}"
    if sign_type == "MD5":
        return md5(text.encode()).hexdigest().upper()
    mac = HMAC(API_KEY.encode(), hashes.SHA256())
    mac.update(text.encode())
    return mac.finalize().hex().upper()


def decrypted(req_info: str) -> dict[str, str]:
    """What a refund's API v2 notification hides."""
    key = md5(API_KEY.encode()).hexdigest().encode()
    decryptor = Cipher(algorithms.AES(key), modes.ECB()).decryptor()
    plain = decryptor.update(b64decode(req_info)) + decryptor.finalize()
    return read_xml(plain[: -plain[-1]])


def read_xml(body: bytes) -> dict[str, str]:
    return {element.tag: element.text or "" for element in fromstring(body)}


def write_xml(fields: Mapping[str, str]) -> bytes:
    return ("<xml>" + "".join(f"<{name}>{text}</{name}>" for name, text in fields.items()) + "</xml>").encode()


@asynccontextmanager
async def opened_inbox() -> AsyncIterator[tuple[Inbox, str]]:
    inbox = Inbox()
    async with listening(web.post("/notify", inbox.receive)) as url:
        yield inbox, f"{url}/notify"


def settings_of(data_dir: Path) -> SandboxSettings:
    return SandboxSettings(
        data_dir=data_dir,
        wechat=terms(),
        later_seconds=0.01,
        seed=1,
        courier=CourierSettings(time_scale=0.001, timeout_seconds=1.0),
    )


@asynccontextmanager
async def running(data_dir: Path) -> AsyncIterator[Sandbox]:
    async with (
        opened_inbox() as (inbox, notify_url),
        served(settings_of(data_dir)) as url,
        aiohttp.ClientSession() as http,
    ):
        yield Sandbox(url, notify_url, sdk_of(url), http, inbox)


@pytest_asyncio.fixture
async def sandbox(tmp_path: Path) -> AsyncIterator[Sandbox]:
    async with running(tmp_path) as started:
        yield started
