"""Finds the development service that runs in a data directory."""

import json
from collections.abc import Mapping
from pathlib import Path

from server.commands.dev import DEV_FILE, Development


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
