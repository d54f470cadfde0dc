"""Decides what becomes of money that nobody wants any more: it goes back at once or is flagged, as the installation says, and the audit log tells of it."""

from collections.abc import Callable, Mapping
from uuid import UUID

from server.domain.audit import AuditAction, AuditEntry, AuditObject
from server.domain.ids import Ids
from server.domain.payment import Payment
from server.domain.ports import Transaction
from server.operations.policy import LatePayments, Policy

GiveBack = Callable[[Transaction, Payment, UUID], object]
"""Records a refund, under that id, of all that a payment has taken; the background sends it."""

_SERVICE = "service"


class LateMoney:
    """The money is in the books as what it is, a payment of its own; nobody ordered anything for it."""

    def __init__(self, ids: Ids, policy: Policy, give_back: GiveBack) -> None:
        self._ids = ids
        self._policy = policy
        self._give_back = give_back

    def arrived(self, tx: Transaction, payment: Payment, details: Mapping[str, str]) -> None:
        """Handles a payment that was just captured, in the transaction that captured it; `details` say for what it came too late."""
        if self._policy.late_payments is LatePayments.REFUND:
            self._give_back(tx, payment, self._ids.new())
        entry = AuditEntry(
            id=self._ids.new(),
            merchant_id=payment.merchant_id,
            actor=_SERVICE,
            action=AuditAction.PAYMENT_LATE,
            object_type=AuditObject.PAYMENT,
            object_id=str(payment.id),
            details={**details, "gateway": payment.gateway, "decision": self._policy.late_payments.value},
            created_at=payment.updated_at,
        )
        tx.audit.append(entry)
