"""Control calls that only Alipay has: complaints that nobody is told of, and what else a customer does in a complaint."""

from collections.abc import Sequence

from aiohttp import web

from sandbox.alipay.complaint_control import ACTS, ComplaintControl
from sandbox.control import answered
from sandbox.control_body import Body
from sandbox.json_types import Resource


class AlipayControlCalls:
    def __init__(self, complaints: ComplaintControl) -> None:
        self._complaints = complaints

    def routes(self) -> Sequence[web.RouteDef]:
        return [
            web.post("/_control/alipay/complaints", answered(self.complain)),
            web.post("/_control/alipay/complaints/{id}", answered(self.act)),
        ]

    async def complain(self, request: web.Request) -> Resource:
        """A customer complains of one or two trades on their bill."""
        body = await Body.of(request)
        body.allow("gateway_payment_id", "and_gateway_payment_id")
        second = body.optional_text("and_gateway_payment_id")
        numbers = [body.text("gateway_payment_id"), *([second] if second else [])]
        return self._complaints.open_of_consumer(numbers)

    async def act(self, request: web.Request) -> Resource:
        """The customer says more, or has Alipay's own people decide."""
        body = await Body.of(request)
        body.allow("customer")
        return self._complaints.act(request.match_info["id"], body.one_of("customer", tuple(ACTS)))
