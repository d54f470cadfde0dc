"""The simulated Alipay as a whole, put together for the sandbox."""

from collections.abc import Sequence

from aiohttp import web

from sandbox.alipay.books import Archive
from sandbox.alipay.control import AlipayControl
from sandbox.alipay.control_calls import AlipayControlCalls
from sandbox.alipay.execution import Executor
from sandbox.alipay.http import AlipayApi
from sandbox.alipay.jobs import JOBS
from sandbox.alipay.merchants import Merchants
from sandbox.alipay.notifications import Notifications
from sandbox.alipay.pages import AlipayPages
from sandbox.alipay.records.authorisation import Authorisation
from sandbox.alipay.records.image import Image
from sandbox.alipay.records.message import Message
from sandbox.alipay.records.notification import Notification
from sandbox.alipay.records.trade import Trade
from sandbox.callbacks import CallbackRequest
from sandbox.surroundings import Surroundings

MOUNT = "/alipay"
"""`http://127.0.0.1:8090/alipay/gateway.do` is the SDK's gateway."""

_KEPT_SECONDS = 30 * 86400
_KEPT_FOR_A_TIME = (Notification, Message, Image)
_INDEXES = ((Trade, "$.out_trade_no"), (Trade, "$.auth_no"), (Authorisation, "$.out_order_no"))


class AlipaySandbox:
    """Implements `SimulatedGateway`."""

    def __init__(self, around: Surroundings) -> None:
        for kind, path in _INDEXES:
            around.documents.index(kind.KIND, path)
        self._database = around.database
        self._documents = around.documents
        self._clock = around.clock
        self._archive = Archive(
            around.documents, around.callbacks, around.jobs, around.clock, around.public_url + MOUNT
        )
        self.merchants = Merchants(around.documents)
        self._notifications = Notifications(self.merchants, around.documents, around.clock)
        executor = Executor(around.database, self._archive)
        self._api = AlipayApi(self.merchants, self._archive, executor, around.faults, around.hangings)
        self._pages = AlipayPages(around.database, self.merchants, self._archive)
        self.control = AlipayControl(around.database, self.merchants, self._archive, self._api, executor)
        self._control_calls = AlipayControlCalls(self.control.complaints)

    def routes(self) -> Sequence[web.RouteDef]:
        # Whoever only asks whether a page is there has not opened it.
        cashier = MOUNT + "/cashier/{id}/{key}"
        return [
            web.get(MOUNT + "/gateway.do", self._api.handle, allow_head=False),
            web.post(MOUNT + "/gateway.do", self._api.handle),
            web.get(cashier, self._pages.show, allow_head=False),
            web.post(cashier, self._pages.end),
            *self._control_calls.routes(),
        ]

    def tidy(self) -> None:
        oldest = int(self._clock()) - _KEPT_SECONDS
        with self._database.transaction():
            for merchant in self.merchants.all():
                for kind in _KEPT_FOR_A_TIME:
                    self._documents.delete_older(merchant.id, kind.KIND, oldest)

    def run_job(self, owner: str, name: str, subject: str) -> None:
        merchant = self.merchants.by_id(owner)
        if merchant is not None:
            JOBS[name](self._archive.open(merchant), subject)

    @property
    def retry_seconds(self) -> Sequence[float]:
        return self._notifications.retry_seconds

    def callback(self, owner: str, subject: str) -> CallbackRequest | None:
        return self._notifications.callback(owner, subject)

    def acknowledges(self, status: int, body: bytes) -> bool:
        return self._notifications.acknowledges(status, body)
