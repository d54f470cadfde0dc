"""Keeps a second server out of a data directory: two would take each other's socket away."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from server.settings import PREFIX, SettingsError

_FILE = "server.lock"


@contextmanager
def alone_in(data_dir: Path) -> Iterator[None]:
    """Holds the directory while the block runs; the kernel lets go of it however this process ends. Raises SettingsError while another one holds it."""
    with (data_dir / _FILE).open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SettingsError(
                [f"{PREFIX}DATA_DIR {data_dir} is in use by another server: stop that one, or name another directory"]
            ) from None
        yield
