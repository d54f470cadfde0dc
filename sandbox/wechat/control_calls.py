"""Control calls that only WeChat Pay has: how refunds end, and its false signatures that test a merchant."""

from collections.abc import Sequence
from typing import cast, get_args

from aiohttp import web

from sandbox.control import answered
from sandbox.control_body import Body
from sandbox.gateway import ControlRefused
from sandbox.json_types import Resource
from sandbox.state.database import Database
from sandbox.wechat.calls.customer import payment_notice
from sandbox.wechat.calls.refunds import end
from sandbox.wechat.ledger import Archive, Ledger
from sandbox.wechat.merchants import GATEWAY, Merchants
from sandbox.wechat.records.order import Order
from sandbox.wechat.records.refund import RefundStatus
from sandbox.wechat.refund_ends import RefundEnds

_ENDS: tuple[str, ...] = get_args(RefundStatus)


class WechatControlCalls:
    def __init__(self, database: Database, merchants: Merchants, archive: Archive, refund_ends: RefundEnds) -> None:
        self._database = database
        self._merchants = merchants
        self._archive = archive
        self._refund_ends = refund_ends

    def routes(self) -> Sequence[web.RouteDef]:
        return [
            web.post("/_control/wechat/refunds", answered(self.choose_end)),
            web.post("/_control/wechat/refunds/{out_refund_no}", answered(self.end_refund)),
            web.post("/_control/wechat/probes", answered(self.send_probe)),
        ]

    async def choose_end(self, request: web.Request) -> Resource:
        """How refunds end from now on; with PROCESSING they stay as they are until one is ended by itself."""
        body = await Body.of(request)
        body.allow("ends")
        ends = cast(RefundStatus, body.one_of("ends", _ENDS))
        self._refund_ends.choose(ends)
        return {"gateway": GATEWAY, "ends": ends}

    async def end_refund(self, request: web.Request) -> Resource:
        """Ends a refund that is being processed."""
        body = await Body.of(request)
        body.allow("status")
        status = cast(RefundStatus, body.one_of("status", _ENDS[1:]))
        number = request.match_info["out_refund_no"]
        for ledger in self._ledgers():
            refund = ledger.refund(number)
            if refund is None:
                continue
            if refund.status != "PROCESSING":
                raise ControlRefused(f"the refund has ended: it is {refund.status}", 409)
            with self._database.transaction():
                ended = end(ledger, refund, status)
            return {"id": ended.refund_id, "gateway": GATEWAY, "status": ended.status}
        raise ControlRefused("no such refund at wechat", 404)

    async def send_probe(self, request: web.Request) -> Resource:
        """Repeats the notification of a payment with a signature that must be refused."""
        body = await Body.of(request)
        body.allow("reference")
        ledger, order = self._paid(body.text("reference"))
        with self._database.transaction():
            notice = payment_notice(ledger, order, probe=True)
            ledger.announce(notice)
        return {"id": notice.id, "gateway": GATEWAY}

    def _paid(self, reference: str) -> tuple[Ledger, Order]:
        for ledger in self._ledgers():
            order = ledger.order(reference)
            if order is not None and order.api == "v3" and order.is_paid:
                return ledger, order
        raise ControlRefused("no payment made through API v3 with this reference", 404)

    def _ledgers(self) -> list[Ledger]:
        return [self._archive.open(merchant) for merchant in self._merchants.all()]
