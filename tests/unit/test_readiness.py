"""The server says that it is ready only while its database answers and has room."""

import logging
from pathlib import Path
from typing import NamedTuple

import pytest

from server.readiness import Readiness


class Usage(NamedTuple):
    """A disk, as the operating system describes it."""

    total: int
    used: int
    free: int


class Told:
    """What was told, in order; and a database that answers as the test says."""

    def __init__(self, *answers: bool | Exception) -> None:
        self.ready: list[bool] = []
        self._answers = list(answers)

    async def tell(self, ready: bool) -> None:
        self.ready.append(ready)

    async def look(self) -> bool:
        answer = self._answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


async def test_only_changes_are_told(caplog: pytest.LogCaptureFixture) -> None:
    """Ready, still ready, gone, still gone, back; each change after the first is logged once."""
    told = Told(True, True, OSError("no connection"), False, True)
    readiness = Readiness(told.look, told.tell, own_disk=None)
    with caplog.at_level(logging.WARNING):
        assert [await readiness.look() for _ in range(5)] == [True, True, False, False, True]
    assert told.ready == [True, False, True]
    assert len(caplog.records) == 2


async def test_a_database_that_is_behind_is_not_ready() -> None:
    """From the first look on."""
    told = Told(False)
    assert not await Readiness(told.look, told.tell, own_disk=None).look()
    assert told.ready == [False]


async def test_a_full_disk_is_not_ready(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Payments could not be recorded; the database is not even asked."""
    monkeypatch.setattr("server.readiness.shutil.disk_usage", lambda _path: Usage(1, 1, 0))
    told = Told()
    assert not await Readiness(told.look, told.tell, own_disk=tmp_path).look()
    assert told.ready == [False]
