"""What a gateway does later is done once, in its turn, whatever happens to others."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.jobs import Jobs
from sandbox.state.database import Database


@pytest.fixture
def database() -> Iterator[Database]:
    opened = Database(Path(":memory:"))
    yield opened
    opened.close()


async def test_jobs_run_when_due_and_once(database: Database) -> None:
    """In the order of their times, not before."""
    now = [100.0]
    jobs = Jobs(database, lambda: now[0])
    done: list[str] = []
    handlers = {"stripe": lambda owner, name, subject: done.append(f"{owner} {name} {subject}")}
    jobs.schedule("stripe", "acct", "second", "x", 2.0)
    jobs.schedule("stripe", "acct", "first", "y", 1.0)
    assert jobs.run_due(handlers) == 0
    now[0] += 2
    assert jobs.run_due(handlers) == 2
    assert jobs.run_due(handlers) == 0
    assert done == ["acct first y", "acct second x"]


async def test_a_broken_job_stops_no_other(database: Database, caplog: pytest.LogCaptureFixture) -> None:
    """It is logged, undone and dropped."""
    jobs = Jobs(database, lambda: 100.0)
    done: list[str] = []

    def handle(_: str, name: str, subject: str) -> None:
        jobs.schedule("stripe", "acct", "echo", subject, 50.0)
        if name == "break":
            raise RuntimeError("broken")
        done.append(name)

    jobs.schedule("stripe", "acct", "break", "x", 0.0)
    jobs.schedule("stripe", "acct", "work", "y", 0.0)
    assert jobs.run_due({"stripe": handle}) == 2
    assert done == ["work"]
    assert "break" in caplog.text
    assert database.execute("SELECT subject FROM jobs").fetchall() == [("y",)]
