"""Time that a test lets pass over what is in memory, with the work that falls due in it."""

from datetime import timedelta
from typing import Protocol

from server.work.worker import Worker
from tests.clock_and_ids import StoppedClock
from tests.memory import Tables

_MOST_ROUNDS = 400


class World(Protocol):
    """A service in memory. Each transaction makes its tables anew."""

    clock: StoppedClock
    worker: Worker

    @property
    def tables(self) -> Tables: ...


async def pass_time(world: World, time: timedelta) -> None:
    """What falls due is done when it does; fails where that never comes to an end."""
    end = world.clock.now() + time
    for _ in range(_MOST_ROUNDS):
        due = min((job.due_at for job in world.tables.jobs.values()), default=end)
        if due >= end:
            world.clock.move_to(end)
            return
        world.clock.move_to(due)
        await world.worker.run_due()
    raise AssertionError("the background does not come to rest")
