"""The port to storage: one transaction at a time, synchronous inside, so that no await can slip into it."""

from collections.abc import Callable, Collection, Sequence
from datetime import date, datetime, timedelta
from typing import Protocol, TypeVar
from uuid import UUID

from server.domain.access import ApiKey
from server.domain.attempt import Attempt
from server.domain.audit import AuditEntry
from server.domain.balance import BalanceTransaction, Due
from server.domain.dispute import Dispute
from server.domain.events import Event
from server.domain.evidence import Submission
from server.domain.file import Document, StoredFile
from server.domain.idempotency import Claim
from server.domain.inbox import ReceivedCallback
from server.domain.jobs import Job, JobKind
from server.domain.ledger import Account, Posting, PostingKind
from server.domain.listing import (
    AuditQuery,
    BalanceQuery,
    CallbackQuery,
    DeliveryQuery,
    DisputeQuery,
    EventFilter,
    EventQuery,
    IntentQuery,
    OrderQuery,
    Page,
    PaymentQuery,
    PayoutQuery,
    SavedMethodQuery,
)
from server.domain.money import Money
from server.domain.order import Order
from server.domain.payment import Payment
from server.domain.payment_config import ConfigVersion, PaymentConfig
from server.domain.payment_intent import PaymentIntent
from server.domain.payout import Payout
from server.domain.proof import Findings
from server.domain.refund import Refund
from server.domain.saved_method import SavedMethod
from server.domain.vault import DataKey
from server.domain.webhook import WebhookDelivery, WebhookEndpoint

T = TypeVar("T")


class Payments(Protocol):
    """Payments with their refunds, each visible to its merchant alone."""

    def insert(self, payment: Payment) -> None:
        """Stores a new payment."""
        ...

    def update(self, payment: Payment) -> None:
        """Stores a changed payment if `payment.version` is still the stored one, and adds one to that. Raises StaleVersion otherwise. Its refunds are stored by themselves."""
        ...

    def get(self, merchant_id: str, payment_id: UUID) -> Payment:
        """Raises PaymentNotFound."""
        ...

    def lock(self, merchant_id: str, payment_id: UUID) -> Payment:
        """Like `get`, and nobody else changes it before this transaction ends."""
        ...

    def list(self, merchant_id: str, query: PaymentQuery) -> Page[Payment]:
        """A page of the merchant's payments."""
        ...

    def find_by_gateway_id(self, merchant_id: str, gateway: str, gateway_payment_id: str) -> Payment | None:
        """The payment with the gateway's own number, if there is exactly one."""
        ...

    def count_of_order(self, merchant_id: str, mall_order_id: int, gateway: str) -> int:
        """How many payments a mall order has had at a gateway, whatever became of them."""
        ...


class Orders(Protocol):
    """The mall's orders, each visible to its merchant alone."""

    def next_id(self, merchant_id: str) -> int:
        """The next order's id, from 1; without gaps, as it is given back when the transaction fails."""
        ...

    def insert(self, order: Order) -> None:
        """Stores a new order."""
        ...

    def update(self, order: Order) -> None:
        """Stores a changed order that this transaction has locked."""
        ...

    def get(self, merchant_id: str, order_id: int) -> Order:
        """Raises OrderNotFound."""
        ...

    def lock(self, merchant_id: str, order_id: int) -> Order:
        """Like `get`, and nobody else changes it before this transaction ends."""
        ...

    def find(self, merchant_id: str, uuid: UUID) -> Order | None:
        """The order of that UUID, if there is one."""
        ...

    def list(self, merchant_id: str, query: OrderQuery) -> Page[Order]:
        """A page of the merchant's orders."""
        ...


class Attempts(Protocol):
    """Operations at gateways."""

    def insert(self, attempt: Attempt) -> None:
        """Stores a new attempt. Raises UniqueViolation when the payment has one in flight, or the id or the reference is taken."""
        ...

    def update(self, attempt: Attempt) -> None:
        """Stores what became of an attempt."""
        ...

    def find(self, merchant_id: str, attempt_id: UUID) -> Attempt | None:
        """The attempt of that id, if there is one."""
        ...

    def by_reference(self, merchant_id: str, gateway: str, reference: str) -> Attempt | None:
        """The attempt to authorise under that number of ours at a gateway, if there is one."""
        ...

    def latest_authorisation(self, merchant_id: str, payment_id: UUID) -> Attempt:
        """The payment's last attempt to authorise: the one with the latest of its references."""
        ...

    def paying(self, merchant_id: str, payment_id: UUID) -> Attempt:
        """The attempt that took or reserved the payment's money; the last one to authorise where none has yet."""
        ...

    def tries(self, merchant_id: str, payment_id: UUID) -> int:
        """How many attempts to authorise the payment has had, whatever became of them."""
        ...

    def unknown(self, merchant_id: str, payment_id: UUID) -> Attempt | None:
        """The payment's attempt whose outcome is not known: in flight, or given up for review."""
        ...


class Refunds(Protocol):
    """Refunds. To change one, its payment is locked first."""

    def insert(self, refund: Refund) -> None:
        """Stores a new refund. Raises UniqueViolation when the id or the reference is taken."""
        ...

    def update(self, refund: Refund) -> None:
        """Stores what became of a refund."""
        ...

    def find(self, merchant_id: str, refund_id: UUID) -> Refund | None:
        """The refund of that id, if there is one."""
        ...

    def find_by_reference(self, merchant_id: str, gateway: str, reference: str) -> Refund | None:
        """The refund with our number at a gateway, if there is one."""
        ...

    def find_by_gateway_id(self, merchant_id: str, gateway: str, gateway_refund_id: str) -> Refund | None:
        """The refund with the gateway's own number, if there is exactly one: not every gateway numbers each refund apart."""
        ...


class PaymentIntents(Protocol):
    """Payment intents, each visible to its merchant alone."""

    def insert(self, intent: PaymentIntent) -> None:
        """Stores a new intent. Raises UniqueViolation when the id is taken."""
        ...

    def update(self, intent: PaymentIntent) -> None:
        """Stores a changed intent that this transaction has locked."""
        ...

    def get(self, merchant_id: str, intent_id: UUID) -> PaymentIntent:
        """Raises PaymentIntentNotFound."""
        ...

    def lock(self, merchant_id: str, intent_id: UUID) -> PaymentIntent:
        """Like `get`, and nobody else changes it before this transaction ends. An intent that has a payment is locked after that."""
        ...

    def find(self, merchant_id: str, intent_id: UUID) -> PaymentIntent | None:
        """The intent of that id, if there is one."""
        ...

    def list(self, merchant_id: str, query: IntentQuery) -> Page[PaymentIntent]:
        """A page of the merchant's intents."""
        ...


class SavedMethods(Protocol):
    """Customers' payment methods, and what gateways call the customers."""

    def insert(self, method: SavedMethod) -> None:
        """Stores a new one. Raises UniqueViolation when the id is taken, when the gateway's token is saved already, or when the customer would have two defaults."""
        ...

    def update(self, method: SavedMethod) -> None:
        """Stores what became of one. Raises UniqueViolation when the customer would have two defaults."""
        ...

    def find(self, merchant_id: str, method_id: UUID) -> SavedMethod | None:
        """The one of that id, deleted or not, if there is one."""
        ...

    def lock(self, merchant_id: str, method_id: UUID) -> SavedMethod | None:
        """Like `find`, and nobody else changes it before this transaction ends."""
        ...

    def by_token(self, merchant_id: str, gateway: str, token: str) -> SavedMethod | None:
        """The one that is saved under a gateway's token and not deleted, if there is one."""
        ...

    def default_of(self, merchant_id: str, customer_id: UUID) -> SavedMethod | None:
        """The customer's default, locked, if they have one."""
        ...

    def list(self, merchant_id: str, query: SavedMethodQuery) -> Page[SavedMethod]:
        """A page of what a customer can pay with."""
        ...

    def gateway_customer(self, merchant_id: str, customer_id: UUID, gateway: str) -> str | None:
        """What the gateway calls the customer, if it knows them."""
        ...

    def name_customer(self, merchant_id: str, customer_id: UUID, gateway: str, gateway_customer_id: str) -> None:
        """Stores what the gateway calls the customer from now on."""
        ...


class Disputes(Protocol):
    """Disputes, each visible to its merchant alone. To change one, its payment is locked first."""

    def insert(self, dispute: Dispute) -> None:
        """Stores a new dispute. Raises UniqueViolation when the gateway's number for it is stored already."""
        ...

    def update(self, dispute: Dispute) -> None:
        """Stores what became of a dispute."""
        ...

    def get(self, merchant_id: str, dispute_id: UUID) -> Dispute:
        """Raises DisputeNotFound."""
        ...

    def find_by_gateway_id(self, merchant_id: str, gateway: str, gateway_dispute_id: str) -> Dispute | None:
        """The dispute with the gateway's own number, if there is one."""
        ...

    def list(self, merchant_id: str, query: DisputeQuery) -> Page[Dispute]:
        """A page of the merchant's disputes."""
        ...


class Submissions(Protocol):
    """Evidence as it was sent. To change one, its dispute's payment is locked first."""

    def insert(self, submission: Submission) -> None:
        """Stores a new submission. Raises UniqueViolation when the dispute has one in flight, or the id is taken."""
        ...

    def update(self, submission: Submission) -> None:
        """Stores what became of a submission; the evidence stays as it is."""
        ...

    def find(self, merchant_id: str, submission_id: UUID) -> Submission | None:
        """The submission of that id, if there is one."""
        ...

    def in_flight(self, merchant_id: str, dispute_id: UUID) -> Submission | None:
        """The dispute's submission whose outcome is not known, if there is one."""
        ...


class Files(Protocol):
    """Uploaded documents, each visible to its merchant alone. None is ever changed."""

    def insert(self, document: Document) -> None:
        """Stores a document."""
        ...

    def find(self, merchant_id: str, file_id: UUID) -> StoredFile | None:
        """What is known of the document of that id, without its bytes, if there is one."""
        ...

    def document(self, merchant_id: str, file_id: UUID) -> Document:
        """The document with its bytes. Raises FileNotFound."""
        ...


class Payouts(Protocol):
    """Payouts, each visible to its merchant alone."""

    def insert(self, payout: Payout) -> None:
        """Stores a new payout. Raises UniqueViolation when its id or one of its numbers is taken."""
        ...

    def update(self, payout: Payout) -> None:
        """Stores what became of a payout that this transaction has locked; what was asked for stays as it is."""
        ...

    def get(self, merchant_id: str, payout_id: UUID) -> Payout:
        """Raises PayoutNotFound."""
        ...

    def lock(self, merchant_id: str, payout_id: UUID) -> Payout:
        """Like `get`, and nobody else changes it before this transaction ends."""
        ...

    def find(self, merchant_id: str, payout_id: UUID) -> Payout | None:
        """The payout of that id, if there is one."""
        ...

    def find_by_reference(self, merchant_id: str, gateway: str, reference: str) -> Payout | None:
        """The payout with our number at a gateway, if there is one."""
        ...

    def find_by_gateway_id(self, merchant_id: str, gateway: str, gateway_payout_id: str) -> Payout | None:
        """The payout with the gateway's own number, if there is one."""
        ...

    def list(self, merchant_id: str, query: PayoutQuery) -> Page[Payout]:
        """A page of the merchant's payouts."""
        ...


class Callbacks(Protocol):
    """The inbox."""

    def insert(self, callback: ReceivedCallback) -> None:
        """Stores a callback as it came."""
        ...

    def update(self, callback: ReceivedCallback) -> None:
        """Stores what was decided; what came stays as it is."""
        ...

    def get(self, merchant_id: str, callback_id: UUID) -> ReceivedCallback:
        """Raises CallbackNotFound."""
        ...

    def list(self, merchant_id: str, query: CallbackQuery) -> Page[ReceivedCallback]:
        """A page of the merchant's callbacks."""
        ...


class Ledger(Protocol):
    """The books."""

    def post(self, merchant_id: str, posting: Posting, posting_id: UUID, at: datetime) -> None:
        """Writes a posting. Raises UniqueViolation when its source has one of that kind."""
        ...

    def find(self, merchant_id: str, kind: PostingKind, source_id: UUID) -> Posting | None:
        """The posting of that kind that an object has caused, if there is one."""
        ...

    def sums(self, merchant_id: str, gateway: str | None) -> Sequence[tuple[Account, Money]]:
        """What each account comes to in each currency, at one gateway or at all of them; costs the number of accounts, whatever that of entries."""
        ...

    def due(self, until: date, limit: int) -> Sequence[Due]:
        """Every merchant's money that was to be available by that day and is not settled, the earliest first."""
        ...

    def lock_due(self, due: Due) -> Money:
        """How much that is; nobody else settles it before this transaction ends. What comes to nothing is due no more."""
        ...

    def list(self, merchant_id: str, query: BalanceQuery) -> Page[BalanceTransaction]:
        """A page of what moved the merchant's balance."""
        ...

    def prove(self, merchant_id: str, at_most: int) -> Findings:
        """Goes through all of the merchant's books in bounded memory; gives so many discrepancies at most. For `Store.read` alone, as it takes its time."""
        ...


class Events(Protocol):
    """The outbox."""

    def append(self, event: Event) -> None:
        """Writes an event. Raises UniqueViolation when its object has one of that sequence."""
        ...

    def unnumbered(self) -> Sequence[str]:
        """The merchants, each once, some of whose events have no position yet."""
        ...

    def number(self, merchant_id: str, limit: int) -> Sequence[Event]:
        """Gives the next positions to events that are committed and have none, an object's always in their sequence, and gives these events in their new order.

        Whoever sees one position sees all before it: two transactions that number a merchant's events wait for one another.
        """
        ...

    def get(self, merchant_id: str, event_id: UUID) -> Event:
        """An event, numbered or not. Raises EventNotFound."""
        ...

    def head(self, merchant_id: str) -> int:
        """The last position that is given; 0 before the first."""
        ...

    def behind(self, merchant_id: str, position: int, wanted: EventFilter, limit: int) -> Sequence[Event]:
        """The first numbered events behind a position, oldest first."""
        ...

    def list(self, merchant_id: str, query: EventQuery) -> Page[Event]:
        """A page of the merchant's numbered events, newest first."""
        ...


class WebhookEndpoints(Protocol):
    """Where merchants' events are sent."""

    def insert(self, endpoint: WebhookEndpoint) -> None:
        """Stores a new endpoint. Its data key must be there."""
        ...

    def update(self, endpoint: WebhookEndpoint) -> None:
        """Stores a changed endpoint that this transaction has locked, but for since when it fails."""
        ...

    def delete(self, merchant_id: str, endpoint_id: UUID) -> bool:
        """Removes an endpoint with what is still to be sent to it; False when there is none."""
        ...

    def get(self, merchant_id: str, endpoint_id: UUID) -> WebhookEndpoint:
        """Raises WebhookEndpointNotFound."""
        ...

    def lock(self, merchant_id: str, endpoint_id: UUID) -> WebhookEndpoint:
        """Like `get`, and nobody else changes it before this transaction ends."""
        ...

    def list(self, merchant_id: str) -> Sequence[WebhookEndpoint]:
        """The merchant's endpoints, newest first."""
        ...

    def held(self, merchant_id: str) -> Sequence[WebhookEndpoint]:
        """Like `list`, and none of them is removed before this transaction ends."""
        ...

    def due(self, now: datetime) -> Sequence[WebhookEndpoint]:
        """Every merchant's endpoints to which something is to be sent now."""
        ...

    def fails(self, endpoint: WebhookEndpoint, since: datetime | None) -> None:
        """Stores since when an endpoint fails, unless that is known already; None when it does not any more."""
        ...


class WebhookDeliveries(Protocol):
    """Events on their way to endpoints, and how that went."""

    def insert(self, deliveries: Sequence[WebhookDelivery]) -> None:
        """Stores deliveries; those whose ids are there already stay as they are."""
        ...

    def find(self, merchant_id: str, delivery_id: UUID) -> WebhookDelivery | None:
        """The delivery of that id, if there is one."""
        ...

    def claim(
        self, endpoint: WebhookEndpoint, now: datetime, lease: timedelta, limit: int
    ) -> Sequence[WebhookDelivery]:
        """Begins a try of deliveries that are due longest, each until `now + lease`; another claimer does not get them before."""
        ...

    def settle(self, delivery: WebhookDelivery) -> bool:
        """Stores how a try went; False when another try has begun since."""
        ...

    def under_way(self, merchant_id: str, event_id: UUID) -> Collection[UUID]:
        """The endpoints that have taken an event, or to which it is still to be sent."""
        ...

    def list(self, merchant_id: str, query: DeliveryQuery) -> Page[WebhookDelivery]:
        """A page of an endpoint's deliveries, newest first."""
        ...

    def forget(self, created_before: datetime, limit: int) -> int:
        """Removes old deliveries that are over; says how many."""
        ...


class Audit(Protocol):
    """What somebody decided by hand. Nothing in it is ever changed."""

    def append(self, entry: AuditEntry) -> None:
        """Writes an entry. Raises UniqueViolation when its operation has one."""
        ...

    def find(self, merchant_id: str, entry_id: UUID) -> AuditEntry | None:
        """The entry of that id, if there is one."""
        ...

    def list(self, merchant_id: str, query: AuditQuery) -> Page[AuditEntry]:
        """A page of the merchant's entries, newest first."""
        ...


class PaymentConfigs(Protocol):
    """Gateways' configurations."""

    def find(self, merchant_id: str, gateway: str) -> PaymentConfig | None:
        """Where the merchant's configuration of a gateway stands, if there is one."""
        ...

    def lock(self, merchant_id: str, gateway: str) -> PaymentConfig | None:
        """Like `find`, and nobody else saves it before this transaction ends. Where there is none, a second one to insert it starts over."""
        ...

    def list(self, merchant_id: str) -> Sequence[PaymentConfig]:
        """The merchant's configurations in the order in which they were first saved."""
        ...

    def next_id(self, merchant_id: str) -> int:
        """The merchant's next number for a configuration."""
        ...

    def insert(self, config: PaymentConfig) -> None:
        """Stores a new configuration."""
        ...

    def update(self, config: PaymentConfig) -> None:
        """Stores which version is current and whether the gateway is on."""
        ...

    def add_version(self, version: ConfigVersion) -> None:
        """Stores a version, for good. Its data key must be there."""
        ...

    def version(self, merchant_id: str, gateway: str, number: int) -> ConfigVersion | None:
        """A version, if there is one."""
        ...


class DataKeys(Protocol):
    """The keys that single texts are encrypted under, each wrapped under a key of the operator's."""

    def insert(self, key: DataKey) -> None:
        """Stores a key."""
        ...

    def get(self, merchant_id: str, key_id: UUID) -> DataKey:
        """The key of that id, which something stored refers to."""
        ...

    def wrapped_otherwise(self, key_id: str, limit: int) -> Sequence[DataKey]:
        """Some keys, every merchant's, that are not wrapped under that key of the operator's."""
        ...

    def count_wrapped_otherwise(self, key_id: str) -> int:
        """How many those are."""
        ...

    def replace(self, old: DataKey, new: DataKey) -> bool:
        """Stores how a key is wrapped now; False when that is not `old` any more."""
        ...


class Jobs(Protocol):
    """Work that is due."""

    def enqueue(self, job: Job) -> None:
        """Stores a job, or moves the stored one of that kind and id to the new `due_at`."""
        ...

    def gateways_due(self, now: datetime) -> Sequence[str]:
        """The gateways that there are jobs to claim of; a read, so that an idle replica writes nothing."""
        ...

    def claim(self, gateway: str, now: datetime, lease: timedelta, limit: int) -> Sequence[Job]:
        """Takes jobs of a gateway that are due, each until `now + lease`; another claimer does not get them before."""
        ...

    def finish(self, job: Job) -> bool:
        """Removes a claimed job; False when another claim has taken it over since."""
        ...

    def retry(self, job: Job, due_at: datetime) -> bool:
        """Puts a claimed job back for later; False when another claim has taken it over since."""
        ...

    def cancel(self, kind: JobKind, job_id: UUID) -> None:
        """Removes a job, claimed or not, if it is there."""
        ...


class Claims(Protocol):
    """Idempotency keys."""

    def claim(self, wanted: Claim, now: datetime) -> Claim | None:
        """Stores a new claim and gives None; gives the stored one when the key is claimed.

        A stored claim without a reply whose lease has passed at `now` and whose `request_hash` is the wanted one's is taken over: it is given with `lease` one higher
        and leased as wanted, and keeps its `operation_id`.
        """
        ...

    def settle(self, claim: Claim, reply: bytes) -> None:
        """Stores the reply, if the claim's lease is still the stored one."""
        ...

    def release(self, claim: Claim) -> None:
        """Frees the key, if the claim's lease is still the stored one."""
        ...

    def yield_lease(self, claim: Claim, now: datetime) -> None:
        """Ends the lease at once without a reply, so that a repeated call may resume, if the claim's lease is still the stored one."""
        ...

    def end_leases(self, now: datetime) -> None:
        """Ends every lease without a reply: what a server does first that knows its predecessor dead and itself alone."""
        ...

    def forget(self, created_before: datetime, limit: int) -> int:
        """Removes old claims; says how many."""
        ...


class ApiKeys(Protocol):
    """API keys."""

    def insert(self, key: ApiKey) -> None:
        """Stores a key."""
        ...

    def by_hash(self, secret_hash: bytes) -> ApiKey | None:
        """The key whose secret has that hash, revoked or not."""
        ...

    def list(self, merchant_id: str) -> Sequence[ApiKey]:
        """The merchant's keys, oldest first."""
        ...

    def revoke(self, merchant_id: str, key_id: UUID, at: datetime) -> bool:
        """Ends a key; False when there is none that works."""
        ...


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
