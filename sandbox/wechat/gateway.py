"""The simulated WeChat Pay as a whole, put together for the sandbox."""

from collections.abc import Sequence

from aiohttp import web

from sandbox.callbacks import CallbackRequest
from sandbox.surroundings import Surroundings
from sandbox.wechat.calls.orders import EXPIRE_JOB, expire
from sandbox.wechat.calls.refunds import SETTLE_JOB, end
from sandbox.wechat.control import WechatControl
from sandbox.wechat.control_calls import WechatControlCalls
from sandbox.wechat.ledger import ORDER_PATHS, REFUND_PATHS, Archive
from sandbox.wechat.merchants import Merchants
from sandbox.wechat.notifications import WechatNotifications
from sandbox.wechat.pages import H5_PATH, QR_PATH, WechatPages
from sandbox.wechat.records.notice import Notice
from sandbox.wechat.records.order import Order
from sandbox.wechat.records.refund import Refund
from sandbox.wechat.refund_ends import RefundEnds
from sandbox.wechat.v2.api import V2Api
from sandbox.wechat.v3.api import V3Api
from sandbox.wechat.v3.authorization import Authorization
from sandbox.wechat.v3.notices import RETRY_SECONDS, acknowledges

MOUNT = "/wechat"
"""`http://127.0.0.1:8090/wechat` takes the place of `https://api.mch.weixin.qq.com`."""

_NOTICES_KEPT_SECONDS = 30 * 24 * 60 * 60


class WechatSandbox:
    """Implements `SimulatedGateway`."""

    retry_seconds = RETRY_SECONDS

    def __init__(self, around: Surroundings) -> None:
        for path in ORDER_PATHS:
            around.documents.index(Order.KIND, path)
        for path in REFUND_PATHS:
            around.documents.index(Refund.KIND, path)
        self._database = around.database
        self._documents = around.documents
        self._clock = around.clock
        self._archive = Archive(
            around.documents,
            around.callbacks,
            around.jobs,
            around.clock,
            around.public_url + MOUNT,
            around.later_seconds,
        )
        self.merchants = Merchants(around.documents)
        self.control = WechatControl(around.database, self.merchants, self._archive, around.clock)
        self._refund_ends = RefundEnds(around.documents)
        self._control_calls = WechatControlCalls(around.database, self.merchants, self._archive, self._refund_ends)
        self._authorization = Authorization(self.merchants, around.documents)
        self._v3 = V3Api(MOUNT, around, self._archive, self._authorization)
        self._v2 = V2Api(MOUNT, around, self.merchants, self._archive)
        self._pages = WechatPages(around.database, self.merchants, self._archive)
        self._notifications = WechatNotifications(self.merchants, self._archive)

    def routes(self) -> Sequence[web.RouteDef]:
        pages = [
            route
            for path in (MOUNT + QR_PATH, MOUNT + H5_PATH)
            for route in (web.get(path, self._pages.show), web.post(path, self._pages.decide))
        ]
        v3 = web.route("*", MOUNT + "/v3/{path:.*}", self._v3.handle)
        return [v3, *self._v2.routes(), *pages, *self._control_calls.routes()]

    def tidy(self) -> None:
        now = self._clock()
        with self._database.transaction():
            self._authorization.forget(now)
            for merchant in self.merchants.all():
                self._documents.delete_older(merchant.id, Notice.KIND, int(now) - _NOTICES_KEPT_SECONDS)

    def run_job(self, owner: str, name: str, subject: str) -> None:
        merchant = self.merchants.by_id(owner)
        if merchant is None:
            return
        ledger = self._archive.open(merchant)
        if name == EXPIRE_JOB:
            expire(ledger, subject)
        elif name == SETTLE_JOB:
            refund = ledger.refund(subject)
            if refund is not None and refund.status == "PROCESSING":
                end(ledger, refund, self._refund_ends.chosen())

    def callback(self, owner: str, subject: str) -> CallbackRequest | None:
        return self._notifications.callback(owner, subject)

    def acknowledges(self, status: int, body: bytes) -> bool:
        return acknowledges(status)
