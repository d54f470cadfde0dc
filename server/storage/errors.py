"""What storage raises in the way of a request, so that no caller ever sees a driver's exception."""

from server.domain import ports


class StorageError(Exception):
    """Anything that went wrong in the database; its message names no value of any row."""


class ConstraintViolated(StorageError):
    """The database refused a row. `constraint` is its name in the schema, empty where the database tells none."""

    def __init__(self, kind: str, constraint: str = "") -> None:
        super().__init__(f"{kind} violated: {constraint or 'unnamed'}")
        self.constraint = constraint


class UniqueViolation(ConstraintViolated, ports.UniqueViolation):
    """A row with the same key exists. `constraint` is the index's or constraint's name, the same on both databases."""

    def __init__(self, constraint: str) -> None:
        super().__init__("unique", constraint)


class TryAgain(StorageError):
    """The database asks for the whole transaction again (40001, 40P01, SQLITE_BUSY); engines repeat it themselves."""


class StorageUnavailable(StorageError):
    """Nothing was committed: no connection, no space, or contention that did not end within the retries."""


class DiskFull(StorageUnavailable):
    """Nothing was committed: the disk has no room for the transaction."""


class GroupLost(StorageUnavailable):
    """Nothing was committed: SQLite gave up the transaction that this one shared with others."""


class StoreOverloaded(StorageUnavailable):
    """Nothing was committed: more transactions wait than the store takes."""


class StoreClosed(StorageUnavailable):
    """Nothing was committed: the store is closing or closed."""


class CommitOutcomeUnknown(StorageError):
    """The answer to COMMIT was lost. The transaction may be there or not: look it up, never repeat it blindly."""


class NotMigrated(StorageError):
    """The database's schema is older or newer than this code."""
