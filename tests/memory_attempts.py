"""Attempts in memory."""

from collections.abc import Sequence
from uuid import UUID

from server.domain.attempt import Attempt, AttemptKind, AttemptStatus
from server.domain.payment import Payment
from server.domain.ports import UniqueViolation
from tests.memory_payments import add_row

_UNKNOWN = (AttemptStatus.IN_FLIGHT, AttemptStatus.NEEDS_REVIEW)


class MemoryAttempts:
    def __init__(self, rows: dict[UUID, Attempt]) -> None:
        self._rows = rows

    def insert(self, attempt: Attempt) -> None:
        for row in self._rows.values():
            if row.payment_id == attempt.payment_id and row.status in _UNKNOWN and attempt.status in _UNKNOWN:
                raise UniqueViolation("uq_attempts_in_flight")
            # A capture and a void go by the number of what they capture or end.
            if attempt.kind is row.kind is AttemptKind.AUTHORISE and _number(row) == _number(attempt):
                raise UniqueViolation("uq_attempts_reference")
        add_row(self._rows, attempt.id, attempt, "pk_attempts")

    def update(self, attempt: Attempt) -> None:
        assert attempt.id in self._rows, "an attempt is inserted before it is updated"
        self._rows[attempt.id] = attempt

    def find(self, merchant_id: str, attempt_id: UUID) -> Attempt | None:
        attempt = self._rows.get(attempt_id)
        return attempt if attempt is not None and attempt.merchant_id == merchant_id else None

    def by_reference(self, merchant_id: str, gateway: str, reference: str) -> Attempt | None:
        wanted = (merchant_id, gateway, reference)
        mine = (row for row in self._rows.values() if row.kind is AttemptKind.AUTHORISE and _number(row) == wanted)
        return next(mine, None)

    def latest_authorisation(self, merchant_id: str, payment_id: UUID) -> Attempt:
        return max(self._to_authorise(merchant_id, payment_id), key=_try_number)

    def paying(self, payment: Payment) -> Attempt:
        found = self.by_reference(payment.merchant_id, payment.gateway, payment.reference)
        if found is None:
            raise LookupError(f"payment {payment.id} has no attempt to authorise")
        return found

    def tries(self, merchant_id: str, payment_id: UUID) -> int:
        return len(self._to_authorise(merchant_id, payment_id))

    def unknown(self, merchant_id: str, payment_id: UUID) -> Attempt | None:
        live = (row for row in self._rows.values() if row.status in _UNKNOWN)
        return next((row for row in live if (row.merchant_id, row.payment_id) == (merchant_id, payment_id)), None)

    def _to_authorise(self, merchant_id: str, payment_id: UUID) -> Sequence[Attempt]:
        owner = (merchant_id, payment_id, AttemptKind.AUTHORISE)
        return [row for row in self._rows.values() if (row.merchant_id, row.payment_id, row.kind) == owner]


def _try_number(attempt: Attempt) -> tuple[int, str]:
    return len(attempt.reference), attempt.reference


def _number(attempt: Attempt) -> tuple[str, str, str]:
    return attempt.merchant_id, attempt.gateway, attempt.reference
