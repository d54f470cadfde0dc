"""What `GET /api/v1/capabilities` says of each gateway is what the calls do: what is listed works, and what is not answers NOT_SUPPORTED before anything is sent."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest

from gateways.registry import CAPABILITIES
from server.commands.cards import card
from server.commands.rest_client import Answer, RestClient
from sycee.v1.config_service_pb2 import Capability
from tests.e2e.mall import Mall
from tests.e2e.polling import until
from tests.e2e.wishes import PAYMENTS, VISA, read, refusal

_SETTLED_WITHIN_SECONDS = 20.0
_DISPUTES = "/api/v1/disputes"
_METHODS: Mapping[str, dict[str, Any]] = {
    "alipay": {"type": "alipay"},
    "paypal": {"type": "paypal"},
    "stripe": card(VISA),
    "wechat": {"type": "wechat"},
}
# Stripe's published number whose charges are available at once.
_AVAILABLE_AT_ONCE = "4000000000000077"
_PLENTY = "500000.00"


@dataclass(frozen=True, slots=True)
class Counter:
    """A gateway of the development's merchant, and who pays through it."""

    mall: Mall
    gateway: str

    @property
    def rest(self) -> RestClient:
        return self.mall.operator

    @property
    def currency(self) -> str:
        return "CNY" if self.gateway in {"alipay", "wechat"} else "USD"

    async def create(self, **changes: Any) -> Answer:
        method = _METHODS[self.gateway]
        wish = {"amount": "59.49", "currency": self.currency, "gateway": self.gateway, "payment_method": method}
        return await self.rest.post(PAYMENTS, wish | changes, key=str(uuid4()))

    async def begun(self, **changes: Any) -> dict[str, Any]:
        answer = await self.create(**changes)
        assert answer.status == 201, answer.body
        payment: dict[str, Any] = answer.json
        return payment

    async def paid(self, **changes: Any) -> dict[str, Any]:
        """A payment whose customer has done their part."""
        payment = await self.begun(**changes)
        if payment["next_action"] is not None:
            action = payment["next_action"]
            await self.mall.customer.pay(action.get("redirect_url") or action["qr_code_url"])
        return await until(
            lambda: read(self.rest, payment["id"]),
            lambda seen: seen["captured"] or (seen["next_action"] is None and seen["status"] == "pending"),
            _SETTLED_WITHIN_SECONDS,
        )

    async def act(self, payment: dict[str, Any], verb: str, body: dict[str, Any] | None = None) -> Answer:
        return await self.rest.post(f"{PAYMENTS}/{payment['id']}/{verb}", body or {}, key=str(uuid4()))

    async def listed(self) -> frozenset[str]:
        answer = await self.rest.get("/api/v1/capabilities")
        (mine,) = [one for one in answer.json["gateways"] if one["gateway"] == self.gateway]
        return frozenset(mine["capabilities"])


async def authorise(counter: Counter) -> Answer:
    return await counter.create(capture_method="manual")


async def partial_capture(counter: Counter) -> Answer:
    if "authorise" not in await counter.listed():
        # There is nothing to capture a part of; the wish for it is what is refused.
        return await authorise(counter)
    return await counter.act(await counter.paid(capture_method="manual"), "capture", {"amount": "20.00"})


async def cancel(counter: Counter) -> Answer:
    manual = "authorise" in await counter.listed()
    payment = await counter.begun(**({"capture_method": "manual"} if manual else {}))
    return await counter.act(payment, "cancel")


async def refund(counter: Counter) -> Answer:
    return await counter.act(await counter.paid(), "refunds")


async def partial_refund(counter: Counter) -> Answer:
    return await counter.act(await counter.paid(), "refunds", {"amount": "1.00"})


async def payment_intents(counter: Counter) -> Answer:
    body = {"amount": "59.49", "currency": counter.currency, "gateway": counter.gateway}
    return await counter.rest.post("/api/v1/payment_intents", body, key=str(uuid4()))


async def saved_payment_methods(counter: Counter) -> Answer:
    path = f"/api/v1/customers/{uuid4()}/payment_methods"
    return await counter.rest.post(path, _METHODS[counter.gateway], key=str(uuid4()))


async def payouts(counter: Counter) -> Answer:
    if counter.gateway == "stripe":
        # The development's balance is everybody's: refunds of other tests may have left less than nothing.
        await counter.paid(amount=_PLENTY, payment_method=card(_AVAILABLE_AT_ONCE))
    body = {"amount": "10.00", "currency": counter.currency, "gateway": counter.gateway}
    return await counter.rest.post("/api/v1/payouts", body, key=str(uuid4()))


async def payout_cancel(counter: Counter) -> Answer:
    made = await payouts(counter)
    if made.status != 201:
        return made
    return await counter.rest.post(f"/api/v1/payouts/{made.json['id']}/cancel", {}, key=str(uuid4()))


async def balance(counter: Counter) -> Answer:
    return await counter.rest.get("/api/v1/balance", gateway=counter.gateway)


PROBES: Mapping[str, Callable[[Counter], Awaitable[Answer]]] = {
    probe.__name__: probe
    for probe in (
        *(authorise, partial_capture, cancel, refund, partial_refund, payment_intents, saved_payment_methods),
        *(payouts, payout_cancel, balance),
    )
}
# No call asks for them: what a gateway tells of disputes is a callback's, and evidence needs a dispute that it told of.
TOLD = {"disputes", "dispute_evidence"}


def test_every_capability_is_tried() -> None:
    """A new one needs a probe."""
    named = {name.removeprefix("CAPABILITY_").lower() for name in Capability.keys()}  # noqa: SIM118 - no mapping
    assert named == {*PROBES, *TOLD, "unspecified"}


@pytest.mark.parametrize("capability", PROBES)
@pytest.mark.parametrize("gateway", sorted(CAPABILITIES))
async def test_the_table_and_the_behaviour_agree(mall: Mall, gateway: str, capability: str) -> None:
    """What is listed is done; what is not is NOT_SUPPORTED, and the gateway has heard nothing of it."""
    counter = Counter(mall, gateway)
    at_gateway = await mall.sandbox.at(gateway).payments()
    listed = capability in await counter.listed()
    answer = await PROBES[capability](counter)
    if listed:
        assert answer.status in {200, 201}, answer.body
        return
    told = refusal(answer)
    assert (told.status, told.code, told.outcome) == (400, "NOT_SUPPORTED", "not_sent")
    assert await mall.sandbox.at(gateway).payments() == at_gateway


@pytest.mark.parametrize("gateway", sorted(CAPABILITIES))
@pytest.mark.parametrize("kind", sorted(_METHODS))
async def test_a_gateway_takes_the_methods_that_it_lists(mall: Mall, gateway: str, kind: str) -> None:
    """And no other gateway's."""
    counter = Counter(mall, gateway)
    answer = await counter.rest.get("/api/v1/capabilities")
    (mine,) = [one for one in answer.json["gateways"] if one["gateway"] == gateway]
    created = await counter.create(payment_method=_METHODS[kind])
    if _METHODS[kind]["type"] in mine["payment_method_types"]:
        assert created.status == 201, created.body
    else:
        told = refusal(created)
        assert (told.status, told.code, told.outcome) == (400, "NOT_SUPPORTED", "not_sent")


@pytest.mark.parametrize("gateway", sorted(CAPABILITIES))
@pytest.mark.parametrize("currency", ["CNY", "USD", "JPY", "KWD", "IRR"])
async def test_a_gateway_takes_the_currencies_that_it_lists(mall: Mall, gateway: str, currency: str) -> None:
    """And refuses every other one as INVALID_CURRENCY, before anything is sent."""
    counter = Counter(mall, gateway)
    answer = await counter.rest.get("/api/v1/capabilities")
    (mine,) = [one for one in answer.json["gateways"] if one["gateway"] == gateway]
    created = await counter.create(currency=currency, amount="5000")
    if currency in mine["currencies"]:
        assert created.status == 201, created.body
    else:
        assert (refusal(created).status, refusal(created).code) == (400, "INVALID_CURRENCY")


@pytest.mark.parametrize("gateway", sorted(CAPABILITIES))
async def test_a_gateway_that_tells_of_disputes_is_heard(mall: Mall, gateway: str) -> None:
    """Where it takes evidence, it is given; where it does not, that is NOT_SUPPORTED."""
    counter = Counter(mall, gateway)
    listed = await counter.listed()
    if "disputes" not in listed:
        assert "dispute_evidence" not in listed
        return
    payment = await counter.paid()
    await mall.sandbox.at(gateway).dispute(payment["gateway_payment_id"])

    async def found() -> list[dict[str, Any]]:
        answer = await counter.rest.get(_DISPUTES, per_page=100)
        return [one for one in answer.json["data"] if one["payment_id"] == payment["id"]]

    (dispute,) = await until(found, lambda seen: len(seen) == 1, _SETTLED_WITHIN_SECONDS)
    evidence = {"product_description": "Two silver ingots"}
    answer = await counter.rest.post(f"{_DISPUTES}/{dispute['id']}/evidence", evidence, key=str(uuid4()))
    if "dispute_evidence" in listed:
        assert answer.status in {200, 201}, answer.body
    else:
        assert refusal(answer).code == "NOT_SUPPORTED"
