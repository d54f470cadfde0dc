"""One merchant's records during one call; all that is read, changed and announced lies in one transaction."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from sandbox.alipay.ids import new_notify_id
from sandbox.alipay.merchants import GATEWAY, Merchant
from sandbox.alipay.records.authorisation import Authorisation
from sandbox.alipay.records.message import Message
from sandbox.alipay.records.notification import Notification
from sandbox.alipay.records.record import Record
from sandbox.alipay.records.trade import Trade
from sandbox.callbacks import CallbackQueue
from sandbox.jobs import Jobs
from sandbox.state.documents import Documents, Query

R = TypeVar("R", bound=Record)

_MOST = 10_000


@dataclass(frozen=True)
class Archive:
    """Where all merchants' books are kept; `base_url` is where browsers reach this Alipay."""

    documents: Documents
    callbacks: CallbackQueue
    jobs: Jobs
    clock: Callable[[], float]
    base_url: str

    def open(self, merchant: Merchant) -> "Books":
        return Books(merchant, self, int(self.clock()))


class Books:
    """`now` is in whole seconds and stands still."""

    def __init__(self, merchant: Merchant, archive: Archive, now: int) -> None:
        self.merchant = merchant
        self.now = now
        self._archive = archive

    def find(self, kind: type[R], id: str) -> R | None:
        stored = self._archive.documents.get(self.merchant.id, kind.KIND, id)
        return None if stored is None else kind.load(stored)

    def all(self, kind: type[R]) -> list[R]:
        """Newest first."""
        bodies, _ = self._archive.documents.page(Query(self.merchant.id, kind.KIND, _MOST))
        return [kind.load(body) for body in bodies]

    def trade(self, out_trade_no: str) -> Trade | None:
        """The newest trade with the merchant's number, opened or not."""
        found = self._archive.documents.matching(self.merchant.id, Trade.KIND, "$.out_trade_no", out_trade_no)
        return Trade.load(found[-1]) if found else None

    def authorisation(self, out_order_no: str) -> Authorisation | None:
        """The newest authorisation with the merchant's number, opened or not."""
        found = self._archive.documents.matching(self.merchant.id, Authorisation.KIND, "$.out_order_no", out_order_no)
        return Authorisation.load(found[-1]) if found else None

    def trades_of(self, auth_no: str) -> list[Trade]:
        """The trades that were paid from an authorisation."""
        found = self._archive.documents.matching(self.merchant.id, Trade.KIND, "$.auth_no", auth_no)
        return [Trade.load(body) for body in found]

    def save(self, record: Record) -> None:
        self._archive.documents.put(self.merchant.id, record.KIND, record.id, record.created, record.stored())

    def notify(self, url: str | None, fields: Mapping[str, str]) -> None:
        """Tells the merchant, if the order named an address."""
        if url is not None:
            notification = Notification(new_notify_id(self.now), self.now, url, dict(fields))
            self.save(notification)
            self._archive.callbacks.enqueue(GATEWAY, self.merchant.id, notification.id)

    def tell(self, url: str | None, method: str, content: str) -> None:
        """Sends the application a message, if it has an address."""
        if url is not None:
            message = Message(new_notify_id(self.now), self.now, url, method, content)
            self.save(message)
            self._archive.callbacks.enqueue(GATEWAY, self.merchant.id, message.id)

    def later(self, job: str, record: Record, at: int) -> None:
        """Has Alipay do something with the record by itself at a time."""
        delay = at - self._archive.clock()
        self._archive.jobs.schedule(GATEWAY, self.merchant.id, job, record.id, max(0.0, delay))

    def page_url(self, record: Trade | Authorisation) -> str:
        """What a QR code holds, and where the cashier's page is."""
        return f"{self._archive.base_url}/cashier/{record.id}/{record.page_key}"
