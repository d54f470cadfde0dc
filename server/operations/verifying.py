"""Proves the books, and writes down who had them proven and what came of it."""

import logging

from server.domain.access import Call
from server.domain.audit import AuditAction, AuditEntry, AuditObject
from server.domain.clock import Clock, whole_seconds
from server.domain.ports import Store, Transaction
from server.domain.proof import Verification

_LOG = logging.getLogger(__name__)

_MOST = 100


class Verifying:
    """Goes through a merchant's ledger on one snapshot, beside everything else that happens."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def verify(self, call: Call) -> Verification:
        """What was checked and what contradicts, the first hundred discrepancies. Changes nothing but the audit log."""
        merchant_id, at = call.caller.merchant_id, whole_seconds(self._clock.now())
        findings = await self._store.read(lambda tx: tx.ledger.prove(merchant_id, _MOST))
        verification = Verification(findings, at)
        if not verification.balanced:
            first = findings.discrepancies[0]
            facts = {"rule": first.rule, "subject": first.subject, "discrepancies": len(findings.discrepancies)}
            _LOG.error("the books do not agree; look into it", extra=facts)
        await self._store.transaction(lambda tx: _write_down(tx, call, verification))
        return verification


def _write_down(tx: Transaction, call: Call, verification: Verification) -> None:
    """A call that was cut off and is executed again has one entry."""
    if tx.audit.find(call.caller.merchant_id, call.operation_id) is not None:
        return
    findings = verification.findings
    entry = AuditEntry(
        id=call.operation_id,
        merchant_id=call.caller.merchant_id,
        actor=call.caller.credential,
        action=AuditAction.LEDGER_VERIFIED,
        object_type=AuditObject.LEDGER,
        object_id=None,
        details={
            "balanced": str(verification.balanced).lower(),
            "entries_checked": str(findings.entries_checked),
            "discrepancies": str(len(findings.discrepancies)),
        },
        created_at=verification.at,
        request_id=call.request_id or None,
    )
    tx.audit.append(entry)
