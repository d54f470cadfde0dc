"""Payment intents: locked to be changed, and listed newest first."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import bindparam

from server.domain.errors import PaymentIntentNotFound
from server.domain.listing import Cursor, IntentFilter, IntentQuery, Page
from server.domain.money import Money
from server.domain.payment import CaptureMethod, ConfirmationMethod, FutureUsage, PaymentMethodKind
from server.domain.payment_intent import IntentError, IntentStatus, PaymentIntent
from server.storage.prepared import Prepared, Record
from server.storage.repositories.newest_first import NewestFirst, Wanted
from server.storage.repositories.payment_rows import json_of_next_action, next_action_of_json
from server.storage.session import Session
from server.storage.tables import payment_intents

_columns = payment_intents.c

_INSERT = Prepared(payment_intents.insert())
_CHANGES = (
    *("updated_at", "customer_id", "method_id", "return_url", "status", "payment_id", "gateway_payment_id"),
    *("next_action", "error_code", "error_message", "canceled_at"),
)
_UPDATE = Prepared(
    payment_intents.update()
    .where(_columns.merchant_id == bindparam("of_merchant"), _columns.id == bindparam("of_id"))
    .values({_columns[name]: bindparam(name) for name in _CHANGES})
)
_SELECT = sa.select(payment_intents).where(
    _columns.merchant_id == bindparam("merchant_id"), _columns.id == bindparam("intent_id")
)
_BY_ID = Prepared(_SELECT)
_LOCKED = Prepared(_SELECT.with_for_update(key_share=True))
_LIST = NewestFirst(
    payment_intents,
    _columns.id,
    {
        "customer_id": _columns.customer_id == bindparam("customer_id"),
        "gateway": _columns.gateway == bindparam("gateway"),
        "status": _columns.status == bindparam("status"),
        "created_after": _columns.created_at > bindparam("created_after"),
        "created_before": _columns.created_at < bindparam("created_before"),
    },
)


class PaymentIntentRepository:
    """Intents, each visible to its merchant alone."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def insert(self, intent: PaymentIntent) -> None:
        """Store a new intent."""
        self._session.run(_INSERT, _row_of(intent))

    def update(self, intent: PaymentIntent) -> None:
        """Store a changed intent, which this transaction has locked."""
        row = _row_of(intent)
        changes = {name: row[name] for name in _CHANGES}
        if self._session.run(_UPDATE, {**changes, "of_merchant": intent.merchant_id, "of_id": intent.id}) != 1:
            raise LookupError(f"no payment intent {intent.id}")

    def get(self, merchant_id: str, intent_id: UUID) -> PaymentIntent:
        """The intent as it is committed, or as this transaction changed it. Raises PaymentIntentNotFound."""
        return self._one(_BY_ID, merchant_id, intent_id)

    def lock(self, merchant_id: str, intent_id: UUID) -> PaymentIntent:
        """The intent, which nobody else changes before this transaction ends. Raises PaymentIntentNotFound."""
        return self._one(_LOCKED, merchant_id, intent_id)

    def find(self, merchant_id: str, intent_id: UUID) -> PaymentIntent | None:
        """The intent of that id, if there is one."""
        row = self._session.row(_BY_ID, {"merchant_id": merchant_id, "intent_id": intent_id})
        return None if row is None else _intent_of(row)

    def list(self, merchant_id: str, query: IntentQuery) -> Page[PaymentIntent]:
        """One page, by number with the list's total, or behind a cursor without it."""
        after = query.after.id if query.after else None
        wanted = Wanted(_filters(query.filter), query.page, query.per_page, after)
        found = _LIST.page(self._session, merchant_id, wanted)
        items = tuple(_intent_of(row) for row in found.rows)
        return Page(items, found.total, Cursor(found.next) if found.next else None)

    def _one(self, statement: Prepared, merchant_id: str, intent_id: UUID) -> PaymentIntent:
        row = self._session.row(statement, {"merchant_id": merchant_id, "intent_id": intent_id})
        if row is None:
            raise PaymentIntentNotFound
        return _intent_of(row)


def _filters(wanted: IntentFilter) -> dict[str, object]:
    given = {
        "customer_id": wanted.customer_id,
        "gateway": wanted.gateway,
        "status": wanted.status and wanted.status.value,
        "created_after": wanted.created_after,
        "created_before": wanted.created_before,
    }
    return {name: value for name, value in given.items() if value is not None}


def _row_of(intent: PaymentIntent) -> dict[str, object]:
    return {
        "merchant_id": intent.merchant_id,
        "id": intent.id,
        "amount_minor": intent.money.amount_minor,
        "currency": intent.money.currency,
        "gateway": intent.gateway,
        "kind": intent.kind.value,
        "created_at": intent.created_at,
        "updated_at": intent.updated_at,
        "capture_method": intent.capture_method.value,
        "confirmation_method": intent.confirmation_method.value,
        "setup_future_usage": intent.setup_future_usage and intent.setup_future_usage.value,
        "customer_id": intent.customer_id,
        "method_id": intent.method_id,
        "return_url": intent.return_url,
        "metadata_": intent.metadata,
        "status": intent.status.value,
        "payment_id": intent.payment_id,
        "gateway_payment_id": intent.gateway_payment_id,
        "next_action": intent.next_action and json_of_next_action(intent.next_action),
        "error_code": intent.error and intent.error.code,
        "error_message": intent.error and intent.error.message,
        "canceled_at": intent.canceled_at,
    }


def _intent_of(row: Record) -> PaymentIntent:
    return PaymentIntent(
        id=row.id,
        merchant_id=row.merchant_id,
        money=Money(row.amount_minor, row.currency),
        gateway=row.gateway,
        kind=PaymentMethodKind(row.kind),
        created_at=row.created_at,
        updated_at=row.updated_at,
        capture_method=CaptureMethod(row.capture_method),
        confirmation_method=ConfirmationMethod(row.confirmation_method),
        setup_future_usage=row.setup_future_usage and FutureUsage(row.setup_future_usage),
        customer_id=row.customer_id,
        method_id=row.method_id,
        return_url=row.return_url,
        metadata=row.metadata_,
        status=IntentStatus(row.status),
        payment_id=row.payment_id,
        gateway_payment_id=row.gateway_payment_id,
        next_action=row.next_action and next_action_of_json(row.next_action),
        error=None if row.error_code is None else IntentError(row.error_code, row.error_message),
        canceled_at=row.canceled_at,
    )
