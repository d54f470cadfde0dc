"""The audit log as the port promises it, on every implementation."""

from dataclasses import replace
from datetime import timedelta

import pytest

from server.domain.audit import AuditAction, AuditEntry, AuditObject
from server.domain.listing import AuditFilter, AuditQuery, Cursor, Page
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


ENTRIES = [
    replace(
        ENTRY,
        id=an_id(number),
        actor=f"key:{number % 2}",
        action=AuditAction.PAYMENT_CONFIG_SAVED if number % 3 == 0 else AuditAction.PAYMENT_RESOLVE,
        object_type=AuditObject.PAYMENT_CONFIG if number % 3 == 0 else AuditObject.PAYMENT,
        object_id=None if number == 1 else str(number % 4),
        request_id=None if number == 2 else f"req-{number}",
        # Some of the same second.
        created_at=NOON + timedelta(seconds=number // 2),
    )
    for number in range(1, 13)
]


async def fill(store: Store) -> None:
    for entry in (*ENTRIES, replace(ENTRY, id=an_id(50), merchant_id=OTHER_MERCHANT)):
        await store.transaction(lambda tx, entry=entry: tx.audit.append(entry))  # type: ignore[misc]


@pytest.mark.parametrize(
    "wanted",
    [
        AuditFilter(),
        AuditFilter(actor="key:1"),
        AuditFilter(action="payment_config.saved"),
        AuditFilter(action="nothing.done"),
        AuditFilter(object_id="2"),
        AuditFilter(created_after=NOON + timedelta(seconds=2), created_before=NOON + timedelta(seconds=5)),
        AuditFilter(actor="key:0", action="payment.resolve", object_id="2"),
    ],
)
async def test_entries_are_listed_newest_first(any_store: Store, wanted: AuditFilter) -> None:
    """The merchant's own that pass the filter, with their number; page by page the same as behind each page's end."""
    await fill(any_store)
    expected = [
        entry
        for entry in reversed(ENTRIES)
        if wanted.actor in {None, entry.actor}
        and wanted.action in {None, entry.action}
        and wanted.object_id in {None, entry.object_id}
        and (wanted.created_after is None or entry.created_at > wanted.created_after)
        and (wanted.created_before is None or entry.created_at < wanted.created_before)
    ]
    numbered: list[AuditEntry] = []
    for number in range(1, 4):
        page = await any_store.read(
            lambda tx, number=number: tx.audit.list(MERCHANT, AuditQuery(wanted, page=number, per_page=5))  # type: ignore[misc]
        )
        assert page.total == len(expected)
        assert (page.next is not None) is (len(expected) > number * 5)
        numbered += page.items
    assert numbered == expected
    followed, query = [], AuditQuery(wanted, per_page=5)
    while True:
        page = await any_store.read(lambda tx, query=query: tx.audit.list(MERCHANT, query))  # type: ignore[misc]
        followed += page.items
        if page.next is None:
            break
        query = replace(query, after=page.next)
    assert followed == expected


async def test_a_list_goes_on_behind_an_entry_of_ones_own_alone(any_store: Store) -> None:
    """Another merchant's entry, or none at all, is followed by nothing."""
    await fill(any_store)
    for number in (50, 404):
        query = AuditQuery(AuditFilter(), after=Cursor(an_id(number)))
        assert await any_store.read(lambda tx, query=query: tx.audit.list(MERCHANT, query)) == Page((), None, None)  # type: ignore[misc]
