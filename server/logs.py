"""Logs: one JSON object a line on standard error."""

import json
import logging
import sys
import threading
from datetime import UTC, datetime
from traceback import extract_tb
from types import TracebackType

ROOMS = ("server", "gateways", "http_bridge", "sandbox", "codec")

_LOG = logging.getLogger(__name__)

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


def log_to_stderr(level: str, process: str) -> None:
    """Sends every log of this process to standard error. Libraries speak only from warnings on: their debug logs show requests."""
    handler = logging.StreamHandler()
    handler.setFormatter(_JsonLines(process))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    for room in ROOMS:
        logging.getLogger(room).setLevel(level)
    # What nobody caught is written by Python itself otherwise, as plain text and with the error's own.
    sys.excepthook = _uncaught
    sys.unraisablehook = lambda lost: _tell("an error that could not be raised", lost.exc_value)
    threading.excepthook = _uncaught_in_thread


def trace_of(error: BaseException) -> list[dict[str, object]]:
    """Where an error and its causes happened, and of what kinds they are. Their texts are left out: libraries quote in them what they were given, card numbers included."""
    trace: list[dict[str, object]] = []
    cause: BaseException | None = error
    while cause is not None:
        frames = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in extract_tb(cause.__traceback__)]
        trace.append({"error": f"{type(cause).__module__}.{type(cause).__qualname__}", "frames": frames})
        cause = cause.__cause__ or cause.__context__
    return trace


def _tell(what: str, error: BaseException | None) -> None:
    _LOG.critical(what, extra={"trace": [] if error is None else trace_of(error)})


def _uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
    else:
        _tell("the process ends by an error that nobody caught", error)


def _uncaught_in_thread(ended: threading.ExceptHookArgs) -> None:
    if not issubclass(ended.exc_type, SystemExit):
        _tell("a thread ended by an error that nobody caught", ended.exc_value)


class _JsonLines(logging.Formatter):
    """A record's time, level, logger and message, its extra fields, and the trace of its error."""

    def __init__(self, process: str) -> None:
        super().__init__()
        self._process = process

    def format(self, record: logging.LogRecord) -> str:
        message = record.getMessage()
        if record.exc_info:
            # Libraries have the error's text behind the first line: asyncio, for one, shows the task that failed with what it raised.
            message = message.partition("\n")[0]
        line: dict[str, object] = {
            "time": f"{datetime.fromtimestamp(record.created, UTC):%Y-%m-%dT%H:%M:%S.%fZ}",
            "level": record.levelname,
            "process": self._process,
            "logger": record.name,
            "message": message,
        }
        line |= {key: value for key, value in vars(record).items() if key not in _STANDARD}
        if record.exc_info and record.exc_info[1] is not None:
            line["trace"] = trace_of(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False, default=str, separators=(",", ":"))
