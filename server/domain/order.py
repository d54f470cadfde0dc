"""A mall order and the verbs that change it; whether it is paid is what its payment says, never what a caller says."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Self
from uuid import UUID

from server.domain.errors import OrderStateRefused
from server.domain.money import Money
from server.domain.payment import Payment


class OrderStatus(StrEnum):
    """Where an order stands."""

    PENDING = "pending"
    PAID = "paid"
    SHIPPED = "shipped"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    REFUNDED = "refunded"


@dataclass(frozen=True, slots=True)
class Order:
    """What a user of the mall buys. `uuid` is the `order_id` of its payments; `payment_id` the one that is open for it, or that paid it.

    `refunded_from` is where a `refunded` order stood before: a refund can come back, and what was shipped is shipped.
    """

    id: int
    uuid: UUID
    merchant_id: str
    order_no: str
    user_id: str
    total: Money
    created_at: datetime
    updated_at: datetime
    subject: str | None = None
    status: OrderStatus = OrderStatus.PENDING
    payment_id: UUID | None = None
    payment_gateway: str | None = None
    paid_at: datetime | None = None
    refunded_from: OrderStatus | None = None

    def check_out(self, payment: Payment, at: datetime) -> Self:
        """From now on this payment is the one that pays the order. Raises OrderStateRefused unless `pending`."""
        self.require(OrderStatus.PENDING, "paid")
        return replace(self, payment_id=payment.id, payment_gateway=payment.gateway, updated_at=at)

    def pay(self, payment: Payment) -> Self:
        """Its payment has succeeded: `paid`, at the gateway's own time. Raises OrderStateRefused unless `pending`."""
        self.require(OrderStatus.PENDING, "paid")
        return replace(
            self,
            status=OrderStatus.PAID,
            payment_gateway=payment.gateway,
            paid_at=payment.captured_at,
            updated_at=payment.updated_at,
        )

    def cancel(self, at: datetime) -> Self:
        """Ended before it was paid. Raises OrderStateRefused unless `pending`."""
        self.require(OrderStatus.PENDING, "cancelled")
        return replace(self, status=OrderStatus.CANCELLED, updated_at=at)

    def ship(self, at: datetime) -> Self:
        """On its way. Raises OrderStateRefused unless `paid`."""
        self.require(OrderStatus.PAID, "shipped")
        return replace(self, status=OrderStatus.SHIPPED, updated_at=at)

    def complete(self, at: datetime) -> Self:
        """With the customer. Raises OrderStateRefused unless `shipped`."""
        self.require(OrderStatus.SHIPPED, "completed")
        return replace(self, status=OrderStatus.COMPLETED, updated_at=at)

    def refund(self, at: datetime) -> Self:
        """All of its payment was returned; where it stood is kept."""
        return replace(self, status=OrderStatus.REFUNDED, refunded_from=self.status, updated_at=at)

    def refund_failed(self, at: datetime) -> Self:
        """What was returned has come back: the order stands where it stood before. `paid` where that is not known, of a refund from before it was kept."""
        return replace(self, status=self.refunded_from or OrderStatus.PAID, refunded_from=None, updated_at=at)

    def require(self, status: OrderStatus, what_for: str) -> None:
        """Raises OrderStateRefused in any other status; `what_for` completes the sentence `cannot be ...`."""
        if self.status is not status:
            raise OrderStateRefused(self.id, f"an order that is {self.status.value} cannot be {what_for}")


def order_number(order_id: int, local_time: datetime) -> str:
    """An order's number for people and gateways: the mall's local time to the second, then the order's id: 22 digits, at most 26.

    The id makes it unique for ever, the time keeps it unique at a gateway whose account has seen another database before.
    """
    return f"{local_time:%Y%m%d%H%M%S}{order_id:08d}"


def order_reference(order_no: str, try_number: int) -> str:
    """Our number at the gateway for an order's payment: the order's own for the first at that gateway, then with `_2`, `_3`."""
    return order_no if try_number == 1 else f"{order_no}_{try_number}"
