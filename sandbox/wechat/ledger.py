"""One merchant's orders, refunds, complaints and notifications during one call, all of it in one transaction."""

from collections.abc import Callable
from dataclasses import dataclass

from sandbox.callbacks import CallbackQueue
from sandbox.jobs import Jobs
from sandbox.state.documents import Documents, Query
from sandbox.wechat.merchants import GATEWAY, Merchant
from sandbox.wechat.records.complaint import Complaint
from sandbox.wechat.records.notice import Notice
from sandbox.wechat.records.order import Order, order_id
from sandbox.wechat.records.picture import Picture
from sandbox.wechat.records.refund import Refund, refund_document_id

ORDER_PATHS = ("$.transaction_id", "$.prepay_id", "$.code")
REFUND_PATHS = ("$.out_trade_no", "$.refund_id")
_MOST = 10_000


@dataclass(frozen=True)
class Archive:
    """Where all merchants' ledgers are kept.

    `base_url` is where customers reach this WeChat Pay's pages; `later_seconds` is how long "some time later" takes.
    """

    documents: Documents
    callbacks: CallbackQueue
    jobs: Jobs
    clock: Callable[[], float]
    base_url: str
    later_seconds: float

    def open(self, merchant: Merchant) -> "Ledger":
        return Ledger(merchant, self, self.clock())


class Ledger:
    """`now` stands still."""

    def __init__(self, merchant: Merchant, archive: Archive, now: float) -> None:
        self.merchant = merchant
        self.now = now
        self.base_url = archive.base_url
        self.later_seconds = archive.later_seconds
        self._documents = archive.documents
        self._callbacks = archive.callbacks
        self._jobs = archive.jobs

    def order(self, out_trade_no: str) -> Order | None:
        stored = self._documents.get(self.merchant.id, Order.KIND, order_id(self.merchant.mch_id, out_trade_no))
        return None if stored is None else Order.load(stored)

    def order_where(self, path: str, value: str) -> Order | None:
        """The order with this value at one of `ORDER_PATHS`."""
        found = self._documents.matching(self.merchant.id, Order.KIND, path, value)
        return Order.load(found[0]) if found else None

    def orders(self) -> list[Order]:
        """Newest first."""
        bodies, _ = self._documents.page(Query(self.merchant.id, Order.KIND, _MOST))
        return [Order.load(body) for body in bodies]

    def refund(self, out_refund_no: str) -> Refund | None:
        id = refund_document_id(self.merchant.mch_id, out_refund_no)
        stored = self._documents.get(self.merchant.id, Refund.KIND, id)
        return None if stored is None else Refund.load(stored)

    def refunds_where(self, path: str, value: str) -> list[Refund]:
        """The refunds with this value at one of `REFUND_PATHS`, oldest first."""
        return [Refund.load(stored) for stored in self._documents.matching(self.merchant.id, Refund.KIND, path, value)]

    def complaint(self, id: str) -> Complaint | None:
        stored = self._documents.get(self.merchant.id, Complaint.KIND, id)
        return None if stored is None else Complaint.load(stored)

    def complaints(self) -> list[Complaint]:
        """Newest first."""
        bodies, _ = self._documents.page(Query(self.merchant.id, Complaint.KIND, _MOST))
        return [Complaint.load(body) for body in bodies]

    def picture(self, id: str) -> Picture | None:
        stored = self._documents.get(self.merchant.id, Picture.KIND, id)
        return None if stored is None else Picture.load(stored)

    def notice(self, id: str) -> Notice | None:
        stored = self._documents.get(self.merchant.id, Notice.KIND, id)
        return None if stored is None else Notice.load(stored)

    def save(self, record: Order | Refund | Complaint | Picture) -> None:
        self._documents.put(self.merchant.id, record.KIND, record.id, record.created, record.stored())

    def announce(self, notice: Notice) -> None:
        """Records the notification and queues it."""
        self._documents.put(self.merchant.id, Notice.KIND, notice.id, notice.created, notice.stored())
        self._callbacks.enqueue(GATEWAY, self.merchant.id, notice.id)

    def later(self, job: str, subject: str, delay_seconds: float) -> None:
        """Has WeChat Pay do something some time later."""
        self._jobs.schedule(GATEWAY, self.merchant.id, job, subject, delay_seconds)
