"""One merchant's records during one call: what is read, changed and announced, all of it in one transaction."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from sandbox.callbacks import CallbackQueue
from sandbox.jobs import Jobs
from sandbox.json_types import Resource
from sandbox.paypal.errors import NotAuthorized, NotFound, Problem
from sandbox.paypal.ids import new_event_id
from sandbox.paypal.merchants import GATEWAY, Merchant, Merchants
from sandbox.paypal.records.event import Event
from sandbox.paypal.records.ipn import Ipn
from sandbox.paypal.records.record import Record, Site
from sandbox.paypal.records.webhook import Webhook
from sandbox.state.documents import Documents, Query

R = TypeVar("R", bound=Record)

_MOST = 10_000


def document_kind(record: type[Record]) -> str:
    return f"{GATEWAY}.{record.KIND}"


def webhook_subject(webhook_id: str, event_id: str) -> str:
    return f"webhook/{webhook_id}/{event_id}"


def ipn_subject(ipn_id: str) -> str:
    return f"ipn/{ipn_id}"


@dataclass(frozen=True)
class Archive:
    """Where all merchants' books are kept.

    `base_url` is where callers reach this PayPal; `later_seconds` is how long "some time later" takes.
    """

    documents: Documents
    merchants: Merchants
    callbacks: CallbackQueue
    jobs: Jobs
    clock: Callable[[], float]
    base_url: str
    later_seconds: float

    def open(self, merchant: Merchant) -> "Books":
        return Books(merchant, self)

    def owner_of(self, kind: type[Record], id: str) -> Merchant | None:
        owner = self.documents.owner_of(document_kind(kind), id)
        return None if owner is None else self.merchants.by_id(owner)

    def stored(self, owner: str, kind: type[R], id: str) -> R | None:
        body = self.documents.get(owner, document_kind(kind), id)
        return None if body is None else kind.load(body)


class Books:
    """Records read here are the same objects until the end of the call, and are written once, when it ends.

    `now` is in whole seconds and stands still.
    """

    def __init__(self, merchant: Merchant, archive: Archive) -> None:
        self.merchant = merchant
        self.now = int(archive.clock())
        self.site = Site(archive.base_url, merchant.id, merchant.email)
        self._archive = archive
        self._open: dict[str, Record] = {}
        self._changed: dict[str, Record] = {}

    def find(self, kind: type[R], id: str) -> R | None:
        known = self._open.get(id)
        if known is not None:
            return known if isinstance(known, kind) else None
        record = self._archive.stored(self.merchant.id, kind, id)
        return None if record is None else self._opened(kind, record)

    def need(self, kind: type[R], id: str) -> R:
        """Raises `NotAuthorized` when it is another merchant's, and `NotFound` when it is nobody's."""
        record = self.find(kind, id)
        if record is not None:
            return record
        if self._archive.owner_of(kind, id) is not None:
            raise NotAuthorized
        raise NotFound(Problem("INVALID_RESOURCE_ID", f"{kind.KIND}_id", id, "path"))

    def matching(self, kind: type[R], path: str, value: str) -> list[R]:
        """Oldest first."""
        self.flush()
        bodies = self._archive.documents.matching(self.merchant.id, document_kind(kind), path, value)
        return [self._opened(kind, kind.load(body)) for body in bodies]

    def all(self, kind: type[R]) -> list[R]:
        """Newest first."""
        self.flush()
        bodies, _ = self._archive.documents.page(Query(self.merchant.id, document_kind(kind), _MOST))
        return [self._opened(kind, kind.load(body)) for body in bodies]

    def save(self, record: Record) -> None:
        self._open[record.id] = record
        self._changed[record.id] = record

    def flush(self) -> None:
        """Writes what has changed."""
        for record in self._changed.values():
            kind = document_kind(type(record))
            self._archive.documents.put(self.merchant.id, kind, record.id, record.created, record.stored())
        self._changed.clear()

    def created_webhooks(self) -> Sequence[Webhook]:
        return [webhook for webhook in self.all(Webhook) if not webhook.deleted]

    def webhooks(self) -> Sequence[Webhook]:
        """All that the merchant is told by, its account's own one among them."""
        return self._archive.merchants.webhooks(self.merchant, self.created_webhooks())

    def emit(self, event_type: str, resource_type: str, summary: str, resource: Resource) -> None:
        """Records an event with the resource as it is now, and queues it for every webhook that wants it."""
        event = Event(new_event_id(), self.now, event_type, resource_type, summary, resource, self._archive.base_url)
        self.save(event)
        for webhook in self.webhooks():
            if webhook.wants(event_type):
                self._queue(webhook_subject(webhook.id, event.id))

    def send_ipn(self, ipn: Ipn) -> None:
        """Queues a notification, if the merchant has an address for it."""
        if self._archive.merchants.ipn_url(self.merchant) is not None:
            self.save(ipn)
            self._queue(ipn_subject(ipn.id))

    def later(self, job: str, record: Record, delay_seconds: float | None = None) -> None:
        """Has PayPal do something with the record some time later."""
        delay = self._archive.later_seconds if delay_seconds is None else delay_seconds
        self._archive.jobs.schedule(GATEWAY, self.merchant.id, job, record.id, delay)

    def _queue(self, subject: str) -> None:
        self._archive.callbacks.enqueue(GATEWAY, self.merchant.id, subject)

    def _opened(self, kind: type[R], record: R) -> R:
        known = self._open.setdefault(record.id, record)
        return known if isinstance(known, kind) else record
