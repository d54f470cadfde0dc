"""WeChat's library with one merchant's keys, quiet and in time."""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import httpx
from wechatpayv3.async_ import AsyncWeChatPay, WeChatPayType

from gateways.wechat.credentials import Credentials, V3Credentials
from gateways.wechat.line import Line
from gateways.wechat.v3.core import SIGNATURE_HEADERS, GuardedCore, NoCertificates
from server.domain.channels import WechatChannel
from server.domain.clock import Clock

# The library's own enumeration: it has two of the same name, and takes a member of the other for none.
PAY_TYPES: Mapping[WechatChannel, WeChatPayType] = {
    WechatChannel.NATIVE: WeChatPayType.NATIVE,
    WechatChannel.H5: WeChatPayType.H5,
    WechatChannel.JSAPI: WeChatPayType.JSAPI,
}

# What a call raises when nothing was sent.
NOT_SENT = (
    NoCertificates,
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.InvalidURL,
    httpx.UnsupportedProtocol,
)

_CERTIFICATE_NUMBER = re.compile(r"[0-9A-Fa-f]{1,64}", re.ASCII)


class Client:
    """The library, bound to the event loop that first uses it. It reads the clock itself where it signs."""

    def __init__(self, merchant: Credentials, keys: V3Credentials, line: Line, clock: Clock) -> None:
        """Reaches no network: the library would fetch certificates when it is entered, we do when one is needed."""
        _keep_quiet()
        self._timeout_seconds = line.timeout_seconds
        self.pay = AsyncWeChatPay(
            wechatpay_type=WeChatPayType.NATIVE,
            mchid=merchant.mch_id,
            private_key=None,
            cert_serial_no=keys.cert_serial_no,
            appid=merchant.app_id,
            apiv3_key=keys.apiv3_key,
            notify_url=merchant.notify_url,
        )
        self._core = GuardedCore(merchant, keys, line, clock)
        # The library has no other way to another address, a time-out for the whole call, or a guarded refresh of certificates.
        self.pay._core = self._core  # noqa: SLF001 - see above

    async def call(self, method: Callable[..., Awaitable[tuple[int, Any]]], **params: object) -> tuple[int, Any]:
        """Status and text of an answer that WeChat Pay signed, or that it gives unsigned. Raises an exception of any kind, within the time-out.

        One of NOT_SENT is raised before anything is sent.
        """
        async with asyncio.timeout(self._timeout_seconds):
            self._core.open()
            await self._core.prepare()
            return await method(**params)

    async def upload(self, *, path: str, content: bytes, content_type: str) -> tuple[int, Any]:
        """Status and text of the answer to a picture. To be called by `call`."""
        return await self._core.upload(path, content, content_type)

    async def knows(self, serial: str) -> bool:
        """Whether messages that name this key or certificate can be checked; unknown certificates are asked for, once in a while.

        Raises NoCertificates or TimeoutError when WeChat Pay had to be asked and could not.
        """
        if self._core.knows(serial):
            return True
        if _CERTIFICATE_NUMBER.fullmatch(serial) is None:
            return False
        async with asyncio.timeout(self._timeout_seconds):
            self._core.open()
            await self._core.refresh()
        return self._core.knows(serial)

    def verified(self, headers: Mapping[str, str], body: str) -> bool:
        """Whether WeChat Pay signed the body under a key that is known. Asks nobody."""
        # Of what came from outside the library sees these alone: under others it would look for another signature than was checked.
        return self._core.verifies({name: headers.get(name, "") for name in SIGNATURE_HEADERS}, body)

    def decrypted(self, headers: Mapping[str, str], body: str) -> str | None:
        """The resource of a verified notification; None, or an exception of any kind, where it was altered or is under another key."""
        chosen = {name: headers.get(name, "") for name in SIGNATURE_HEADERS}
        text: str | None = self.pay.decrypt_callback(chosen, body)
        return text

    def signed(self, *lines: str) -> str:
        """The merchant's signature over some lines."""
        signature: str = self.pay.sign(list(lines))
        return signature

    async def aclose(self) -> None:
        await self._core.close()


def _keep_quiet() -> None:
    """The HTTP client below the library logs every address, with order and merchant numbers in it."""
    logging.getLogger("httpx").addFilter(_drop)


def _drop(_: logging.LogRecord) -> bool:
    return False
