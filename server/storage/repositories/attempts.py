"""Attempts: operations at gateways, at most one per payment with an outcome that is not known."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import bindparam

from server.domain.attempt import Attempt, AttemptKind, AttemptStatus
from server.domain.money import Money
from server.domain.payment import Payment
from server.storage.prepared import Prepared, Record
from server.storage.session import Session
from server.storage.tables import attempts

_INSERT = Prepared(attempts.insert())

_CHANGES = ("updated_at", "status", "gateway_payment_id", "reason", "message")
_UPDATE = Prepared(
    attempts.update()
    .where(attempts.c.merchant_id == bindparam("of_merchant"), attempts.c.id == bindparam("of_id"))
    .values({attempts.c[name]: bindparam(name) for name in _CHANGES})
)

_BY_ID = Prepared(
    sa.select(attempts).where(
        attempts.c.merchant_id == bindparam("merchant_id"), attempts.c.id == bindparam("attempt_id")
    )
)
_TO_AUTHORISE = (
    attempts.c.merchant_id == bindparam("merchant_id"),
    attempts.c.payment_id == bindparam("payment_id"),
    attempts.c.kind == AttemptKind.AUTHORISE.value,
)
# Ids tell when their calls began, which may be in another order: the references are counted.
_LATEST = (sa.func.length(attempts.c.reference).desc(), attempts.c.reference.desc())
_LATEST_AUTHORISATION = Prepared(sa.select(attempts).where(*_TO_AUTHORISE).order_by(*_LATEST).limit(1))
_TRIES = Prepared(sa.select(sa.func.count().label("total")).select_from(attempts).where(*_TO_AUTHORISE))
# Its condition is the index's, word for word, so that the index serves it.
_BY_REFERENCE = Prepared(
    sa.select(attempts).where(
        attempts.c.merchant_id == bindparam("merchant_id"),
        attempts.c.gateway == bindparam("gateway"),
        attempts.c.reference == bindparam("reference"),
        sa.text("kind = 'authorise'"),
    )
)
# Its condition is the index's, word for word, so that the index serves it; its uniqueness makes this one row at most.
_UNKNOWN = Prepared(
    sa.select(attempts).where(
        attempts.c.merchant_id == bindparam("merchant_id"),
        attempts.c.payment_id == bindparam("payment_id"),
        sa.text("status IN ('in_flight', 'needs_review')"),
    )
)


class AttemptRepository:
    """Operations at gateways."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def insert(self, attempt: Attempt) -> None:
        """Store a new attempt. Raises UniqueViolation when another one's outcome is not known, or a number is taken."""
        self._session.run(_INSERT, _row_of(attempt))

    def update(self, attempt: Attempt) -> None:
        """Store what became of an attempt; what was sent stays as it is. Raises LookupError when it is not stored."""
        row = _row_of(attempt)
        changes = {name: row[name] for name in _CHANGES}
        changes |= {"of_merchant": attempt.merchant_id, "of_id": attempt.id}
        if self._session.run(_UPDATE, changes) != 1:
            raise LookupError(f"no attempt {attempt.id}")

    def find(self, merchant_id: str, attempt_id: UUID) -> Attempt | None:
        """The attempt of that id, if there is one."""
        row = self._session.row(_BY_ID, {"merchant_id": merchant_id, "attempt_id": attempt_id})
        return None if row is None else _attempt_of(row)

    def by_reference(self, merchant_id: str, gateway: str, reference: str) -> Attempt | None:
        """The attempt to authorise under that number of ours at a gateway, if there is one."""
        named = {"merchant_id": merchant_id, "gateway": gateway, "reference": reference}
        row = self._session.row(_BY_REFERENCE, named)
        return None if row is None else _attempt_of(row)

    def latest_authorisation(self, merchant_id: str, payment_id: UUID) -> Attempt:
        """The payment's last attempt to authorise. Raises LookupError when it has none."""
        found = self._session.row(_LATEST_AUTHORISATION, {"merchant_id": merchant_id, "payment_id": payment_id})
        if found is None:
            raise LookupError(f"payment {payment_id} has no attempt to authorise")
        return _attempt_of(found)

    def paying(self, payment: Payment) -> Attempt:
        """The attempt to authorise under the payment's own number. Raises LookupError when there is none."""
        found = self.by_reference(payment.merchant_id, payment.gateway, payment.reference)
        if found is None:
            raise LookupError(f"payment {payment.id} has no attempt to authorise")
        return found

    def tries(self, merchant_id: str, payment_id: UUID) -> int:
        """How many attempts to authorise the payment has had."""
        row = self._session.row(_TRIES, {"merchant_id": merchant_id, "payment_id": payment_id})
        return 0 if row is None else int(row.total)

    def unknown(self, merchant_id: str, payment_id: UUID) -> Attempt | None:
        """The payment's attempt whose outcome is not known: in flight, or given up for review."""
        row = self._session.row(_UNKNOWN, {"merchant_id": merchant_id, "payment_id": payment_id})
        return None if row is None else _attempt_of(row)


def _row_of(attempt: Attempt) -> dict[str, object]:
    return {
        "merchant_id": attempt.merchant_id,
        "id": attempt.id,
        "payment_id": attempt.payment_id,
        "kind": attempt.kind.value,
        "gateway": attempt.gateway,
        "config_version": attempt.config_version,
        "reference": attempt.reference,
        "amount_minor": attempt.money.amount_minor,
        "currency": attempt.money.currency,
        "request": attempt.request,
        "created_at": attempt.created_at,
        "updated_at": attempt.updated_at,
        "status": attempt.status.value,
        "gateway_payment_id": attempt.gateway_payment_id,
        "reason": attempt.reason,
        "message": attempt.message,
    }


def _attempt_of(row: Record) -> Attempt:
    return Attempt(
        id=row.id,
        merchant_id=row.merchant_id,
        payment_id=row.payment_id,
        kind=AttemptKind(row.kind),
        gateway=row.gateway,
        config_version=row.config_version,
        reference=row.reference,
        money=Money(row.amount_minor, row.currency),
        request=row.request,
        created_at=row.created_at,
        updated_at=row.updated_at,
        status=AttemptStatus(row.status),
        gateway_payment_id=row.gateway_payment_id,
        reason=row.reason,
        message=row.message,
    )
