"""The sandbox's one SQLite connection: what a reply promises is written before the reply is sent."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_SCHEMA = """
CREATE TABLE IF NOT EXISTS documents (
    seq INTEGER PRIMARY KEY,
    owner TEXT NOT NULL,
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    created INTEGER NOT NULL,
    body TEXT NOT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS documents_id ON documents (id);
CREATE INDEX IF NOT EXISTS documents_page ON documents (owner, kind, created, seq);
CREATE TABLE IF NOT EXISTS replies (
    owner TEXT NOT NULL,
    key TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    created REAL NOT NULL,
    request_id TEXT NOT NULL,
    status INTEGER NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (owner, key)
);
CREATE INDEX IF NOT EXISTS replies_age ON replies (owner, created);
CREATE TABLE IF NOT EXISTS jobs (
    seq INTEGER PRIMARY KEY,
    due_at REAL NOT NULL,
    gateway TEXT NOT NULL,
    owner TEXT NOT NULL,
    name TEXT NOT NULL,
    subject TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS jobs_due ON jobs (due_at);
CREATE TABLE IF NOT EXISTS callbacks (
    seq INTEGER PRIMARY KEY,
    gateway TEXT NOT NULL,
    owner TEXT NOT NULL,
    subject TEXT NOT NULL,
    due_at REAL NOT NULL,
    attempt INTEGER NOT NULL,
    held INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS callbacks_due ON callbacks (owner, held, due_at);
CREATE TABLE IF NOT EXISTS switches (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""


_VERSION = 1
"""Of the tables above and of the documents in them; to be raised when either changes."""


class StateInUse(Exception):
    """Another sandbox is running on the same file."""


class StateOfAnotherVersion(Exception):
    """The file was written by another version of the sandbox; it holds nothing but simulated money: delete it."""


class Database:
    """One connection used from one thread.

    WAL with `synchronous=NORMAL` loses nothing when the process is killed at any moment; after a power cut the last
    replies may be missing, which is acceptable for simulated money. The exclusive lock keeps a second sandbox off the
    same file and makes this the file's only connection.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._connection = sqlite3.connect(path, isolation_level=None, timeout=1.0)
        try:
            self._prepare(path)
        except sqlite3.OperationalError as error:
            self.close()
            raise StateInUse(path) from error
        except StateOfAnotherVersion:
            self.close()
            raise

    def _prepare(self, path: Path) -> None:
        for pragma in ("locking_mode=EXCLUSIVE", "journal_mode=WAL", "synchronous=NORMAL", "wal_autocheckpoint=4000"):
            self._connection.execute(f"PRAGMA {pragma}")
        version = self._connection.execute("PRAGMA user_version").fetchone()[0]
        if version not in (0, _VERSION):
            raise StateOfAnotherVersion(path)
        self._connection.executescript(f"{_SCHEMA} PRAGMA user_version = {_VERSION};")

    def execute(self, sql: str, values: tuple[object, ...] = ()) -> sqlite3.Cursor:
        return self._connection.execute(sql, values)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All of the block or nothing of it; never awaits, so calls cannot interleave inside one."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    @contextmanager
    def part(self) -> Iterator[None]:
        """A part of a transaction that can be undone by itself."""
        self._connection.execute("SAVEPOINT part")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK TO part")
            self._connection.execute("RELEASE part")
            raise
        self._connection.execute("RELEASE part")

    def close(self) -> None:
        self._connection.close()
