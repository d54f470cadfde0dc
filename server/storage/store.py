"""The domain's store: opens the database that the settings name, and runs operations' units of work in it."""

from collections.abc import Callable
from typing import TypeVar

from server.domain.ports import Transaction
from server.storage.database_url import parse_database_url, sqlite_path
from server.storage.engine import Engine
from server.storage.engine_postgres import PostgresEngine, PostgresOptions
from server.storage.engine_sqlite import SqliteEngine, SqliteOptions
from server.storage.repositories.api_keys import ApiKeyRepository
from server.storage.repositories.attempts import AttemptRepository
from server.storage.repositories.audit import AuditRepository
from server.storage.repositories.callbacks import CallbackRepository
from server.storage.repositories.claims import ClaimRepository
from server.storage.repositories.data_keys import DataKeyRepository
from server.storage.repositories.disputes import DisputeRepository
from server.storage.repositories.events import EventRepository
from server.storage.repositories.files import FileRepository
from server.storage.repositories.jobs import JobRepository
from server.storage.repositories.ledger import LedgerRepository
from server.storage.repositories.orders import OrderRepository
from server.storage.repositories.own_movements import OwnMovementRepository
from server.storage.repositories.payment_configs import PaymentConfigRepository
from server.storage.repositories.payment_intents import PaymentIntentRepository
from server.storage.repositories.payments import PaymentRepository
from server.storage.repositories.payouts import PayoutRepository
from server.storage.repositories.refunds import RefundRepository
from server.storage.repositories.saved_methods import SavedMethodRepository
from server.storage.repositories.submissions import SubmissionRepository
from server.storage.repositories.webhook_deliveries import WebhookDeliveryRepository
from server.storage.repositories.webhook_endpoints import WebhookEndpointRepository
from server.storage.schema_version import schema_is_current
from server.storage.session import Session
from server.storage.sqlite_library import find_sqlite_library
from server.storage.tables import METADATA

T = TypeVar("T")


class SqlTransaction:
    """What a unit of work sees: the repositories over its session."""

    __slots__ = (
        *("api_keys", "attempts", "audit", "callbacks", "claims", "data_keys", "disputes"),
        *("events", "files", "intents", "jobs", "ledger"),
        *("orders", "own_movements", "payment_configs", "payments", "payouts", "refunds"),
        *("saved_methods", "submissions"),
        *("webhook_deliveries", "webhook_endpoints"),
    )

    def __init__(self, session: Session) -> None:
        self.payments = PaymentRepository(session)
        self.orders = OrderRepository(session)
        self.attempts = AttemptRepository(session)
        self.refunds = RefundRepository(session)
        self.intents = PaymentIntentRepository(session)
        self.saved_methods = SavedMethodRepository(session)
        self.disputes = DisputeRepository(session)
        self.submissions = SubmissionRepository(session)
        self.files = FileRepository(session)
        self.payouts = PayoutRepository(session)
        self.own_movements = OwnMovementRepository(session)
        self.callbacks = CallbackRepository(session)
        self.ledger = LedgerRepository(session)
        self.events = EventRepository(session)
        self.webhook_endpoints = WebhookEndpointRepository(session)
        self.webhook_deliveries = WebhookDeliveryRepository(session)
        self.audit = AuditRepository(session)
        self.jobs = JobRepository(session)
        self.claims = ClaimRepository(session)
        self.api_keys = ApiKeyRepository(session)
        self.payment_configs = PaymentConfigRepository(session)
        self.data_keys = DataKeyRepository(session)


class SqlStore:
    """Durable storage over one database. Usable from several event loops; cancelling a caller stops no transaction."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def transaction(self, work: Callable[[Transaction], T]) -> T:
        """Run `work` in one transaction and return when it is durable; see `Engine.write` for what it raises."""
        return await self._engine.write(lambda session: work(SqlTransaction(session)))

    async def read(self, work: Callable[[Transaction], T]) -> T:
        """Run `work` on a snapshot; it cannot write."""
        return await self._engine.read(lambda session: work(SqlTransaction(session)))

    async def look_up(self, work: Callable[[Transaction], T]) -> T:
        """Run `work`, which reads a few rows by their keys, in the quickest way; it cannot write."""
        return await self._engine.look_up(lambda session: work(SqlTransaction(session)))

    async def migrated(self) -> bool:
        """Whether the schema is the one that this code was written for; for readiness. Raises StorageUnavailable."""
        return await self._engine.read(schema_is_current)

    async def close(self) -> None:
        """Refuse new transactions, finish those that wait, and close the connections."""
        await self._engine.close()


def open_store(
    database_url: str,
    *,
    sqlite: SqliteOptions | None = None,
    postgres: PostgresOptions | None = None,
) -> SqlStore:
    """Open `sqlite:///path` or `postgresql://...`; connections are made when the first units need them.

    Raises DatabaseUrlError.
    """
    url = parse_database_url(database_url)
    path = sqlite_path(url)
    if path is None:
        return SqlStore(PostgresEngine(url, METADATA, postgres or PostgresOptions()))
    return SqlStore(SqliteEngine(path, find_sqlite_library(), METADATA, sqlite or SqliteOptions()))
