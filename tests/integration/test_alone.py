"""One server at a time uses a data directory."""

from pathlib import Path

import pytest

from server.processes.alone import alone_in
from server.settings import SettingsError


def test_a_second_server_is_kept_out(tmp_path: Path) -> None:
    """It says which directory is taken, and leaves the first one's files alone."""
    with alone_in(tmp_path), pytest.raises(SettingsError, match="is in use by another server"), alone_in(tmp_path):
        pytest.fail("two servers in one directory")


def test_the_directory_is_free_again(tmp_path: Path) -> None:
    """However its server ended."""
    for _ in range(2):
        with alone_in(tmp_path):
            pass
