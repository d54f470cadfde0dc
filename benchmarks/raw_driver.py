"""The limit of storage: the database's driver by itself, committing the rows of a payment twice, one payment after the other."""

import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from server.storage.sqlite_library import find_sqlite_library

SECONDS = 3.0

Row = dict[str, Any]

# Which columns name things; a copy of a payment has names of its own there.
_NAMES: Mapping[str, Sequence[str]] = {
    "payments": ("id", "reference"),
    "attempts": ("id", "payment_id", "reference"),
    "events": ("id", "object_id"),
    "ledger_postings": ("id", "source_id"),
    "ledger_entries": ("posting_id",),
}


def payments_per_second(database: Path) -> float:
    """Copies the rows of a stored payment under new names: what recording writes, commit, what settling writes, commit.

    Schema, indexes and triggers are the service's own, as are the journal and `synchronous = FULL`.
    """
    library = find_sqlite_library()
    connection = library.dbapi.connect(str(database), isolation_level=None)
    for pragma in (f"journal_mode = {library.journal_mode}", "synchronous = FULL", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {pragma}")
    template = _Template(connection)
    done, started = 0, time.perf_counter()
    while time.perf_counter() - started < SECONDS:
        template.copy()
        done += 1
    elapsed = time.perf_counter() - started
    connection.close()
    return done / elapsed


class _Template:
    """A captured payment's rows, and the statements that write them again."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        payment_id = self._rows("payments", "status = 'succeeded' LIMIT 1")[0]["id"]
        posting_id = self._rows("ledger_postings", "source_id = ?", payment_id)[0]["id"]
        self._payment = self._rows("payments", "id = ?", payment_id)[0]
        self._attempt = self._rows("attempts", "payment_id = ?", payment_id)[0]
        self._events = self._rows("events", "object_id = ? ORDER BY sequence", payment_id)
        self._posting = self._rows("ledger_postings", "id = ?", posting_id)[0]
        self._entries = self._rows("ledger_entries", "posting_id = ?", posting_id)

    def copy(self) -> None:
        """One payment, two commits."""
        names: dict[Any, Any] = {}
        payment, attempt = (
            self._renamed("payments", self._payment, names),
            self._renamed("attempts", self._attempt, names),
        )
        job = {
            "kind": "settle_attempt",
            "id": attempt["id"],
            "merchant_id": "default",
            "due_at": 0,
            "created_at": 0,
            "tries": 0,
        }
        created, *later = (self._renamed("events", event, names) for event in self._events)
        self._connection.execute("BEGIN IMMEDIATE")
        self._insert("payments", payment | {"status": "processing", "captured_minor": 0, "captured_at": None})
        self._insert("attempts", attempt | {"status": "in_flight"})
        self._insert("events", created)
        self._insert("jobs", job)
        self._connection.execute("COMMIT")
        self._connection.execute("BEGIN IMMEDIATE")
        self._update("payments", payment)
        self._update("attempts", attempt)
        for event in later:
            self._insert("events", event)
        self._insert("ledger_postings", self._renamed("ledger_postings", self._posting, names))
        for entry in self._entries:
            self._insert("ledger_entries", self._renamed("ledger_entries", entry, names))
        self._connection.execute("DELETE FROM jobs WHERE kind = ? AND id = ?", ("settle_attempt", job["id"]))
        self._connection.execute("COMMIT")

    def _rows(self, table: str, where: str, *values: object) -> list[Row]:
        cursor = self._connection.execute(f"SELECT * FROM {table} WHERE {where}", values)  # noqa: S608  (names of our own)
        columns = [column[0] for column in cursor.description]
        return [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]

    def _insert(self, table: str, row: Row) -> None:
        places = ", ".join("?" * len(row))
        self._connection.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({places})", tuple(row.values()))  # noqa: S608

    def _update(self, table: str, row: Row) -> None:
        sets = ", ".join(f"{column} = ?" for column in row)
        where = "merchant_id = ? AND id = ?"
        values = (*row.values(), row["merchant_id"], row["id"])
        self._connection.execute(f"UPDATE {table} SET {sets} WHERE {where}", values)  # noqa: S608

    @staticmethod
    def _renamed(table: str, row: Row, names: dict[Any, Any]) -> Row:
        """The row under new names; what had one name before has one name after."""
        return row | {column: names.setdefault(row[column], _another(row[column])) for column in _NAMES[table]}


def _another(name: object) -> object:
    return os.urandom(16) if isinstance(name, bytes) else os.urandom(13).hex()
