"""The callback inbox in memory."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from server.domain.errors import CallbackNotFound
from server.domain.inbox import REPEATED, Decision, ReceivedCallback
from server.domain.listing import CallbackQuery, Page
from tests.memory_pages import newest_first
from tests.memory_payments import add_row


class MemoryCallbacks:
    def __init__(self, rows: dict[UUID, ReceivedCallback]) -> None:
        self._rows = rows

    def insert(self, callback: ReceivedCallback) -> None:
        add_row(self._rows, callback.id, replace(callback, stored=True), "pk_callbacks")

    def update(self, callback: ReceivedCallback) -> None:
        assert callback.id in self._rows, "a callback is inserted before it is updated"
        self._rows[callback.id] = callback

    def first_alike(self, callback: ReceivedCallback, decision: Decision) -> UUID | None:
        alike = (row for _, row in sorted(self._rows.items()) if _same(row, callback))
        return next((row.id for row in alike if row.judgement.decision in REPEATED[decision]), None)

    def count_again(self, merchant_id: str, callback_id: UUID, at: datetime) -> None:
        callback = self.get(merchant_id, callback_id)
        self._rows[callback_id] = replace(callback, repeats=callback.repeats + 1, repeated_at=at)

    def get(self, merchant_id: str, callback_id: UUID) -> ReceivedCallback:
        callback = self._rows.get(callback_id)
        if callback is None or callback.merchant_id != merchant_id:
            raise CallbackNotFound
        return callback

    def list(self, merchant_id: str, query: CallbackQuery) -> Page[ReceivedCallback]:
        wanted = (row for row in self._rows.values() if row.merchant_id == merchant_id and _fits(row, query))
        return newest_first(wanted, query, lambda row: row.id)


def _same(row: ReceivedCallback, callback: ReceivedCallback) -> bool:
    told, known = callback.message, row.message
    ours = (row.merchant_id, row.gateway) == (callback.merchant_id, callback.gateway)
    return ours and (known.format, known.body) == (told.format, told.body)


def _fits(callback: ReceivedCallback, query: CallbackQuery) -> bool:
    wanted, judgement, at = query.filter, callback.judgement, callback.message.received_at
    return (
        wanted.gateway in (None, callback.gateway)
        and wanted.decision in (None, judgement.decision)
        and wanted.payment_id in (None, judgement.payment_id)
        and wanted.reference in (None, judgement.reference)
        and (wanted.received_after is None or at > wanted.received_after)
        and (wanted.received_before is None or at < wanted.received_before)
    )
