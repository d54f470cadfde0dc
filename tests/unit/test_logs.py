"""Logs: what happened and where, and never the text of an error that somebody else wrote."""

import io
import json
import logging
from collections.abc import Iterator

import pytest

from server.logs import ROOMS, log_to_stderr, trace_of

CARD = "4242424242424242"


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What a process writes once its logs go to standard error; the loggers are afterwards as they were."""
    text = io.StringIO()
    monkeypatch.setattr("sys.stderr", text)
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
