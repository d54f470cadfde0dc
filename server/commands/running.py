"""The development service that runs in a data directory: how other commands and tools find it, and what they need to know to use it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

DEV_FILE = "dev.json"
"""In the data directory while a development service runs there: how to use it."""


@dataclass(frozen=True, slots=True)
class Development:
    """Where a development service is and how to use it: the content of dev.json."""

    grpc: str
    http: str
    sandbox: str
    secret_key: str = field(repr=False)
    restricted_key: str = field(repr=False)
    admin_token: str = field(repr=False)
    user_token: str = field(repr=False)
    jwt_secret: str = field(repr=False)
    pid: int = 0


class NotRunning(Exception):
    """There is no development service here."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"There is no {path}: start `sycee dev` first, or set SYCEE_DATA_DIR to where it keeps its things."
        )


def data_dir_of(environment: Mapping[str, str]) -> Path:
    """Where a development service keeps its things."""
    return Path(environment.get("SYCEE_DATA_DIR") or ".sycee")


def running_service(environment: Mapping[str, str]) -> Development:
    """How to use it. Raises NotRunning."""
    path = data_dir_of(environment) / DEV_FILE
    try:
        return Development(**json.loads(path.read_text()))
    except FileNotFoundError:
        raise NotRunning(path) from None
