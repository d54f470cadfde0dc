"""Following gateways' lists begins with a server, however long its database takes."""

import pytest

from server.domain.access import DEFAULT_MERCHANT
from server.domain.jobs import JobKind
from server.domain.payment_config import PaymentConfig
from server.domain.ports import Store
from server.work import list_watch
from server.work.list_watch import ListWatch
from tests.builders import NOON
from tests.clock_and_ids import StoppedClock
from tests.memory import MemoryStore

FOLLOWED = {"b": [JobKind.FOLLOW_DISPUTES], "a": [JobKind.FOLLOW_PAYOUTS, JobKind.FOLLOW_DISPUTES]}


class StoreThatWakesUp(MemoryStore):
    """Refuses its first transactions."""

    def __init__(self, refusals: int) -> None:
        super().__init__()
        self.refusals = refusals

    async def transaction(self, work):  # type: ignore[no-untyped-def]
        if self.refusals:
            self.refusals -= 1
            raise ConnectionError
        return await super().transaction(work)


async def test_a_job_for_each_list_is_there_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """After as many tries as it takes; a second server moves it, and remembers since when it is followed."""
    monkeypatch.setattr(list_watch, "_AGAIN_AFTER_SECONDS", 0)
    memory, clock = StoreThatWakesUp(2), StoppedClock()
    store: Store = memory
    await ListWatch(store, clock, FOLLOWED).run()
    first = set(memory.tables.jobs.values())
    assert {(job.kind, job.merchant_id, job.gateway) for job in first} == {
        (JobKind.FOLLOW_PAYOUTS, DEFAULT_MERCHANT, "a"),
        (JobKind.FOLLOW_DISPUTES, DEFAULT_MERCHANT, "a"),
        (JobKind.FOLLOW_DISPUTES, DEFAULT_MERCHANT, "b"),
    }
    await ListWatch(store, clock, FOLLOWED).run()
    assert set(memory.tables.jobs.values()) == first


async def test_what_any_merchant_has_saved_is_followed() -> None:
    """It may have been saved before there was anything to follow; a gateway without lists has no job."""
    store = MemoryStore()
    for number, (merchant_id, gateway) in enumerate((("shop", "b"), ("shop", "c"))):
        config = PaymentConfig(number, merchant_id, gateway, version=1, enabled=True, created_at=NOON, updated_at=NOON)
        store.tables.payment_configs[merchant_id, gateway] = config
    await ListWatch(store, StoppedClock(), FOLLOWED).run()
    jobs = [(job.kind, job.gateway) for job in store.tables.jobs.values() if job.merchant_id == "shop"]
    assert jobs == [(JobKind.FOLLOW_DISPUTES, "b")]
