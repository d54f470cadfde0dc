"""The audit log as the port promises it, on every implementation."""

from dataclasses import replace

import pytest

from server.domain.audit import AuditAction, AuditEntry, AuditObject
from server.domain.ports import Store, UniqueViolation
from tests.integration.storage.builders import MERCHANT, NOON, OTHER_MERCHANT, an_id

ENTRY = AuditEntry(
    id=an_id(1),
    merchant_id=MERCHANT,
    actor="key:1",
    action=AuditAction.PAYMENT_RESOLVE,
    object_type=AuditObject.PAYMENT,
    object_id=str(an_id(2)),
    details={"resolution": "failed", "evidence": "工单 4711: no charge"},
    created_at=NOON,
)


async def test_an_entry_is_read_as_it_was_written(any_store: Store) -> None:
    """By its merchant alone."""
    await any_store.transaction(lambda tx: tx.audit.append(ENTRY))
    assert await any_store.read(lambda tx: tx.audit.find(MERCHANT, ENTRY.id)) == ENTRY
    assert await any_store.read(lambda tx: tx.audit.find(OTHER_MERCHANT, ENTRY.id)) is None
    assert await any_store.read(lambda tx: tx.audit.find(MERCHANT, an_id(404))) is None


async def test_an_operation_has_one_entry(any_store: Store) -> None:
    """A second execution of it cannot write another."""
    await any_store.transaction(lambda tx: tx.audit.append(ENTRY))
    with pytest.raises(UniqueViolation) as violation:
        await any_store.transaction(lambda tx: tx.audit.append(replace(ENTRY, actor="key:2")))
    assert violation.value.constraint == "pk_audit_log"
