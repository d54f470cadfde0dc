"""What the simulated gateways do later by themselves, such as settling a pending refund."""

import asyncio
import logging
from collections.abc import Callable, Mapping

from sandbox.state.database import Database

JobHandler = Callable[[str, str, str], None]
"""Runs one job, inside the transaction that removes it: owner, name, subject."""

_BATCH = 10
_IDLE_SECONDS = 30.0
_log = logging.getLogger(__name__)


class Jobs:
    """Due jobs, run one after another in the order of their due times; a job is gone once it has run."""

    def __init__(self, database: Database, clock: Callable[[], float]) -> None:
        self._database = database
        self._clock = clock
        self._wake = asyncio.Event()

    def schedule(self, gateway: str, owner: str, name: str, subject: str, delay_seconds: float) -> None:
        self._database.execute(
            "INSERT INTO jobs (due_at, gateway, owner, name, subject) VALUES (?, ?, ?, ?, ?)",
            (self._clock() + delay_seconds, gateway, owner, name, subject),
        )
        self._wake.set()

    async def run(self, handlers: Mapping[str, JobHandler]) -> None:
        """Works until cancelled."""
        while True:
            self._wake.clear()
            if not self.run_due(handlers):
                await self._sleep()
            else:
                await asyncio.sleep(0)

    def run_due(self, handlers: Mapping[str, JobHandler]) -> int:
        """Runs the jobs that are due now, and returns how many there were."""
        rows = self._database.execute(
            "SELECT seq, gateway, owner, name, subject FROM jobs WHERE due_at <= ? ORDER BY due_at, seq LIMIT ?",
            (self._clock(), _BATCH),
        ).fetchall()
        if rows:
            with self._database.transaction():
                for seq, gateway, owner, name, subject in rows:
                    self._database.execute("DELETE FROM jobs WHERE seq = ?", (seq,))
                    self._run_one(handlers[gateway], owner, name, subject)
        return len(rows)

    def _run_one(self, handler: JobHandler, owner: str, name: str, subject: str) -> None:
        try:
            with self._database.part():
                handler(owner, name, subject)
        except Exception:  # noqa: BLE001 - one broken job must not stop the others, nor be tried for ever
            _log.exception("the job %s failed", name)

    async def _sleep(self) -> None:
        row = self._database.execute("SELECT MIN(due_at) FROM jobs").fetchone()
        wait = _IDLE_SECONDS if row[0] is None else min(_IDLE_SECONDS, max(0.0, row[0] - self._clock()))
        try:
            await asyncio.wait_for(self._wake.wait(), wait)
        except TimeoutError:
            return
