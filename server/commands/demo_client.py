"""A caller of the service, as any other: the typed stub for gRPC, plain JSON for REST, and the sandbox's control calls."""

import uuid
from dataclasses import dataclass
from typing import Any

import aiohttp
import grpc

from server.commands.dev import Development
from sycee.v1 import payment_method_service_pb2 as methods
from sycee.v1 import payment_service_pb2 as pb
from sycee.v1.payment_service_pb2_grpc import PaymentServiceStub


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer."""

    status: int
    headers: dict[str, str]
    json: Any


class DemoClient:
    """Calls the service with its secret key."""

    def __init__(self, channel: grpc.aio.Channel, http: aiohttp.ClientSession, service: Development) -> None:
        self.payments = PaymentServiceStub(channel)
        self._http = http
        self._service = service

    def metadata(self, key: str | None = None) -> tuple[tuple[str, str], ...]:
        """Who calls, and under which idempotency key."""
        return (
            ("authorization", f"Bearer {self._service.secret_key}"),
            ("idempotency-key", key or str(uuid.uuid4())),
        )

    async def post(self, path: str, body: dict[str, Any], key: str | None = None) -> Answer:
        """A REST call that changes something."""
        return await self._call("POST", self._service.http + path, body, key or str(uuid.uuid4()))

    async def get(self, path: str) -> Answer:
        """A REST call that reads."""
        return await self._call("GET", self._service.http + path, None, None)

    async def fault(self, fault: dict[str, Any] | None) -> None:
        """Scripts the gateway's next fault, or takes all of them back."""
        url = f"{self._service.sandbox}/_control/faults"
        if fault is None:
            async with self._http.delete(url) as answer:
                answer.raise_for_status()
        else:
            async with self._http.post(url, json=fault) as answer:
                answer.raise_for_status()

    async def at_gateway(self, reference: str) -> list[dict[str, Any]]:
        """What the gateway itself knows under our reference."""
        url = f"{self._service.sandbox}/_control/payments"
        async with self._http.get(url, params={"gateway": "stripe", "reference": reference}) as answer:
            answer.raise_for_status()
            found: list[dict[str, Any]] = (await answer.json())["payments"]
            return found

    async def _call(self, method: str, url: str, body: dict[str, Any] | None, key: str | None) -> Answer:
        headers = {"Authorization": f"Bearer {self._service.secret_key}"}
        if key is not None:
            headers["Idempotency-Key"] = key
        async with self._http.request(method, url, json=body, headers=headers) as answer:
            return Answer(answer.status, dict(answer.headers), await answer.json())


def card(number: str) -> dict[str, Any]:
    """One of Stripe's published test cards, as the REST API takes it."""
    return {"type": "card", "card": {"number": number, "exp_month": 12, "exp_year": 2035, "cvc": "123"}}


def typed_card(number: str) -> pb.PaymentMethodInput:
    """One of Stripe's published test cards, as the contract has it."""
    method = pb.PaymentMethodInput(type=methods.PAYMENT_METHOD_TYPE_CARD)
    method.card.number, method.card.exp_month, method.card.exp_year, method.card.cvc = number, 12, 2035, "123"
    return method
