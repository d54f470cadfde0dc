"""Which SQLite library runs the embedded database, and which journal is safe with it."""

import importlib
from dataclasses import dataclass
from types import ModuleType

# Releases 3.7.0 to 3.51.2 can lose commits when two connections use a write-ahead log and one of them resets it
# (https://sqlite.org/wal.html#walresetbug); these patch releases carry the correction too.
_WAL_APPEARED = (3, 7, 0)
_WAL_CORRECTED = (3, 51, 3)
_WAL_CORRECTED_PATCHES = ((3, 44, 6), (3, 50, 7))

# Python's own library is as old as its build; this package brings one that is current. One process must never open a
# file through both: file locks are the process's, so that the two would not see each other's and corrupt the file.
_PREFERRED_MODULE = "pysqlite3.dbapi2"
_BUNDLED_MODULE = "sqlite3.dbapi2"


@dataclass(frozen=True, slots=True)
class SqliteLibrary:
    """A DB-API module with the version of the SQLite library inside it."""

    dbapi: ModuleType
    version: tuple[int, int, int]

    @property
    def wal_is_safe(self) -> bool:
        """Whether several connections may share a write-ahead log without losing commits."""
        return wal_is_safe(self.version)

    @property
    def journal_mode(self) -> str:
        """WAL, or the rollback journal, which the defect does not concern: readers and the writer then take turns."""
        return "WAL" if self.wal_is_safe else "TRUNCATE"


def wal_is_safe(version: tuple[int, int, int]) -> bool:
    """Whether this SQLite release resets its write-ahead log correctly."""
    if version >= _WAL_CORRECTED or version < _WAL_APPEARED:
        return version >= _WAL_CORRECTED
    return any(version[:2] == patch[:2] and version >= patch for patch in _WAL_CORRECTED_PATCHES)


def find_sqlite_library() -> SqliteLibrary:
    """The current library where its package is installed, else the one that Python was built with."""
    try:
        dbapi = importlib.import_module(_PREFERRED_MODULE)
    except ImportError:
        dbapi = importlib.import_module(_BUNDLED_MODULE)
    major, minor, patch = dbapi.sqlite_version_info
    return SqliteLibrary(dbapi, (major, minor, patch))
