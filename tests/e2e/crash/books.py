"""Reads everything that a server has stored, and holds it against what the gateway says was charged."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from server.domain.attempt import AttemptStatus
from server.domain.jobs import FOLLOWING, JobKind
from server.domain.ledger import Account
from server.domain.refund import RefundStatus
from server.storage import tables
from server.storage.session import Session
from server.storage.store import SqlStore
from tests.e2e.crash.gateway import Held

Rows = Sequence[sa.Row[Any]]

_UNKNOWN = (AttemptStatus.IN_FLIGHT, AttemptStatus.NEEDS_REVIEW)
_FINAL = frozenset(AttemptStatus) - {*_UNKNOWN, AttemptStatus.WAITING}

# What we say of a payment when the gateway says this; it has never heard of one that was declined before it was asked to charge.
_TOLD_AS = {
    None: "failed",
    "succeeded": "succeeded",
    "requires_capture": "pending",
    "requires_action": "pending",
    "canceled": "canceled",
    "requires_payment_method": "failed",
}


@dataclass(frozen=True, slots=True)
class Books:
    """The rows of one moment."""

    payments: Rows
    attempts: Rows
    refunds: Rows
    postings: Rows
    entries: Rows
    events: Rows
    jobs: Rows
    claims: Rows
    methods: Rows

    @property
    def at_rest(self) -> bool:
        """Whether the outcome of every attempt and every refund is known."""
        unknown = any(attempt.status in _UNKNOWN for attempt in self.attempts)
        return not unknown and not any(refund.status == RefundStatus.PENDING for refund in self.refunds)

    @property
    def references(self) -> set[str]:
        """The payments' numbers at the gateway."""
        return {payment.reference for payment in self.payments}


async def read_books(store: SqlStore) -> Books:
    """Reads all of it in one snapshot."""

    def rows(session: Session) -> Books:
        return Books(*(session.connection.execute(_select(table)).all() for table in _TABLES))

    return await store._engine.read(rows)


def _select(table: sa.Table) -> sa.Select[Any]:
    """In an order that is always the same, without what changes when all else is settled: an event's position, and the jobs that read gateways' lists, again and again."""
    known = [column for column in table.c if column is not tables.events.c.position]
    rows = sa.select(*known).order_by(*table.primary_key)
    return rows.where(tables.jobs.c.kind.not_in(FOLLOWING)) if table is tables.jobs else rows


_TABLES = (
    tables.payments,
    tables.attempts,
    tables.refunds,
    tables.ledger_postings,
    tables.ledger_entries,
    tables.events,
    tables.jobs,
    tables.idempotency_claims,
    tables.saved_methods,
)


def disagreements(books: Books, held: Sequence[Held], answered: Collection[str] = ()) -> list[str]:
    """A line for each thing that is not as it must be at rest. `answered` are the keys of calls that were answered."""
    return [
        *_payments(books, held),
        *_ledger(books),
        *_events(books),
        *_work(books),
        *_kept(books),
        *(
            f"{claim.key} was answered, and is not kept"
            for claim in books.claims
            if claim.key in answered and not claim.reply
        ),
        *(f"{key} was answered, and is not claimed" for key in set(answered) - {claim.key for claim in books.claims}),
    ]


def _payments(books: Books, held: Sequence[Held]) -> Iterator[str]:
    by_reference: dict[str, list[Held]] = defaultdict(list)
    for each in held:
        by_reference[each.reference].append(each)
    for payment in books.payments:
        truth = by_reference[payment.reference]
        if len(truth) > 1:
            yield f"{payment.reference} was charged {len(truth)} times"
        status = truth[0].status if truth else None
        taken_minor = truth[0].captured_minor if truth else 0
        refunded_minor = truth[0].refunded_minor if truth else 0
        told_as = "refunded" if 0 < taken_minor == refunded_minor else _TOLD_AS[status]
        if payment.status != told_as:
            yield f"{payment.reference} is {payment.status} here and {status} at the gateway"
        if (payment.refunded_minor, payment.refunding_minor) != (refunded_minor, 0):
            yield f"{payment.reference}: {payment.refunded_minor} refunded here, {refunded_minor} at the gateway"
        if payment.refunded_minor != _refunded_minor(books, payment):
            yield f"{payment.reference}: its refunds are others than its row says"
        if payment.captured_minor != taken_minor:
            yield f"{payment.reference}: {payment.captured_minor} captured here, {taken_minor} at the gateway"
        if (owed_minor := _owed_minor(books, payment)) != taken_minor - refunded_minor:
            yield f"{payment.reference}: the gateway owes {owed_minor} in the ledger, took {taken_minor} and returned {refunded_minor}"
        if truth and payment.gateway_payment_id != truth[0].gateway_payment_id:
            yield f"{payment.reference} has another number at the gateway"


def _owed_minor(books: Books, payment: sa.Row[Any]) -> int:
    sources = {payment.id, *(refund.id for refund in books.refunds if refund.payment_id == payment.id)}
    postings = {posting.id for posting in books.postings if posting.source_id in sources}
    mine = (entry for entry in books.entries if entry.posting_id in postings)
    return sum(-entry.amount_minor for entry in mine if entry.account == Account.MERCHANT)


def _refunded_minor(books: Books, payment: sa.Row[Any]) -> int:
    mine = (refund for refund in books.refunds if refund.payment_id == payment.id)
    return sum(refund.amount_minor for refund in mine if refund.status == RefundStatus.SUCCEEDED)


def _ledger(books: Books) -> Iterator[str]:
    currency = {posting.id: posting.currency for posting in books.postings}
    postings, currencies = Counter[object](), Counter[str]()
    for entry in books.entries:
        postings[entry.posting_id] += entry.amount_minor
        currencies[currency[entry.posting_id]] += entry.amount_minor
    yield from (f"posting {posting} sums to {total}" for posting, total in postings.items() if total)
    yield from (f"the ledger sums to {total} {name}" for name, total in currencies.items() if total)


def _events(books: Books) -> Iterator[str]:
    for one in (*books.payments, *books.refunds):
        told = sorted(event.sequence for event in books.events if event.object_id == one.id)
        if told != list(range(1, one.sequence + 1)):
            yield f"{one.reference} has events {told}, and {one.sequence} in all"


def _work(books: Books) -> Iterator[str]:
    status = {attempt.id: attempt.status for attempt in books.attempts}
    for attempt in books.attempts:
        if attempt.status in _UNKNOWN:
            yield f"the outcome of attempt {attempt.id} is not known"
    pending = {refund.id for refund in books.refunds if refund.status == RefundStatus.PENDING}
    yield from (f"the outcome of refund {refund_id} is not known" for refund_id in pending)
    for job in books.jobs:
        if job.kind == JobKind.SETTLE_REFUND and job.id not in pending:
            yield f"somebody still asks about refund {job.id}"
        if job.kind == JobKind.SETTLE_ATTEMPT and status.get(job.id) in {None, *_FINAL}:
            yield f"somebody still asks about attempt {job.id}, which is {status.get(job.id)}"


def _kept(books: Books) -> Iterator[str]:
    cards = Counter(method.customer_id for method in books.methods)
    yield from (
        f"the one card of customer {customer} is kept {count} times" for customer, count in cards.items() if count > 1
    )
