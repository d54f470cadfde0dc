"""What is kept of an operator's verdict: written once for each call, in the transaction of what it settles."""

from collections.abc import Mapping
from uuid import UUID

from server.domain.access import Call
from server.domain.audit import AuditAction, AuditEntry, AuditObject
from server.domain.clock import Clock, whole_seconds
from server.domain.ports import Transaction


class Verdicts:
    """The audit log's part about them."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def is_given(self, tx: Transaction, call: Call) -> bool:
        """Whether an earlier execution of this very call has settled what it is about."""
        return tx.audit.find(call.caller.merchant_id, call.operation_id) is not None

    def write(
        self,
        tx: Transaction,
        call: Call,
        action: AuditAction,
        about: tuple[AuditObject, UUID],
        *,
        by_gateway: bool,
        details: Mapping[str, str | None],
    ) -> None:
        """Keeps a verdict, with who gave it and whether it or the gateway's own word decided. Details that are None are left out."""
        object_type, object_id = about
        given = {name: value for name, value in details.items() if value is not None}
        entry = AuditEntry(
            id=call.operation_id,
            merchant_id=call.caller.merchant_id,
            actor=call.caller.credential,
            action=action,
            object_type=object_type,
            object_id=str(object_id),
            details=given | {"decided_by": "gateway" if by_gateway else "operator"},
            created_at=whole_seconds(self._clock.now()),
            request_id=call.request_id or None,
        )
        tx.audit.append(entry)
