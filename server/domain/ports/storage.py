"""One transaction at a time, synchronous inside, so that no await can slip into it; and what the database refuses."""

from collections.abc import Callable
from typing import Protocol, TypeVar

from server.domain.ports.api_keys import ApiKeys
from server.domain.ports.audit import Audit
from server.domain.ports.callbacks import Callbacks
from server.domain.ports.claims import Claims
from server.domain.ports.configs import DataKeys, PaymentConfigs
from server.domain.ports.disputes import Disputes, Files, Submissions
from server.domain.ports.events import Events
from server.domain.ports.intents import PaymentIntents
from server.domain.ports.jobs import Jobs
from server.domain.ports.ledger import Ledger
from server.domain.ports.orders import Orders
from server.domain.ports.own_movements import OwnMovements
from server.domain.ports.payments import Attempts, Payments
from server.domain.ports.payouts import Payouts
from server.domain.ports.refunds import Refunds
from server.domain.ports.saved_methods import SavedMethods
from server.domain.ports.webhooks import WebhookDeliveries, WebhookEndpoints

T = TypeVar("T")


class Transaction(Protocol):
    """What a unit of work sees. Everything it writes is stored together or not at all."""

    @property
    def payments(self) -> Payments: ...
    @property
    def orders(self) -> Orders: ...
    @property
    def attempts(self) -> Attempts: ...
    @property
    def refunds(self) -> Refunds: ...
    @property
    def intents(self) -> PaymentIntents: ...
    @property
    def saved_methods(self) -> SavedMethods: ...
    @property
    def disputes(self) -> Disputes: ...
    @property
    def submissions(self) -> Submissions: ...
    @property
    def files(self) -> Files: ...
    @property
    def payouts(self) -> Payouts: ...
    @property
    def own_movements(self) -> OwnMovements: ...
    @property
    def callbacks(self) -> Callbacks: ...
    @property
    def ledger(self) -> Ledger: ...
    @property
    def events(self) -> Events: ...
    @property
    def webhook_endpoints(self) -> WebhookEndpoints: ...
    @property
    def webhook_deliveries(self) -> WebhookDeliveries: ...
    @property
    def audit(self) -> Audit: ...
    @property
    def jobs(self) -> Jobs: ...
    @property
    def claims(self) -> Claims: ...
    @property
    def api_keys(self) -> ApiKeys: ...
    @property
    def payment_configs(self) -> PaymentConfigs: ...
    @property
    def data_keys(self) -> DataKeys: ...


class Store(Protocol):
    """Durable storage. `work` is plain synchronous code that may run more than once; it touches nothing but its transaction."""

    async def transaction(self, work: Callable[[Transaction], T]) -> T:
        """Runs `work` in one transaction and returns when it is durable. Finishes even when the awaiting task is cancelled."""
        ...

    async def read(self, work: Callable[[Transaction], T]) -> T:
        """Runs `work` on a snapshot; it must not write."""
        ...

    async def look_up(self, work: Callable[[Transaction], T]) -> T:
        """Like `read`, for a few rows by their keys: an embedded database answers without a change of thread. Never for a list."""
        ...


class UniqueViolation(Exception):
    """A row that is there already; `constraint` names the rule."""

    def __init__(self, constraint: str) -> None:
        super().__init__(constraint)
        self.constraint = constraint


class StaleVersion(Exception):
    """A row that another transaction changed first."""
