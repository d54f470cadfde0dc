"""Payment intents in memory."""

from collections.abc import Mapping
from uuid import UUID

from server.domain.errors import PaymentIntentNotFound
from server.domain.listing import IntentQuery, Page
from server.domain.payment import Payment
from server.domain.payment_intent import PaymentIntent
from server.domain.ports import UniqueViolation
from tests.memory_pages import newest_first
from tests.memory_payments import add_row


class MemoryIntents:
    def __init__(self, rows: dict[UUID, PaymentIntent], payments: Mapping[UUID, Payment]) -> None:
        self._rows = rows
        self._payments = payments

    def insert(self, intent: PaymentIntent) -> None:
        add_row(self._rows, intent.id, intent, "pk_payment_intents")

    def update(self, intent: PaymentIntent) -> None:
        assert intent.id in self._rows, "an intent is inserted before it is updated"
        assert intent.payment_id is None or intent.payment_id in self._payments, "an intent's payment is stored before"
        others = (row.payment_id for row in self._rows.values() if row.id != intent.id)
        if intent.payment_id is not None and intent.payment_id in others:
            raise UniqueViolation("uq_payment_intents_payment")
        self._rows[intent.id] = intent

    def get(self, merchant_id: str, intent_id: UUID) -> PaymentIntent:
        intent = self._rows.get(intent_id)
        if intent is None or intent.merchant_id != merchant_id:
            raise PaymentIntentNotFound
        return intent

    # Transactions run one after the other, so every read is a locked one.
    lock = get

    def find(self, merchant_id: str, intent_id: UUID) -> PaymentIntent | None:
        intent = self._rows.get(intent_id)
        return intent if intent is not None and intent.merchant_id == merchant_id else None

    def list(self, merchant_id: str, query: IntentQuery) -> Page[PaymentIntent]:
        wanted = (row for row in self._rows.values() if row.merchant_id == merchant_id and _fits(row, query))
        return newest_first(wanted, query, lambda row: row.id)


def _fits(intent: PaymentIntent, query: IntentQuery) -> bool:
    wanted, created = query.filter, intent.created_at
    return (
        wanted.customer_id in (None, intent.customer_id)
        and wanted.gateway in (None, intent.gateway)
        and wanted.status in (None, intent.status)
        and (wanted.created_after is None or created > wanted.created_after)
        and (wanted.created_before is None or created < wanted.created_before)
    )
