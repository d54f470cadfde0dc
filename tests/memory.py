"""Storage in memory behind the domain's ports: for tests that need its rules and not a database."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from typing import TypeVar
from uuid import UUID

from server.domain.access import ApiKey
from server.domain.attempt import Attempt
from server.domain.audit import AuditEntry
from server.domain.dispute import Dispute
from server.domain.events import Event
from server.domain.evidence import Submission
from server.domain.file import Document
from server.domain.idempotency import Claim
from server.domain.inbox import ReceivedCallback
from server.domain.jobs import Job, JobKind
from server.domain.ledger import PostingKind
from server.domain.order import Order
from server.domain.own_movement import OwnMovement
from server.domain.payment import Payment
from server.domain.payment_config import ConfigVersion, PaymentConfig
from server.domain.payment_intent import PaymentIntent
from server.domain.payout import Payout
from server.domain.ports import Transaction
from server.domain.refund import Refund
from server.domain.saved_method import SavedMethod
from server.domain.vault import DataKey
from server.domain.webhook import WebhookDelivery, WebhookEndpoint
from tests.memory_api_keys import MemoryApiKeys
from tests.memory_attempts import MemoryAttempts
from tests.memory_audit import MemoryAudit
from tests.memory_callbacks import MemoryCallbacks
from tests.memory_claims import MemoryClaims
from tests.memory_configs import MemoryDataKeys, MemoryPaymentConfigs
from tests.memory_disputes import MemoryDisputes, MemoryFiles, MemorySubmissions
from tests.memory_events import MemoryEvents
from tests.memory_intents import MemoryIntents
from tests.memory_jobs import MemoryJobs
from tests.memory_ledger import MemoryLedger, Posted
from tests.memory_orders import MemoryOrders
from tests.memory_own_movements import MemoryOwnMovements
from tests.memory_payments import MemoryPayments
from tests.memory_payouts import MemoryPayouts
from tests.memory_refunds import MemoryRefunds
from tests.memory_saved_methods import MemorySavedMethods
from tests.memory_webhooks import MemoryWebhookDeliveries, MemoryWebhookEndpoints

T = TypeVar("T")


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
    own_movements: dict[tuple[str, UUID], OwnMovement] = field(default_factory=dict)
    callbacks: dict[UUID, ReceivedCallback] = field(default_factory=dict)
    postings: dict[tuple[PostingKind, UUID, int], Posted] = field(default_factory=dict)
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


class MemoryTransaction:
    """What `work` sees of the tables."""

    def __init__(self, tables: Tables) -> None:
        self.payments = MemoryPayments(tables.payments, tables.refunds, tables.disputes)
        self.attempts = MemoryAttempts(tables.attempts)
        self.refunds = MemoryRefunds(tables.refunds)
        self.orders = MemoryOrders(tables.orders, tables.payments)
        self.intents = MemoryIntents(tables.intents, tables.payments)
        self.saved_methods = MemorySavedMethods(tables.saved_methods, tables.gateway_customers)
        self.disputes = MemoryDisputes(tables.disputes)
        self.submissions = MemorySubmissions(tables.submissions)
        self.files = MemoryFiles(tables.files)
        self.payouts = MemoryPayouts(tables.payouts)
        self.own_movements = MemoryOwnMovements(tables.own_movements)
        self.callbacks = MemoryCallbacks(tables.callbacks)
        self.ledger = MemoryLedger(tables.postings)
        self.events = MemoryEvents(tables.events)
        self.webhook_endpoints = MemoryWebhookEndpoints(tables.webhook_endpoints, tables.webhook_deliveries)
        self.webhook_deliveries = MemoryWebhookDeliveries(tables.webhook_deliveries)
        self.audit = MemoryAudit(tables.audit)
        self.jobs = MemoryJobs(tables.jobs)
        self.claims = MemoryClaims(tables.claims)
        self.api_keys = MemoryApiKeys(tables.api_keys)
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
