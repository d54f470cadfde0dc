"""Lists: filters, order and pages, by number or by where the last one ended."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Generic, TypeVar
from uuid import UUID

from server.domain.balance import Movement
from server.domain.dispute import DisputeStatus
from server.domain.inbox import Decision
from server.domain.order import OrderStatus
from server.domain.payment import PaymentStatus
from server.domain.payment_intent import IntentStatus
from server.domain.payout import PayoutStatus
from server.domain.webhook import DeliveryStatus

Item = TypeVar("Item")


class PaymentSort(StrEnum):
    """What a list of payments is sorted by; equal ones by their id."""

    CREATED_AT = "created_at"
    AMOUNT = "amount"


@dataclass(frozen=True, slots=True)
class PaymentFilter:
    """Which payments; None does not filter. Amounts are in common units (see `money`), bounds on them inclusive; bounds on times exclusive."""

    order_id: UUID | None = None
    customer_id: UUID | None = None
    gateway: str | None = None
    status: PaymentStatus | None = None
    min_common_units: int | None = None
    max_common_units: int | None = None
    created_after: datetime | None = None
    created_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page ended: the last item's id, and its amount in common units when the list is sorted by amount."""

    id: UUID
    common_units: int | None = None


@dataclass(frozen=True, slots=True)
class PaymentQuery:
    """A page of payments. With `after` the page begins behind that item and `page` is ignored."""

    filter: PaymentFilter
    sort: PaymentSort = PaymentSort.CREATED_AT
    descending: bool = True
    page: int = 1
    per_page: int = 20
    after: Cursor | None = None


@dataclass(frozen=True, slots=True)
class RefundQuery:
    """A page of a payment's refunds, newest first. With `after` the page begins behind that refund and `page` is ignored."""

    payment_id: UUID
    page: int = 1
    per_page: int = 20
    after: Cursor | None = None


@dataclass(frozen=True, slots=True)
class SavedMethodQuery:
    """A page of a customer's payment methods, newest first. With `after` the page begins behind that one and `page` is ignored."""

    customer_id: UUID
    page: int = 1
    per_page: int = 20
    after: Cursor | None = None


@dataclass(frozen=True, slots=True)
class DisputeFilter:
    """Which disputes; None does not filter. Bounds on times are exclusive."""

    status: DisputeStatus | None = None
    payment_id: UUID | None = None
    gateway: str | None = None
    created_after: datetime | None = None
    created_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class IntentFilter:
    """Which payment intents; None does not filter. Bounds on times are exclusive."""

    customer_id: UUID | None = None
    gateway: str | None = None
    status: IntentStatus | None = None
    created_after: datetime | None = None
    created_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class DisputeQuery:
    """A page of disputes, newest first. With `after` the page begins behind that dispute and `page` is ignored."""

    filter: DisputeFilter
    page: int = 1
    per_page: int = 20
    after: Cursor | None = None


@dataclass(frozen=True, slots=True)
class IntentQuery:
    """A page of payment intents, newest first. With `after` the page begins behind that intent and `page` is ignored."""

    filter: IntentFilter
    page: int = 1
    per_page: int = 20
    after: Cursor | None = None


@dataclass(frozen=True, slots=True)
class OrderFilter:
    """Which orders; None does not filter."""

    user_id: str | None = None
    status: OrderStatus | None = None


@dataclass(frozen=True, slots=True)
class OrderQuery:
    """A page of orders, newest first. With `after` the page begins behind that order's UUID and `page` is ignored."""

    filter: OrderFilter
    page: int = 1
    per_page: int = 20
    after: Cursor | None = None


@dataclass(frozen=True, slots=True)
class PayoutFilter:
    """Which payouts; None does not filter. `created_from` is inclusive, `created_before` exclusive."""

    status: PayoutStatus | None = None
    gateway: str | None = None
    created_from: datetime | None = None
    created_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class PayoutQuery:
    """A page of payouts, newest first. With `after` the page begins behind that payout and `page` is ignored."""

    filter: PayoutFilter
    page: int = 1
    per_page: int = 20
    after: Cursor | None = None


@dataclass(frozen=True, slots=True)
class CallbackFilter:
    """Which callbacks; None does not filter. Bounds on times are exclusive."""

    gateway: str | None = None
    decision: Decision | None = None
    payment_id: UUID | None = None
    reference: str | None = None
    received_after: datetime | None = None
    received_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class CallbackQuery:
    """A page of callbacks, newest first. With `after` the page begins behind that callback and `page` is ignored."""

    filter: CallbackFilter
    page: int = 1
    per_page: int = 20
    after: Cursor | None = None


@dataclass(frozen=True, slots=True)
class BalanceFilter:
    """Which balance transactions; None does not filter. Bounds on times are exclusive."""

    type: Movement | None = None
    currency: str | None = None
    gateway: str | None = None
    source_id: UUID | None = None
    created_after: datetime | None = None
    created_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class BalanceQuery:
    """A page of balance transactions, newest first. With `after` the page begins behind that transaction and `page` is ignored."""

    filter: BalanceFilter
    page: int = 1
    per_page: int = 20
    after: Cursor | None = None


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """One page. `total` counts the whole list and is None on pages behind a cursor; `next` is None at the end."""

    items: tuple[Item, ...]
    total: int | None
    next: Cursor | None


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which entries of the audit log; None does not filter. Bounds on times are exclusive."""

    actor: str | None = None
    action: str | None = None
    object_id: str | None = None
    created_after: datetime | None = None
    created_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class AuditQuery:
    """A page of the audit log, newest first. With `after` the page begins behind that entry and `page` is ignored."""

    filter: AuditFilter
    page: int = 1
    per_page: int = 20
    after: Cursor | None = None


@dataclass(frozen=True, slots=True)
class EventFilter:
    """Which events; None does not filter. Bounds on times are exclusive."""

    type: str | None = None
    object_id: UUID | None = None
    created_after: datetime | None = None
    created_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class EventQuery:
    """A page of events, newest first. With `after` the page begins behind that event and `page` is ignored."""

    filter: EventFilter
    page: int = 1
    per_page: int = 20
    after: Cursor | None = None


@dataclass(frozen=True, slots=True)
class EndpointQuery:
    """A page of webhook endpoints, newest first. With `after` the page begins behind that endpoint and `page` is ignored."""

    page: int = 1
    per_page: int = 20
    after: Cursor | None = None


@dataclass(frozen=True, slots=True)
class DeliveryQuery:
    """A page of an endpoint's deliveries, newest first; None does not filter. With `after` the page begins behind that delivery and `page` is ignored."""

    endpoint_id: UUID
    status: DeliveryStatus | None = None
    event_id: UUID | None = None
    page: int = 1
    per_page: int = 20
    after: Cursor | None = None
