"""One merchant's records during one call: what is read, changed and announced, all of it in one transaction."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from sandbox.callbacks import CallbackQueue
from sandbox.jobs import Jobs
from sandbox.json_types import Resource
from sandbox.state.documents import Documents, Query
from sandbox.stripe.errors import NoSuchResource
from sandbox.stripe.ids import new_id
from sandbox.stripe.merchants import GATEWAY, Merchant
from sandbox.stripe.records.balance_transaction import BalanceTransaction
from sandbox.stripe.records.event import Event
from sandbox.stripe.records.record import Record

R = TypeVar("R", bound=Record)


def document_kind(record: type[Record]) -> str:
    return f"{GATEWAY}.{record.KIND}"


@dataclass(frozen=True)
class Archive:
    """Where all merchants' books are kept.

    `base_url` is where callers reach this Stripe; `later_seconds` is how long "some time later" takes.
    """

    documents: Documents
    callbacks: CallbackQueue
    jobs: Jobs
    clock: Callable[[], float]
    base_url: str
    later_seconds: float

    def open(self, merchant: Merchant, request_id: str | None = None, idempotency_key: str | None = None) -> "Books":
        """The merchant's books, for a request or (without one) for something the gateway does by itself."""
        return Books(merchant, self, now=int(self.clock()), request_id=request_id, idempotency_key=idempotency_key)


class Books:
    """Records read here are the same objects until the end of the call, and are written once, when it ends.

    `now` is in whole seconds and stands still.
    """

    def __init__(
        self, merchant: Merchant, archive: Archive, *, now: int, request_id: str | None, idempotency_key: str | None
    ) -> None:
        self.merchant = merchant
        self.now = now
        self._archive = archive
        self._request_id = request_id
        self._idempotency_key = idempotency_key
        self._open: dict[str, Record] = {}
        self._changed: dict[str, Record] = {}

    @property
    def base_url(self) -> str:
        return self._archive.base_url

    def find(self, kind: type[R], id: str) -> R | None:
        known = self._open.get(id)
        if known is not None:
            return known if isinstance(known, kind) else None
        stored = self._archive.documents.get(self.merchant.id, document_kind(kind), id)
        return None if stored is None else self._opened(kind, stored)

    def need(self, kind: type[R], id: str, param: str = "id") -> R:
        """Raises `NoSuchResource` when this merchant has none with that id."""
        record = self.find(kind, id)
        if record is None:
            raise NoSuchResource(kind.NOUN, id, param)
        return record

    def page(
        self,
        kind: type[R],
        limit: int,
        fields: Mapping[str, str | int],
        *,
        created: tuple[tuple[str, int], ...] = (),
        after: str | None = None,
        before: str | None = None,
    ) -> tuple[list[R], bool]:
        """Newest first, and whether there are more."""
        self.flush()
        query = Query(self.merchant.id, document_kind(kind), limit, fields, created, after, before)
        bodies, has_more = self._archive.documents.page(query)
        return [self._opened(kind, body) for body in bodies], has_more

    def matching(self, kind: type[R], path: str, value: str) -> list[R]:
        """Oldest first."""
        self.flush()
        bodies = self._archive.documents.matching(self.merchant.id, document_kind(kind), path, value)
        return [self._opened(kind, body) for body in bodies]

    def net_by_currency(self) -> list[tuple[str, bool, int]]:
        """What the movements of the balance come to: currency, whether it is available now, net amount."""
        self.flush()
        available = f"json_extract(body, '$.available_on') <= {self.now}"
        rows = self._archive.documents.sums(
            self.merchant.id,
            document_kind(BalanceTransaction),
            "json_extract(body, '$.amount') - json_extract(body, '$.fee')",
            ("json_extract(body, '$.currency')", available),
        )
        return [(str(currency), bool(is_available), int(str(net))) for currency, is_available, net in rows]

    def save(self, record: Record) -> None:
        self._open[record.id] = record
        self._changed[record.id] = record

    def flush(self) -> None:
        """Writes what has changed."""
        for record in self._changed.values():
            self._archive.documents.put(
                self.merchant.id, document_kind(type(record)), record.id, record.created, record.stored()
            )
        self._changed.clear()

    def emit(self, type: str, record: Record, previous_attributes: Resource | None = None) -> None:
        """Records an event about the resource as it is now, and queues its webhook."""
        wanted = self.merchant.wants(type)
        event = Event(
            id=new_id("evt"),
            created=self.now,
            type=type,
            object=record.shown_at(self.now),
            previous_attributes=previous_attributes,
            request_id=self._request_id,
            idempotency_key=self._idempotency_key,
            pending_webhooks=int(wanted),
        )
        self._archive.documents.put(self.merchant.id, document_kind(Event), event.id, event.created, event.stored())
        if wanted:
            self._archive.callbacks.enqueue(GATEWAY, self.merchant.id, event.id)

    def later(self, job: str, record: Record, delay_seconds: float | None = None) -> None:
        """Has the gateway do something with the record some time later."""
        delay = self._archive.later_seconds if delay_seconds is None else delay_seconds
        self._archive.jobs.schedule(GATEWAY, self.merchant.id, job, record.id, delay)

    def _opened(self, kind: type[R], stored: str) -> R:
        record = kind.load(stored)
        known = self._open.setdefault(record.id, record)
        return known if isinstance(known, kind) else record
