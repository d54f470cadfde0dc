"""The `/_control` calls, with which anyone's tests steer the simulated gateways."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import cast, get_args
from uuid import uuid4

from aiohttp import web

from sandbox.callbacks import CALLBACK_MODES, CallbackMode, CallbackQueue
from sandbox.control_body import Body
from sandbox.faults import EVERY_OPERATION, FAULT_NAMES, OPERATIONS, Fault, Faults
from sandbox.gateway import (
    ControlRefused,
    DisputeOutcome,
    MovementKind,
    PaymentPointer,
    PayOutcome,
    PayoutStatus,
    SimulatedGateway,
)
from sandbox.json_types import Resource

Answer = Callable[[web.Request], Awaitable[Resource]]
_OUTCOMES: tuple[str, ...] = get_args(PayOutcome)
_DISPUTE_OUTCOMES: tuple[str, ...] = get_args(DisputeOutcome)
_MOVEMENTS: tuple[str, ...] = get_args(MovementKind)
_PAYOUT_STATUSES: tuple[str, ...] = get_args(PayoutStatus)


class Control:
    def __init__(self, gateways: Mapping[str, SimulatedGateway], faults: Faults, callbacks: CallbackQueue) -> None:
        self._gateways = gateways
        self._faults = faults
        self._callbacks = callbacks

    def routes(self) -> Sequence[web.RouteDef]:
        return [
            web.get("/_control/payments", answered(self.payments)),
            web.post("/_control/merchants", answered(self.add_merchant)),
            web.post("/_control/pay", answered(self.pay)),
            web.post("/_control/disputes", answered(self.open_dispute)),
            web.post("/_control/disputes/{id}/close", answered(self.close_dispute)),
            web.post("/_control/disputes/{id}/movements", answered(self.move_disputed)),
            web.get("/_control/disputes/{id}/evidence", answered(self.show_evidence)),
            web.post("/_control/payouts", answered(self.create_payout)),
            web.post("/_control/payouts/{id}", answered(self.move_payout)),
            web.post("/_control/faults", answered(self.arm_fault)),
            web.get("/_control/faults", answered(self.list_faults)),
            web.delete("/_control/faults", answered(self.delete_faults)),
            web.get("/_control/callbacks", answered(self.show_callbacks)),
            web.post("/_control/callbacks", answered(self.set_callback_mode)),
            web.post("/_control/callbacks/release", answered(self.release_callbacks)),
        ]

    async def payments(self, request: web.Request) -> Resource:
        name = request.query.get("gateway")
        gateways = self._gateways.values() if name is None else [self._gateway(name)]
        reference = request.query.get("reference")
        return {"payments": [asdict(view) for gateway in gateways for view in gateway.control.payments(reference)]}

    async def add_merchant(self, request: web.Request) -> Resource:
        body = await Body.of(request)
        gateway = self._gateway(body.text("gateway"))
        return gateway.control.add_merchant({name: body.text(name) for name in body.names() if name != "gateway"})

    async def pay(self, request: web.Request) -> Resource:
        body = await Body.of(request)
        body.allow("gateway", "url", "reference", "gateway_payment_id", "outcome")
        pointer = PaymentPointer(
            body.optional_text("url"), body.optional_text("reference"), body.optional_text("gateway_payment_id")
        )
        if sum(value is not None for value in asdict(pointer).values()) != 1:
            raise ControlRefused("name the payment by one of url, reference, gateway_payment_id")
        outcome = cast(PayOutcome, body.one_of("outcome", _OUTCOMES))
        return self._gateway(body.text("gateway")).control.pay(pointer, outcome)

    async def open_dispute(self, request: web.Request) -> Resource:
        body = await Body.of(request)
        body.allow("gateway", "gateway_payment_id", "amount", "reason")
        control = self._gateway(body.text("gateway")).control
        return control.open_dispute(
            body.text("gateway_payment_id"), body.optional_amount("amount"), body.optional_text("reason")
        )

    async def close_dispute(self, request: web.Request) -> Resource:
        body = await Body.of(request)
        body.allow("outcome")
        outcome = cast(DisputeOutcome, body.one_of("outcome", _DISPUTE_OUTCOMES))
        id = request.match_info["id"]
        return self._first_answer("dispute", (each.control.close_dispute(id, outcome) for each in self._each()))

    async def move_disputed(self, request: web.Request) -> Resource:
        body = await Body.of(request)
        body.allow("type", "amount", "reason")
        kind = cast(MovementKind, body.one_of("type", _MOVEMENTS))
        amount, reason = body.amount("amount"), body.optional_text("reason")
        id = request.match_info["id"]
        moved = (each.control.move_disputed(id, kind, amount, reason) for each in self._each())
        return self._first_answer("dispute whose money moves in parts", moved)

    async def show_evidence(self, request: web.Request) -> Resource:
        id = request.match_info["id"]
        return self._first_answer("dispute", (each.control.evidence(id) for each in self._each()))

    async def create_payout(self, request: web.Request) -> Resource:
        body = await Body.of(request)
        body.allow("gateway", "currency", "amount")
        control = self._gateway(body.text("gateway")).control
        return control.create_payout(body.text("currency"), body.amount("amount"))

    async def move_payout(self, request: web.Request) -> Resource:
        body = await Body.of(request)
        body.allow("status")
        status = cast(PayoutStatus, body.one_of("status", _PAYOUT_STATUSES))
        id = request.match_info["id"]
        return self._first_answer("payout", (each.control.move_payout(id, status) for each in self._each()))

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

    async def show_callbacks(self, request: web.Request) -> Resource:
        return {"mode": self._callbacks.mode, "waiting": self._callbacks.waiting()}

    async def release_callbacks(self, request: web.Request) -> Resource:
        return {"released": self._callbacks.release()}

    def _each(self) -> Iterable[SimulatedGateway]:
        return self._gateways.values()

    def _first_answer(self, noun: str, answers: Iterable[Resource | None]) -> Resource:
        for answer in answers:
            if answer is not None:
                return answer
        raise ControlRefused(f"no such {noun}", 404)

    def _gateway(self, name: str) -> SimulatedGateway:
        gateway = self._gateways.get(name)
        if gateway is None:
            raise ControlRefused(f"the gateway {name} is not simulated; there is {', '.join(self._gateways)}")
        return gateway


def answered(answer: Answer) -> Callable[[web.Request], Awaitable[web.Response]]:
    """A control call as a handler: its answer as JSON, or why it is refused."""

    async def handle(request: web.Request) -> web.Response:
        try:
            return web.json_response(await answer(request))
        except ControlRefused as refused:
            return web.json_response({"error": {"message": refused.message}}, status=refused.status)

    return handle
