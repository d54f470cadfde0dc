"""Storage in memory behind the domain's ports: for tests that need its rules and not a database."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

from server.domain.access import ApiKey
from server.domain.attempt import Attempt, AttemptKind, AttemptStatus
from server.domain.audit import AuditEntry
from server.domain.dispute import Dispute
from server.domain.events import Event
from server.domain.evidence import Submission
from server.domain.file import Document
from server.domain.idempotency import Claim
from server.domain.inbox import ReceivedCallback
from server.domain.jobs import Job, JobKind
from server.domain.ledger import PostingKind
from server.domain.listing import AuditFilter, AuditQuery, Cursor, Page
from server.domain.order import Order
from server.domain.payment import Payment
from server.domain.payment_config import ConfigVersion, PaymentConfig
from server.domain.payment_intent import PaymentIntent
from server.domain.payout import Payout
from server.domain.ports import Transaction, UniqueViolation
from server.domain.refund import Refund
from server.domain.saved_method import SavedMethod
from server.domain.vault import DataKey
from server.domain.webhook import WebhookDelivery, WebhookEndpoint
from tests.memory_callbacks import MemoryCallbacks
from tests.memory_configs import MemoryDataKeys, MemoryPaymentConfigs
from tests.memory_disputes import MemoryDisputes, MemoryFiles, MemorySubmissions
from tests.memory_events import MemoryEvents
from tests.memory_intents import MemoryIntents
from tests.memory_ledger import MemoryLedger, Posted
from tests.memory_orders import MemoryOrders
from tests.memory_payments import MemoryPayments, add_row
from tests.memory_payouts import MemoryPayouts
from tests.memory_refunds import MemoryRefunds
from tests.memory_saved_methods import MemorySavedMethods
from tests.memory_webhooks import MemoryWebhookDeliveries, MemoryWebhookEndpoints

T = TypeVar("T")

_UNKNOWN = (AttemptStatus.IN_FLIGHT, AttemptStatus.NEEDS_REVIEW)


@dataclass
class Tables:
    """Everything stored. Rows are values, so a copy of the dicts is a snapshot."""

    payments: dict[UUID, Payment] = field(default_factory=dict)
    orders: dict[int, Order] = field(default_factory=dict)
    attempts: dict[UUID, Attempt] = field(default_factory=dict)
    refunds: dict[UUID, Refund] = field(default_factory=dict)
    intents: dict[UUID, PaymentIntent] = field(default_factory=dict)
    saved_methods: dict[UUID, SavedMethod] = field(default_factory=dict)
    gateway_customers: dict[tuple[str, UUID, str], str] = field(default_factory=dict)
    disputes: dict[UUID, Dispute] = field(default_factory=dict)
    submissions: dict[UUID, Submission] = field(default_factory=dict)
    files: dict[UUID, Document] = field(default_factory=dict)
    payouts: dict[UUID, Payout] = field(default_factory=dict)
    callbacks: dict[UUID, ReceivedCallback] = field(default_factory=dict)
    postings: dict[tuple[PostingKind, UUID], Posted] = field(default_factory=dict)
    events: dict[tuple[UUID, int], Event] = field(default_factory=dict)
    audit: dict[UUID, AuditEntry] = field(default_factory=dict)
    jobs: dict[tuple[JobKind, UUID], Job] = field(default_factory=dict)
    claims: dict[tuple[str, str, str, str], Claim] = field(default_factory=dict)
    api_keys: dict[UUID, ApiKey] = field(default_factory=dict)
    payment_configs: dict[tuple[str, str], PaymentConfig] = field(default_factory=dict)
    config_versions: dict[tuple[str, str, int], ConfigVersion] = field(default_factory=dict)
    data_keys: dict[tuple[str, UUID], DataKey] = field(default_factory=dict)
    webhook_endpoints: dict[UUID, WebhookEndpoint] = field(default_factory=dict)
    webhook_deliveries: dict[UUID, WebhookDelivery] = field(default_factory=dict)

    def copy(self) -> "Tables":
        return Tables(*(dict(getattr(self, table.name)) for table in fields(self)))


class MemoryAttempts:
    def __init__(self, tables: Tables) -> None:
        self._rows = tables.attempts

    def insert(self, attempt: Attempt) -> None:
        for row in self._rows.values():
            if row.payment_id == attempt.payment_id and row.status in _UNKNOWN and attempt.status in _UNKNOWN:
                raise UniqueViolation("uq_attempts_in_flight")
            # A capture and a void go by the number of what they capture or end.
            if attempt.kind is row.kind is AttemptKind.AUTHORISE and _number(row) == _number(attempt):
                raise UniqueViolation("uq_attempts_reference")
        add_row(self._rows, attempt.id, attempt, "pk_attempts")

    def update(self, attempt: Attempt) -> None:
        assert attempt.id in self._rows, "an attempt is inserted before it is updated"
        self._rows[attempt.id] = attempt

    def find(self, merchant_id: str, attempt_id: UUID) -> Attempt | None:
        attempt = self._rows.get(attempt_id)
        return attempt if attempt is not None and attempt.merchant_id == merchant_id else None

    def by_reference(self, merchant_id: str, gateway: str, reference: str) -> Attempt | None:
        wanted = (merchant_id, gateway, reference)
        mine = (row for row in self._rows.values() if row.kind is AttemptKind.AUTHORISE and _number(row) == wanted)
        return next(mine, None)

    def latest_authorisation(self, merchant_id: str, payment_id: UUID) -> Attempt:
        return max(self._to_authorise(merchant_id, payment_id), key=_try_number)

    def paying(self, merchant_id: str, payment_id: UUID) -> Attempt:
        mine = self._to_authorise(merchant_id, payment_id)
        return max(mine, key=lambda row: (row.status is AttemptStatus.APPROVED, _try_number(row)))

    def tries(self, merchant_id: str, payment_id: UUID) -> int:
        return len(self._to_authorise(merchant_id, payment_id))

    def unknown(self, merchant_id: str, payment_id: UUID) -> Attempt | None:
        live = (row for row in self._rows.values() if row.status in _UNKNOWN)
        return next((row for row in live if (row.merchant_id, row.payment_id) == (merchant_id, payment_id)), None)

    def _to_authorise(self, merchant_id: str, payment_id: UUID) -> Sequence[Attempt]:
        owner = (merchant_id, payment_id, AttemptKind.AUTHORISE)
        return [row for row in self._rows.values() if (row.merchant_id, row.payment_id, row.kind) == owner]


class MemoryAudit:
    def __init__(self, tables: Tables) -> None:
        self._rows = tables.audit

    def append(self, entry: AuditEntry) -> None:
        add_row(self._rows, entry.id, entry, "pk_audit_log")

    def find(self, merchant_id: str, entry_id: UUID) -> AuditEntry | None:
        entry = self._rows.get(entry_id)
        return entry if entry is not None and entry.merchant_id == merchant_id else None

    def list(self, merchant_id: str, query: AuditQuery) -> Page[AuditEntry]:
        mine = [row for row in self._rows.values() if row.merchant_id == merchant_id and _is_wanted(row, query.filter)]
        mine.sort(key=lambda row: (row.created_at, row.id), reverse=True)
        start, total = (query.page - 1) * query.per_page, len(mine)
        if query.after is not None:
            start = 1 + next((at for at, row in enumerate(mine) if row.id == query.after.id), total)
        shown = tuple(mine[start : start + query.per_page])
        more = start + len(shown) < total
        return Page(shown, total if query.after is None else None, Cursor(shown[-1].id) if more and shown else None)


class MemoryJobs:
    def __init__(self, tables: Tables) -> None:
        self._rows = tables.jobs

    def enqueue(self, job: Job) -> None:
        stored = self._rows.get((job.kind, job.id))
        self._rows[job.kind, job.id] = job if stored is None else replace(stored, due_at=job.due_at)

    def gateways_due(self, now: datetime) -> Sequence[str]:
        return sorted({job.gateway for job in self._rows.values() if job.due_at <= now})

    def claim(self, gateway: str, now: datetime, lease: timedelta, limit: int) -> Sequence[Job]:
        mine = (job for job in self._rows.values() if job.gateway == gateway and job.due_at <= now)
        due = sorted(mine, key=lambda job: job.due_at)[:limit]
        claimed = [replace(job, due_at=now + lease, tries=job.tries + 1) for job in due]
        self._rows.update({(job.kind, job.id): job for job in claimed})
        return claimed

    def finish(self, job: Job) -> bool:
        if not self._holds(job):
            return False
        del self._rows[job.kind, job.id]
        return True

    def retry(self, job: Job, due_at: datetime) -> bool:
        if not self._holds(job):
            return False
        self._rows[job.kind, job.id] = replace(job, due_at=due_at)
        return True

    def cancel(self, kind: JobKind, job_id: UUID) -> None:
        self._rows.pop((kind, job_id), None)

    def _holds(self, job: Job) -> bool:
        stored = self._rows.get((job.kind, job.id))
        return stored is not None and (stored.tries, stored.due_at) == (job.tries, job.due_at)


class MemoryClaims:
    def __init__(self, tables: Tables) -> None:
        self._rows = tables.claims

    def claim(self, wanted: Claim, now: datetime) -> Claim | None:
        stored = self._rows.get(_key(wanted))
        if stored is None:
            self._rows[_key(wanted)] = wanted
            return None
        lapsed = stored.reply is None and stored.leased_until <= now
        if lapsed and stored.request_hash == wanted.request_hash:
            stored = replace(stored, lease=stored.lease + 1, leased_until=wanted.leased_until)
            self._rows[_key(wanted)] = stored
        return stored

    def settle(self, claim: Claim, reply: bytes) -> None:
        if (stored := self._held(claim)) is not None:
            self._rows[_key(claim)] = replace(stored, reply=reply)

    def release(self, claim: Claim) -> None:
        if self._held(claim) is not None:
            del self._rows[_key(claim)]

    def yield_lease(self, claim: Claim, now: datetime) -> None:
        if (stored := self._held(claim)) is not None:
            self._rows[_key(claim)] = replace(stored, leased_until=now)

    def end_leases(self, now: datetime) -> None:
        for key, claim in self._rows.items():
            if claim.reply is None:
                self._rows[key] = replace(claim, leased_until=now)

    def forget(self, created_before: datetime, limit: int) -> int:
        old = [key for key, claim in self._rows.items() if claim.created_at < created_before][:limit]
        for key in old:
            del self._rows[key]
        return len(old)

    def _held(self, claim: Claim) -> Claim | None:
        stored = self._rows.get(_key(claim))
        return stored if stored is not None and stored.reply is None and stored.lease == claim.lease else None


class MemoryApiKeys:
    def __init__(self, tables: Tables) -> None:
        self._rows = tables.api_keys

    def insert(self, key: ApiKey) -> None:
        if self.by_hash(key.hash) is not None:
            raise UniqueViolation("uq_api_keys_hash")
        add_row(self._rows, key.id, key, "pk_api_keys")

    def by_hash(self, secret_hash: bytes) -> ApiKey | None:
        return next((key for key in self._rows.values() if key.hash == secret_hash), None)

    def list(self, merchant_id: str) -> Sequence[ApiKey]:
        return sorted((key for key in self._rows.values() if key.merchant_id == merchant_id), key=lambda key: key.id)

    def revoke(self, merchant_id: str, key_id: UUID, at: datetime) -> bool:
        key = self._rows.get(key_id)
        if key is None or key.merchant_id != merchant_id or key.revoked_at is not None:
            return False
        self._rows[key_id] = replace(key, revoked_at=at)
        return True


class MemoryTransaction:
    """What `work` sees of the tables."""

    def __init__(self, tables: Tables) -> None:
        self.payments = MemoryPayments(tables.payments, tables.refunds, tables.disputes)
        self.attempts = MemoryAttempts(tables)
        self.refunds = MemoryRefunds(tables.refunds)
        self.orders = MemoryOrders(tables.orders, tables.payments)
        self.intents = MemoryIntents(tables.intents, tables.payments)
        self.saved_methods = MemorySavedMethods(tables.saved_methods, tables.gateway_customers)
        self.disputes = MemoryDisputes(tables.disputes)
        self.submissions = MemorySubmissions(tables.submissions)
        self.files = MemoryFiles(tables.files)
        self.payouts = MemoryPayouts(tables.payouts)
        self.callbacks = MemoryCallbacks(tables.callbacks)
        self.ledger = MemoryLedger(tables.postings)
        self.events = MemoryEvents(tables.events)
        self.webhook_endpoints = MemoryWebhookEndpoints(tables.webhook_endpoints, tables.webhook_deliveries)
        self.webhook_deliveries = MemoryWebhookDeliveries(tables.webhook_deliveries)
        self.audit = MemoryAudit(tables)
        self.jobs = MemoryJobs(tables)
        self.claims = MemoryClaims(tables)
        self.api_keys = MemoryApiKeys(tables)
        self.payment_configs = MemoryPaymentConfigs(tables.payment_configs, tables.config_versions)
        self.data_keys = MemoryDataKeys(tables.data_keys)


class MemoryStore:
    """One transaction at a time: all of it is in `tables` afterwards, or nothing. Tests look into `tables`."""

    def __init__(self) -> None:
        self.tables = Tables()

    async def transaction(self, work: Callable[[Transaction], T]) -> T:
        changed = self.tables.copy()
        result = work(MemoryTransaction(changed))
        self.tables = changed
        # Durable first, then a chance for others to run and for the caller to be cancelled: as with a database.
        await asyncio.sleep(0)
        return result

    async def read(self, work: Callable[[Transaction], T]) -> T:
        snapshot = self.tables.copy()
        result = work(MemoryTransaction(snapshot))
        assert snapshot == self.tables, "a read must not write"
        await asyncio.sleep(0)
        return result

    look_up = read


def _key(claim: Claim) -> tuple[str, str, str, str]:
    return claim.merchant_id, claim.credential, claim.method, claim.key


def _try_number(attempt: Attempt) -> tuple[int, str]:
    return len(attempt.reference), attempt.reference


def _number(attempt: Attempt) -> tuple[str, str, str]:
    return attempt.merchant_id, attempt.gateway, attempt.reference


def _is_wanted(entry: AuditEntry, wanted: AuditFilter) -> bool:
    return (
        wanted.actor in (None, entry.actor)
        and wanted.action in (None, entry.action)
        and wanted.object_id in (None, entry.object_id)
        and (wanted.created_after is None or entry.created_at > wanted.created_after)
        and (wanted.created_before is None or entry.created_at < wanted.created_before)
    )
