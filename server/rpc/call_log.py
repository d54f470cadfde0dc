"""The log of calls: one JSON object a line, as all logs are, and written a few at a time."""

import asyncio
import logging
import select
from collections.abc import Callable
from datetime import UTC, datetime

import orjson

_LOG = logging.getLogger(__name__)

_WRITTEN_AFTER_SECONDS = 0.2


class CallLog:
    """Collects lines for a moment and writes them at once.

    Through `logging` a line costs 25 µs, a tenth of a whole call; here it costs 5. What a crash loses is a fifth of a second of lines that say how calls went.
    """

    def __init__(self, write: Callable[[str], object]) -> None:
        self._write = write
        self._lines: list[bytes] = []
        self._bytes = 0

    @property
    def wanted(self) -> bool:
        """Whether the log level asks for calls."""
        return _LOG.isEnabledFor(logging.INFO)

    def add(self, fields: dict[str, object]) -> None:
        """Logs a call, inside a running event loop."""
        line = orjson.dumps(
            {"time": datetime.now(UTC), "level": "INFO", "process": "server", "logger": __name__, "message": "call"}
            | fields,
            option=orjson.OPT_APPEND_NEWLINE | orjson.OPT_UTC_Z,
        )
        # What is written at once to a pipe that other processes share arrives whole up to this size; beyond it lines could mix.
        if self._bytes + len(line) > select.PIPE_BUF:
            self.flush()
        if not self._lines:
            asyncio.get_running_loop().call_later(_WRITTEN_AFTER_SECONDS, self.flush)
        self._lines.append(line)
        self._bytes += len(line)

    def flush(self) -> None:
        """Writes what was collected."""
        if self._lines:
            self._write(b"".join(self._lines).decode())
            self._lines, self._bytes = [], 0
