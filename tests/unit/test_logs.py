"""Logs: what happened and where, and never the text of an error that somebody else wrote."""

import asyncio
import gc
import io
import json
import logging
import sys
import threading
from collections.abc import Iterator

import pytest

from server.logs import ROOMS, log_to_stderr, trace_of

CARD = "4242424242424242"


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What a process writes once its logs go to standard error; the loggers are afterwards as they were."""
    text = io.StringIO()
    monkeypatch.setattr("sys.stderr", text)
    for hook in ("sys.excepthook", "sys.unraisablehook", "threading.excepthook"):
        # So that they are put back.
        monkeypatch.setattr(hook, None)
    loggers = [logging.getLogger(), *(logging.getLogger(room) for room in ROOMS)]
    before = [(logger, logger.level, logger.handlers) for logger in loggers]
    loggers[0].handlers = []
    log_to_stderr("INFO", "server")
    yield text
    for logger, level, handlers in before:
        logger.setLevel(level)
        logger.handlers = handlers


def refused_by_a_library() -> None:
    """As libraries do: what they were given is in the error's text, and in that of its cause."""
    try:
        int(f"row ({CARD})")
    except ValueError as cause:
        raise LookupError(f"Failing row contains ({CARD})") from cause


@pytest.fixture
def failed() -> Exception:
    """A library's error."""
    with pytest.raises(LookupError) as raised:
        refused_by_a_library()
    return raised.value


def test_a_trace_names_errors_and_places_without_their_texts(failed: Exception) -> None:
    """The error and what caused it, each with its kind and its frames."""
    first, cause = trace_of(failed)
    assert (first["error"], cause["error"]) == ("builtins.LookupError", "builtins.ValueError")
    assert "refused_by_a_library" in str(first["frames"])
    assert CARD not in str((first, cause))


def test_a_logged_error_keeps_its_text_to_itself(written: io.StringIO, failed: Exception) -> None:
    """However an error is logged, the line holds where it happened and no value."""
    logging.getLogger("server.anything").error("a job failed", exc_info=failed)
    line = json.loads(written.getvalue())
    assert (line["message"], line["process"], line["level"]) == ("a job failed", "server", "ERROR")
    assert [cause["error"] for cause in line["trace"]] == ["builtins.LookupError", "builtins.ValueError"]
    assert CARD not in written.getvalue()


def test_a_task_whose_error_nobody_asks_for_keeps_its_text_to_itself(written: io.StringIO) -> None:
    """Asyncio shows the whole task, and with it what it raised."""

    async def refused() -> None:
        refused_by_a_library()

    async def main() -> None:
        asyncio.get_running_loop().create_task(refused(), name="lost")
        await asyncio.sleep(0)

    asyncio.run(main())
    gc.collect()
    line = json.loads(written.getvalue())
    assert (line["logger"], line["message"]) == ("asyncio", "Task exception was never retrieved")
    assert "refused_by_a_library" in str(line["trace"])
    assert CARD not in written.getvalue()


def test_what_nobody_caught_keeps_its_text_to_itself(written: io.StringIO, failed: Exception) -> None:
    """The end of a process, of a thread, and what is raised where nothing can be: one line each, as all logs are."""
    sys.excepthook(type(failed), failed, failed.__traceback__)
    thread = threading.Thread(target=refused_by_a_library)
    thread.start()
    thread.join()
    _Broken()
    lines = [json.loads(line) for line in written.getvalue().splitlines()]
    assert [line["level"] for line in lines] == ["CRITICAL"] * 3
    assert all("refused_by_a_library" in str(line["trace"]) for line in lines)
    assert CARD not in written.getvalue()


class _Broken:
    """Fails where nobody can be told."""

    def __del__(self) -> None:
        refused_by_a_library()
