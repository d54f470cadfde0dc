"""The `/_control` calls, with which anyone's tests steer the simulated gateways."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict
from json import JSONDecodeError
from typing import cast, get_args
from uuid import uuid4

from aiohttp import web

from sandbox.callbacks import CALLBACK_MODES, CallbackMode, CallbackQueue
from sandbox.faults import EVERY_OPERATION, FAULT_NAMES, OPERATIONS, Fault, Faults
from sandbox.gateway import ControlRefused, PaymentPointer, PayOutcome, SimulatedGateway
from sandbox.json_types import Json, Resource

Answer = Callable[[web.Request], Awaitable[Resource]]
_OUTCOMES: tuple[str, ...] = get_args(PayOutcome)


class Control:
    def __init__(self, gateways: Mapping[str, SimulatedGateway], faults: Faults, callbacks: CallbackQueue) -> None:
        self._gateways = gateways
        self._faults = faults
        self._callbacks = callbacks

    def routes(self) -> Sequence[web.RouteDef]:
        return [
            web.get("/_control/payments", _answered(self.payments)),
            web.post("/_control/merchants", _answered(self.add_merchant)),
            web.post("/_control/pay", _answered(self.pay)),
            web.post("/_control/faults", _answered(self.arm_fault)),
            web.get("/_control/faults", _answered(self.list_faults)),
            web.delete("/_control/faults", _answered(self.delete_faults)),
            web.post("/_control/callbacks", _answered(self.set_callback_mode)),
            web.post("/_control/callbacks/release", _answered(self.release_callbacks)),
        ]

    async def payments(self, request: web.Request) -> Resource:
        name = request.query.get("gateway")
        gateways = self._gateways.values() if name is None else [self._gateway(name)]
        reference = request.query.get("reference")
        return {"payments": [asdict(view) for gateway in gateways for view in gateway.payments(reference)]}

    async def add_merchant(self, request: web.Request) -> Resource:
        body = await Body.of(request)
        gateway = self._gateway(body.text("gateway"))
        return gateway.add_merchant({name: body.text(name) for name in body.names() if name != "gateway"})

    async def pay(self, request: web.Request) -> Resource:
        body = await Body.of(request)
        body.allow("gateway", "url", "reference", "gateway_payment_id", "outcome")
        pointer = PaymentPointer(
            body.optional_text("url"), body.optional_text("reference"), body.optional_text("gateway_payment_id")
        )
        if sum(value is not None for value in asdict(pointer).values()) != 1:
            raise ControlRefused("name the payment by one of url, reference, gateway_payment_id")
        outcome = cast(PayOutcome, body.one_of("outcome", _OUTCOMES))
        return self._gateway(body.text("gateway")).pay(pointer, outcome)

    async def arm_fault(self, request: web.Request) -> Resource:
        body = await Body.of(request)
        body.allow("gateway", "operation", "fault", "count", "probability", "delay_ms")
        gateway = body.text("gateway")
        self._gateway(gateway)
        fault = Fault(
            id=str(uuid4()),
            gateway=gateway,
            operation=body.one_of("operation", (*OPERATIONS, EVERY_OPERATION)),
            fault=body.one_of("fault", FAULT_NAMES),
            count=body.optional_integer("count", 1),
            probability=body.probability("probability"),
            delay_ms=body.optional_integer("delay_ms", 0),
        )
        self._faults.arm(fault)
        return {**asdict(fault)}

    async def list_faults(self, request: web.Request) -> Resource:
        return {"faults": [asdict(fault) for fault in self._faults.armed()]}

    async def delete_faults(self, request: web.Request) -> Resource:
        name = request.query.get("gateway")
        if name is not None:
            self._gateway(name)
        self._faults.disarm(name)
        return {"faults": [asdict(fault) for fault in self._faults.armed()]}

    async def set_callback_mode(self, request: web.Request) -> Resource:
        body = await Body.of(request)
        body.allow("mode")
        mode = cast(CallbackMode, body.one_of("mode", CALLBACK_MODES))
        self._callbacks.set_mode(mode)
        return {"mode": mode}

    async def release_callbacks(self, request: web.Request) -> Resource:
        return {"released": self._callbacks.release()}

    def _gateway(self, name: str) -> SimulatedGateway:
        gateway = self._gateways.get(name)
        if gateway is None:
            raise ControlRefused(f"the gateway {name} is not simulated; there is {', '.join(self._gateways)}")
        return gateway


class Body:
    """The JSON object of a control call, read strictly."""

    def __init__(self, fields: Mapping[str, Json]) -> None:
        self._fields = fields

    @classmethod
    async def of(cls, request: web.Request) -> "Body":
        try:
            fields = await request.json()
        except (JSONDecodeError, UnicodeDecodeError):
            raise ControlRefused("the body is not JSON") from None
        if not isinstance(fields, dict):
            raise ControlRefused("the body is not a JSON object")
        return cls(fields)

    def names(self) -> Sequence[str]:
        return tuple(self._fields)

    def allow(self, *names: str) -> None:
        for name in self._fields:
            if name not in names:
                raise ControlRefused(f"unknown field {name}")

    def optional_text(self, name: str) -> str | None:
        value = self._fields.get(name)
        if value is not None and not isinstance(value, str):
            raise ControlRefused(f"{name} must be a string")
        return value

    def text(self, name: str) -> str:
        value = self.optional_text(name)
        if not value:
            raise ControlRefused(f"{name} is missing")
        return value

    def one_of(self, name: str, words: Sequence[str]) -> str:
        word = self.text(name)
        if word not in words:
            raise ControlRefused(f"{name} must be one of {', '.join(words)}")
        return word

    def optional_integer(self, name: str, least: int) -> int | None:
        value = self._fields.get(name)
        if value is None:
            return None
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            raise ControlRefused(f"{name} must be an integer of at least {least}")
        return value

    def probability(self, name: str) -> float:
        value = self._fields.get(name, 1.0)
        if not isinstance(value, int | float) or isinstance(value, bool) or not 0 < value <= 1:
            raise ControlRefused(f"{name} must be above 0 and at most 1")
        return float(value)


def _answered(answer: Answer) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def handle(request: web.Request) -> web.Response:
        try:
            return web.json_response(await answer(request))
        except ControlRefused as refused:
            return web.json_response({"error": {"message": refused.message}}, status=refused.status)

    return handle
