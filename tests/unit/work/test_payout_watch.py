"""Following payouts begins with a server, however long its database takes."""

import pytest

from server.domain.access import DEFAULT_MERCHANT
from server.domain.jobs import JobKind
from server.domain.ports import Store
from server.work import payout_watch
from server.work.payout_watch import PayoutWatch
from tests.clock_and_ids import StoppedClock
from tests.memory import MemoryStore


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


async def test_a_job_for_each_gateway_is_there_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """After as many tries as it takes; a second server moves it, and remembers since when it is followed."""
    monkeypatch.setattr(payout_watch, "_AGAIN_AFTER_SECONDS", 0)
    memory, clock = StoreThatWakesUp(2), StoppedClock()
    store: Store = memory
    await PayoutWatch(store, clock, {"b", "a"}).run()
    first = set(memory.tables.jobs.values())
    assert {(job.kind, job.merchant_id, job.gateway) for job in first} == {
        (JobKind.FOLLOW_PAYOUTS, DEFAULT_MERCHANT, gateway) for gateway in ("a", "b")
    }
    await PayoutWatch(store, clock, {"b", "a"}).run()
    assert set(memory.tables.jobs.values()) == first
