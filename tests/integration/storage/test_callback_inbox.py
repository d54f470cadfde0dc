"""The inbox of callbacks as the port promises it: what came is kept as it came, what was decided may be decided again."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from server.domain.callback import CallbackFormat
from server.domain.errors import CallbackNotFound
from server.domain.inbox import Decision, Judgement, ReceivedCallback
from server.domain.ports import Store, Transaction, UniqueViolation
from server.storage.errors import StorageError
from server.storage.repositories.callbacks import _ALIKE
from server.storage.store import SqlStore
from tests.integration.storage.builders import MERCHANT, NOON, OTHER_MERCHANT, a_callback, an_id
from tests.integration.storage.plans import plan_of
from tests.integration.storage.test_migrations import execute

JUDGED = a_callback(1).judged(
    Judgement(Decision.QUARANTINED, "金额 differs", "evt_1", "N1", an_id(9)), NOON + timedelta(microseconds=5)
)


@pytest.mark.parametrize("callback", [a_callback(1), a_callback(1, gateway=None), JUDGED])
async def test_a_callback_is_read_as_it_came(any_store: Store, callback: ReceivedCallback) -> None:
    """To the last byte, with its headers in their order; from then on it is known to be stored."""
    await any_store.transaction(lambda tx: tx.callbacks.insert(replace(callback, stored=False)))
    found = await any_store.read(lambda tx: tx.callbacks.get(MERCHANT, an_id(1)))
    assert found == callback
    assert list(found.message.headers) == ["z", "a"]


@pytest.mark.parametrize("form", CallbackFormat)
async def test_every_form_is_kept(store: SqlStore, form: CallbackFormat) -> None:
    """Under the name that the contract gives it."""
    callback = a_callback(1)
    callback = replace(callback, message=replace(callback.message, format=form))
    await store.transaction(lambda tx: tx.callbacks.insert(callback))
    assert await store.look_up(lambda tx: tx.callbacks.get(MERCHANT, an_id(1))) == callback


async def test_another_merchants_callback_does_not_exist(any_store: Store) -> None:
    """The same answer as for none at all."""
    await any_store.transaction(lambda tx: tx.callbacks.insert(a_callback(1)))
    for merchant_id, number in ((OTHER_MERCHANT, 1), (MERCHANT, 404)):
        with pytest.raises(CallbackNotFound):
            await any_store.read(lambda tx, m=merchant_id, n=number: tx.callbacks.get(m, an_id(n)))  # type: ignore[misc]


async def test_an_update_stores_the_decision(any_store: Store) -> None:
    """And how often there was one."""
    for callback in (a_callback(1), a_callback(2)):
        await any_store.transaction(lambda tx, callback=callback: tx.callbacks.insert(callback))  # type: ignore[misc]
    await any_store.transaction(lambda tx: tx.callbacks.update(JUDGED))
    assert await any_store.read(lambda tx: tx.callbacks.get(MERCHANT, an_id(1))) == JUDGED
    assert await any_store.read(lambda tx: tx.callbacks.get(MERCHANT, an_id(2))) == a_callback(2)


async def test_what_came_is_not_updated(store: SqlStore) -> None:
    """Whatever the value says: it is the evidence."""
    await store.transaction(lambda tx: tx.callbacks.insert(a_callback(1)))
    forged = replace(JUDGED, message=replace(JUDGED.message, body=b"other", headers={}, received_at=NOON))
    await store.transaction(lambda tx: tx.callbacks.update(forged))
    assert await store.read(lambda tx: tx.callbacks.get(MERCHANT, an_id(1))) == JUDGED


async def test_a_callback_that_is_not_stored_is_not_updated(store: SqlStore) -> None:
    """A mistake of ours must not pass for a decision."""
    with pytest.raises(LookupError):
        await store.transaction(lambda tx: tx.callbacks.update(JUDGED))


async def test_a_callback_is_stored_once(any_store: Store) -> None:
    """Under its id."""
    await any_store.transaction(lambda tx: tx.callbacks.insert(a_callback(1)))
    with pytest.raises(UniqueViolation) as violation:
        await any_store.transaction(lambda tx: tx.callbacks.insert(a_callback(1)))
    assert violation.value.constraint == "pk_callbacks"


IGNORED = Judgement(Decision.IGNORED)


async def test_the_same_bytes_are_found_and_counted(any_store: Store) -> None:
    """Where they came first and were believed: of the same merchant, gateway and form. What came and what was decided stays."""
    rows = [
        a_callback(1, judgement=Judgement(Decision.REJECTED)),
        a_callback(2, judgement=IGNORED, merchant_id=OTHER_MERCHANT),
        a_callback(3, judgement=IGNORED, gateway="wechat"),
        a_callback(4, judgement=IGNORED, message=replace(a_callback(4).message, body=b"other")),
        a_callback(5, judgement=IGNORED, message=replace(a_callback(5).message, format=CallbackFormat.XML)),
        a_callback(6, judgement=Judgement(Decision.QUARANTINED)),
        a_callback(7, judgement=Judgement(Decision.APPLIED)),
        a_callback(8, judgement=IGNORED),
    ]
    for row in rows:
        await any_store.transaction(lambda tx, row=row: tx.callbacks.insert(row))  # type: ignore[misc]

    def first(decision: Decision) -> Callable[[Transaction], UUID | None]:
        return lambda tx: tx.callbacks.first_alike(a_callback(9), decision)

    assert await any_store.look_up(first(Decision.IGNORED)) == an_id(7)
    assert await any_store.look_up(first(Decision.QUARANTINED)) == an_id(6)
    for seconds in (1, 2):
        at = NOON + timedelta(seconds=seconds)
        await any_store.transaction(lambda tx, at=at: tx.callbacks.count_again(MERCHANT, an_id(7), at))  # type: ignore[misc]
    counted = await any_store.look_up(lambda tx: tx.callbacks.get(MERCHANT, an_id(7)))
    assert counted == replace(rows[6], repeats=2, repeated_at=NOON + timedelta(seconds=2))


async def test_the_same_bytes_are_found_by_an_index(sqlite_store: SqlStore) -> None:
    """Among however many."""
    for statement in _ALIKE.values():
        found = await plan_of(sqlite_store, statement)
        assert "ix_callbacks_digest (merchant_id=? AND digest=?)" in found
        assert "TEMP B-TREE" not in found


async def test_no_callback_is_deleted(store: SqlStore) -> None:
    """Not even by an administrator at a prompt."""
    await store.transaction(lambda tx: tx.callbacks.insert(a_callback(1)))
    with pytest.raises(StorageError):
        await execute(store, "DELETE FROM callbacks")
    assert await store.read(lambda tx: tx.callbacks.get(MERCHANT, an_id(1))) == a_callback(1)
