"""Logs: one JSON object a line on standard error."""

import json
import logging
from datetime import UTC, datetime

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


def log_to_stderr(level: str, process: str) -> None:
    """Sends every log of this process to standard error. Libraries speak only from warnings on: their debug logs show requests."""
    handler = logging.StreamHandler()
    handler.setFormatter(_JsonLines(process))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    for room in ("server", "gateways", "http_bridge", "sandbox", "codec"):
        logging.getLogger(room).setLevel(level)


class _JsonLines(logging.Formatter):
    """A record's time, level, logger and message, its extra fields, and a traceback without values."""

    def __init__(self, process: str) -> None:
        super().__init__()
        self._process = process

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "process": self._process,
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= {key: value for key, value in vars(record).items() if key not in _STANDARD}
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)
