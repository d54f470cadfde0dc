"""A local server that answers every call as a test says, where Alipay's gateway would be."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from gateways.alipay.adapter import AlipayGateway
from gateways.setup import Setup
from server.domain.attempt import Attempt
from server.domain.money import Money
from server.domain.payment import PaymentMethodKind
from tests.contract.gateways import a_wish, an_attempt
from tests.listening import listening
from tests.unit.gateways.alipay.merchant import a_config, signature

Answer = Callable[[str, Mapping[str, str]], web.StreamResponse]


class RealClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


@dataclass
class Answering:
    """`answer` makes the reply of a method and its parameters, which are kept in `calls`."""

    answer: Answer
    calls: list[Mapping[str, str]] = field(default_factory=list)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.calls.append(dict(request.query))
        return self.answer(request.query["method"], request.query)


def setup(base_url: str = "http://127.0.0.1:9", **changes: Any) -> Setup:
    fields: dict[str, Any] = {
        "config": a_config(),
        "config_version": 1,
        "clock": RealClock(),
        "fingerprint": "fp_{}".format,
        "default_return_url": "https://shop.example/return",
        "base_url": base_url,
        "timeout_seconds": 5.0,
        "pauses_seconds": (),
    }
    return Setup(**{**fields, **changes})


@asynccontextmanager
async def answered(answer: Answer, **changes: Any) -> AsyncIterator[tuple[AlipayGateway, Answering]]:
    """The adapter before a server that answers so."""
    answering = Answering(answer)
    routes = (web.route("*", "/gateway.do", answering.handle), web.get("/elsewhere", answering.handle))
    async with listening(*routes) as url:
        gateway = AlipayGateway(setup(url, **changes))
        try:
            yield gateway, answering
        finally:
            await gateway.aclose()


def a_reply(method: str, content: str, *, sign: str | None = None, name: str | None = None) -> web.Response:
    """Signed by Alipay unless `sign` is something else; an empty one stands there empty."""
    member = name or f"{method.replace('.', '_')}_response"
    written = signature(content.encode()) if sign is None else sign
    return web.Response(text=f'{{"{member}":{content},"sign":"{written}"}}', content_type="text/html")


def an_attempt_at(gateway: AlipayGateway, **wish: Any) -> Attempt:
    wanted = a_wish(kind=PaymentMethodKind.ALIPAY, token=None, **wish)
    return an_attempt(gateway, request=gateway.request_for(wanted), money=Money(10000, "CNY"), at=datetime.now(UTC))
