"""Payments: stored, changed by compare-and-set, and found by id, with their refunds."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import bindparam

from server.domain.errors import PaymentNotFound
from server.domain.listing import Page, PaymentQuery
from server.domain.payment import Payment
from server.domain.ports import StaleVersion
from server.storage.prepared import Prepared, Record
from server.storage.repositories.of_payments import disputes_of, refunds_of
from server.storage.repositories.payment_list import list_payments
from server.storage.repositories.payment_rows import payment_of_row, row_of_payment
from server.storage.session import Session
from server.storage.tables import payments

_INSERT = Prepared(payments.insert())

_SELECT = sa.select(payments).where(
    payments.c.merchant_id == bindparam("merchant_id"), payments.c.id == bindparam("payment_id")
)
_BY_ID = Prepared(_SELECT)
# Rows that refer to the payment may still be inserted by others: its key does not change.
_LOCKED = Prepared(_SELECT.with_for_update(key_share=True))

_BY_REFERENCE = Prepared(
    sa.select(payments).where(
        payments.c.merchant_id == bindparam("merchant_id"),
        payments.c.gateway == bindparam("gateway"),
        payments.c.reference == bindparam("reference"),
    )
)
_BY_GATEWAY_ID = Prepared(
    sa.select(payments)
    .where(
        payments.c.merchant_id == bindparam("merchant_id"),
        payments.c.gateway == bindparam("gateway"),
        payments.c.gateway_payment_id == bindparam("gateway_payment_id"),
    )
    .limit(2)
)

_COUNT_OF_ORDER = Prepared(
    sa.select(sa.func.count().label("total"))
    .select_from(payments)
    .where(
        payments.c.merchant_id == bindparam("merchant_id"),
        payments.c.mall_order_id == bindparam("mall_order_id"),
        payments.c.gateway == bindparam("gateway"),
    )
)

# What a payment was created with stays as it is; its reference is its latest try's.
_FIXED = {
    *("merchant_id", "id", "amount_minor", "currency", "common_units", "gateway", "method", "created_at"),
    *("capture_method", "confirmation_method", "order_id", "mall_order_id", "intent_id", "customer_id", "metadata_"),
}
_UPDATE = Prepared(
    payments.update()
    .where(
        payments.c.merchant_id == bindparam("of_merchant"),
        payments.c.id == bindparam("of_id"),
        payments.c.version == bindparam("of_version"),
    )
    .values({column: bindparam(name) for name, column in payments.c.items() if name not in _FIXED})
)


class PaymentRepository:
    """Payments, each visible to its merchant alone."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def insert(self, payment: Payment) -> None:
        """Store a new payment."""
        self._session.run(_INSERT, row_of_payment(payment))

    def update(self, payment: Payment) -> None:
        """Store a payment's changes with the next version. Raises StaleVersion."""
        row = {name: value for name, value in row_of_payment(payment).items() if name not in _FIXED}
        row |= {"of_merchant": payment.merchant_id, "of_id": payment.id, "of_version": payment.version}
        row["version"] = payment.version + 1
        if self._session.run(_UPDATE, row) != 1:
            raise StaleVersion

    def get(self, merchant_id: str, payment_id: UUID) -> Payment:
        """The payment as it is committed, or as this transaction changed it. Raises PaymentNotFound."""
        return self._one(_BY_ID, merchant_id, payment_id)

    def lock(self, merchant_id: str, payment_id: UUID) -> Payment:
        """The payment, which nobody else changes before this transaction ends. Raises PaymentNotFound."""
        return self._one(_LOCKED, merchant_id, payment_id)

    def list(self, merchant_id: str, query: PaymentQuery) -> Page[Payment]:
        """A page of the merchant's payments."""
        return list_payments(self._session, merchant_id, query)

    def find_by_reference(self, merchant_id: str, gateway: str, reference: str) -> Payment | None:
        """The payment that goes by that number of ours at a gateway now, if there is one."""
        wanted = {"merchant_id": merchant_id, "gateway": gateway, "reference": reference}
        row = self._session.row(_BY_REFERENCE, wanted)
        return None if row is None else self._whole(row)

    def find_by_gateway_id(self, merchant_id: str, gateway: str, gateway_payment_id: str) -> Payment | None:
        """The payment with the gateway's own number, if there is exactly one."""
        wanted = {"merchant_id": merchant_id, "gateway": gateway, "gateway_payment_id": gateway_payment_id}
        rows = self._session.rows(_BY_GATEWAY_ID, wanted)
        return self._whole(rows[0]) if len(rows) == 1 else None

    def count_of_order(self, merchant_id: str, mall_order_id: int, gateway: str) -> int:
        """How many payments a mall order has had at a gateway."""
        parameters = {"merchant_id": merchant_id, "mall_order_id": mall_order_id, "gateway": gateway}
        row = self._session.row(_COUNT_OF_ORDER, parameters)
        return 0 if row is None else int(row.total)

    def _one(self, statement: Prepared, merchant_id: str, payment_id: UUID) -> Payment:
        row = self._session.row(statement, {"merchant_id": merchant_id, "payment_id": payment_id})
        if row is None:
            raise PaymentNotFound
        return self._whole(row)

    def _whole(self, row: Record) -> Payment:
        """The payment of a row with what has rows of its own, which is looked for only where there is any."""
        refunds = refunds_of(self._session, row.merchant_id, [row.id]) if row.refund_count else {}
        disputes = disputes_of(self._session, row.merchant_id, [row.id]) if row.dispute_count else {}
        return payment_of_row(row, refunds.get(row.id, ()), disputes.get(row.id, ()))
