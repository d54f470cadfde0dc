"""The mall as its customer, its administrator and its gateways see it: orders, the pages on which they are paid, and what is kept of callbacks."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from server.commands.customer import Customer
from server.commands.rest_client import Answer, RestClient
from server.commands.sandbox_client import SandboxClient
from tests.e2e.pens.gateways import Pens
from tests.e2e.pens.message import Message
from tests.e2e.polling import until

CALLBACK, CONFIGS, ORDERS, PAYMENTS = "/api/payments/callback", "/api/payment-configs", "/api/orders", "/api/payments"
GATEWAYS = ("alipay", "wechat", "paypal")
CURRENCIES = {"alipay": "CNY", "wechat": "CNY", "paypal": "USD"}
BY_PEN = "paid by a pen of the tests"
"""The subject of orders that are paid by what a test has written: the gateway's books know nothing of that money."""
_SOON_SECONDS = 15


def envelope(answer: Answer) -> dict[str, Any]:
    """Reads an envelope; fails unless it has exactly the documented shape."""
    told: dict[str, Any] = answer.json
    assert list(told) == ["code", "message", "data"]
    assert told["code"] == answer.status
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["X-Request-Id"]
    return told


def refused(code: int, message: str) -> dict[str, Any]:
    """What a refusal says."""
    return {"code": code, "message": message, "data": None}


def data_of(answer: Answer, message: str | None = None) -> Any:
    """What a call that must succeed answers."""
    told = envelope(answer)
    assert told["code"] == 200, told
    assert message is None or told["message"] == message
    return told["data"]


@dataclass(frozen=True, slots=True)
class Opened:
    """An order whose customer can pay it now."""

    order: Mapping[str, Any]
    payment_url: str
    payment_id: str

    @property
    def id(self) -> int:
        number: int = self.order["id"]
        return number

    @property
    def order_no(self) -> str:
        number: str = self.order["order_no"]
        return number


@dataclass(frozen=True, slots=True)
class Mall:
    """`operator` has the secret key; `nobody` is what a gateway is to us before it has proved itself."""

    user: RestClient
    admin: RestClient
    operator: RestClient
    nobody: RestClient
    sandbox: SandboxClient
    customer: Customer
    pens: Pens

    async def order(
        self, amount: str = "100.00", currency: str = "CNY", subject: str | None = "太极剑"
    ) -> dict[str, Any]:
        wanted = {"total_amount": amount, "currency": currency, "subject": subject}
        order: dict[str, Any] = data_of(await self.user.post(ORDERS, wanted), "创建成功")
        return order

    async def pay(self, order: Mapping[str, Any], gateway: str, **more: Any) -> Answer:
        return await self.user.post(PAYMENTS, {"order_id": order["id"], "gateway": gateway} | more)

    async def opened(self, gateway: str, subject: str = "太极剑", **more: Any) -> Opened:
        order = await self.order(currency=CURRENCIES[gateway], subject=subject)
        opened = data_of(await self.pay(order, gateway, **more), "支付创建成功")
        listed = (await self.operator.get("/api/v1/payments", gateway=gateway)).json["data"]
        (payment_id,) = [one["id"] for one in listed if one["reference"] == opened["order_no"]]
        return Opened(order, opened["payment_url"], payment_id)

    async def paid(self, gateway: str) -> Opened:
        """An order whose customer has paid on the gateway's page."""
        opened = await self.opened(gateway)
        await self.customer.pay(opened.payment_url)
        await self.until(opened.id, "paid")
        return opened

    async def read(self, order_id: int) -> dict[str, Any]:
        order: dict[str, Any] = data_of(await self.user.get(f"{ORDERS}/{order_id}"), "获取成功")
        return order

    async def until(self, order_id: int, status: str) -> dict[str, Any]:
        return await until(lambda: self.read(order_id), lambda order: order["status"] == status, _SOON_SECONDS)

    async def truth(self, gateway: str, reference: str) -> dict[str, Any]:
        """What the gateway's own books say of the one payment under a number."""
        (payment,) = await self.sandbox.at(gateway).payments(reference)
        return payment

    async def taken(self, gateway: str, order_no: str) -> list[int]:
        """What the gateway has taken for an order, payment by payment, where it took anything."""
        truth = await self.sandbox.at(gateway).payments()
        of_order = [one for one in truth if one["reference"].startswith(order_no)]
        return [one["captured_minor"] for one in of_order if one["captured_minor"]]

    async def payment(self, opened: Opened) -> dict[str, Any]:
        """The v1 payment behind an order, as an operator sees it."""
        found: dict[str, Any] = (await self.operator.get(f"/api/v1/payments/{opened.payment_id}")).json
        return found

    async def send(self, message: Message, gateway: str = "", **headers: str) -> Answer:
        """Posts a callback, to a gateway's own address where one is named."""
        path = f"{CALLBACK}/{gateway}" if gateway else CALLBACK
        sent = {"Content-Type": message.content_type, **message.headers, **headers}
        return await self.nobody.send("POST", path, message.body, sent)

    async def kept(self, **query: str | int) -> list[dict[str, Any]]:
        """Callbacks that are kept, newest first."""
        wanted: dict[str, str | int] = {"per_page": 10, **query}
        answer = await self.operator.get("/api/v1/callbacks", **wanted)
        assert answer.status == 200, answer.body
        found: list[dict[str, Any]] = answer.json["data"]
        return found

    async def until_kept(self, so: Callable[[Mapping[str, Any]], bool], **query: str | int) -> dict[str, Any]:
        """The newest callback that is as it should be, once it has come."""

        async def found() -> list[dict[str, Any]]:
            return [row for row in await self.kept(**query) if so(row)]

        return (await until(found, bool, _SOON_SECONDS))[0]

    async def decided(self, message: Message, gateway: str = "", **headers: str) -> dict[str, Any]:
        """Sends a callback and gives the one row that is kept of it, with what its sender was `told` and what the audit log has of it."""
        before = {row["id"] for row in await self.kept(per_page=20)}
        told = await self.send(message, gateway, **headers)
        new = [row for row in await self.kept(per_page=20) if row["id"] not in before]
        (row,) = [row for row in new if row["body"].encode() == message.body]
        return row | {"told": told, "audit": await self.accounted(row["id"])}

    async def accounted(self, callback_id: str) -> list[str]:
        """What the audit log has of a callback: the actions, newest first."""
        answer = await self.operator.get("/api/v1/audit_log", object_id=callback_id)
        return [entry["action"] for entry in answer.json["data"]]

    @asynccontextmanager
    async def configured(self, gateway: str, **settings: str) -> AsyncIterator[None]:
        """The gateway's configuration with further settings, for as long as the block runs."""
        listed = data_of(await self.admin.get(CONFIGS))
        (config,) = [one["config"] for one in listed if one["gateway"] == gateway]
        data_of(await self.admin.post(CONFIGS, {"gateway": gateway, "config": config | settings}), "保存成功")
        try:
            yield
        finally:
            data_of(await self.admin.post(CONFIGS, {"gateway": gateway, "config": config}), "保存成功")

    @asynccontextmanager
    async def wechat_v2(self) -> AsyncIterator[None]:
        """WeChat Pay configured for its API v2 alone, for as long as the block runs."""
        listed = data_of(await self.admin.get(CONFIGS))
        (config,) = [one["config"] for one in listed if one["gateway"] == "wechat"]
        only = {name: config[name] for name in ("app_id", "mch_id", "api_key", "notify_url")}
        made = self.pens.wechat.made
        keys = {"private_key": made.wechat_private_key, "apiv3_key": made.wechat_apiv3_key}
        data_of(await self.admin.post(CONFIGS, {"gateway": "wechat", "config": only}), "保存成功")
        try:
            yield
        finally:
            data_of(await self.admin.post(CONFIGS, {"gateway": "wechat", "config": config | keys}), "保存成功")
