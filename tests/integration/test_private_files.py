"""Whoever shares the machine reads nothing of what a command writes, not even in a directory that somebody else made."""

import base64
import stat
import subprocess
import sys
from pathlib import Path


def test_a_database_in_a_shared_directory_is_its_owners_alone(tmp_path: Path) -> None:
    """A data directory made beforehand, as packages and containers do, can be open to all; the database in it holds customers' addresses and is not."""
    tmp_path.chmod(0o755)
    environment = {"SYCEE_DATA_DIR": str(tmp_path), "SYCEE_HASH_KEY": base64.b64encode(bytes(32)).decode()}

    subprocess.run(
        [sys.executable, "-c", "import sys; from server.cli import main; sys.exit(main())", "migrate"],
        env=environment,
        umask=0o022,
        check=True,
        capture_output=True,
    )

    open_to_others = [path.name for path in tmp_path.iterdir() if stat.S_IMODE(path.stat().st_mode) & 0o077]
    assert open_to_others == []
    assert (tmp_path / "sycee.db").exists()
