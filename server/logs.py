"""Logs: one JSON object a line on standard error."""

import json
import logging
from datetime import UTC, datetime
from traceback import extract_tb

ROOMS = ("server", "gateways", "http_bridge", "sandbox", "codec")

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


def log_to_stderr(level: str, process: str) -> None:
    """Sends every log of this process to standard error. Libraries speak only from warnings on: their debug logs show requests."""
    handler = logging.StreamHandler()
    handler.setFormatter(_JsonLines(process))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    for room in ROOMS:
        logging.getLogger(room).setLevel(level)


def trace_of(error: BaseException) -> list[dict[str, object]]:
    """Where an error and its causes happened, and of what kinds they are. Their texts are left out: libraries quote in them what they were given, card numbers included."""
    trace: list[dict[str, object]] = []
    cause: BaseException | None = error
    while cause is not None:
        frames = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in extract_tb(cause.__traceback__)]
        trace.append({"error": f"{type(cause).__module__}.{type(cause).__qualname__}", "frames": frames})
        cause = cause.__cause__ or cause.__context__
    return trace


class _JsonLines(logging.Formatter):
    """A record's time, level, logger and message, its extra fields, and the trace of its error."""

    def __init__(self, process: str) -> None:
        super().__init__()
        self._process = process

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": f"{datetime.fromtimestamp(record.created, UTC):%Y-%m-%dT%H:%M:%S.%fZ}",
            "level": record.levelname,
            "process": self._process,
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= {key: value for key, value in vars(record).items() if key not in _STANDARD}
        if record.exc_info and record.exc_info[1] is not None:
            line["trace"] = trace_of(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False, default=str, separators=(",", ":"))
