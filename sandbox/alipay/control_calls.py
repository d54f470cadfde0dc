"""Control calls that only Alipay has: what else a customer does in a complaint."""

from collections.abc import Callable, Mapping, Sequence

from aiohttp import web

from sandbox.alipay.books import Books
from sandbox.alipay.calls import complaining
from sandbox.alipay.control import AlipayControl
from sandbox.alipay.merchants import GATEWAY
from sandbox.alipay.records.complaint import Complaint
from sandbox.control import answered
from sandbox.control_body import Body
from sandbox.gateway import ControlRefused
from sandbox.json_types import Resource
from sandbox.state.database import Database

_ACTS: Mapping[str, Callable[[Books, Complaint], Complaint]] = {
    "ask": complaining.ask_again,
    "escalate": complaining.escalate,
}


class AlipayControlCalls:
    def __init__(self, database: Database, control: AlipayControl) -> None:
        self._database = database
        self._control = control

    def routes(self) -> Sequence[web.RouteDef]:
        return [web.post("/_control/alipay/complaints/{id}", answered(self.act))]

    async def act(self, request: web.Request) -> Resource:
        """The customer says more, or has Alipay's own people decide."""
        body = await Body.of(request)
        body.allow("customer")
        act = _ACTS[body.one_of("customer", tuple(_ACTS))]
        books, complaint = self._control.complaint(request.match_info["id"])
        if books is None or complaint is None:
            raise ControlRefused("no such complaint at alipay", 404)
        if complaining.ended(complaint):
            raise ControlRefused(f"the complaint has ended: it is {complaint.status}", 409)
        with self._database.transaction():
            acted = act(books, complaint)
        return {"id": acted.id, "gateway": GATEWAY, "status": acted.status}
