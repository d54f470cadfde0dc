"""Turns drivers' exceptions into storage's, at the one place where SQLAlchemy reports every failed statement."""

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import ExceptionContext

from server.storage.constraints import ConstraintNames
from server.storage.errors import (
    ConstraintViolated,
    DiskFull,
    StorageError,
    StorageUnavailable,
    TryAgain,
    UniqueViolation,
)

# Key in `connection.info`: the failure of a statement of the transaction that runs.
FAILED = "sycee_failed_statement"

_SQLITE_BUSY, _SQLITE_LOCKED = 5, 6
_SQLITE_FULL = 13
_SQLITE_NO_FAULT_OF_THE_STATEMENT = (7, 10, 11, 14, 26)  # NOMEM, IOERR, CORRUPT, CANTOPEN, NOTADB
# serialization_failure, deadlock_detected
_POSTGRES_TRY_AGAIN = ("40001", "40P01")
_POSTGRES_LOCK_NOT_AVAILABLE = "55P03"
_POSTGRES_UNIQUE_VIOLATION = "23505"
_POSTGRES_DISK_FULL = "53100"
# connection, insufficient resources, operator intervention, system error
_POSTGRES_UNAVAILABLE_CLASSES = ("08", "53", "57", "58")

_UNIQUE_PREFIX = "UNIQUE constraint failed: "
_CONSTRAINT_FAILED = " constraint failed"


def translate_errors(core: sa.Engine, names: ConstraintNames) -> None:
    """Make every statement on `core` raise StorageError instead of the driver's or SQLAlchemy's exception."""

    @event.listens_for(core, "handle_error")
    def translate(context: ExceptionContext) -> None:
        lost = context.is_disconnect or context.connection is None
        error = storage_error(context.original_exception, names, lost=lost)
        if error is None:
            return
        if context.connection is not None and not lost:
            context.connection.info[FAILED] = error
        raise error from context.original_exception


def storage_error(error: BaseException, names: ConstraintNames, *, lost: bool = False) -> StorageError | None:
    """What a driver's exception means; None when it is no word from a database. `lost`: the connection is gone."""
    if (sqlstate := getattr(error, "sqlstate", None)) is not None:
        return _from_postgres(str(sqlstate), error)
    if (code := getattr(error, "sqlite_errorcode", None)) is not None:
        return _from_sqlite(int(code) & 0xFF, str(error), names)
    if lost:
        return StorageUnavailable("no connection to the database")
    return None


def _from_postgres(sqlstate: str, error: BaseException) -> StorageError:
    constraint = getattr(getattr(error, "diag", None), "constraint_name", None) or ""
    if sqlstate in _POSTGRES_TRY_AGAIN:
        return TryAgain(f"sqlstate {sqlstate}")
    if sqlstate == _POSTGRES_UNIQUE_VIOLATION:
        return UniqueViolation(constraint)
    if sqlstate == _POSTGRES_DISK_FULL:
        return DiskFull("the disk is full")
    if sqlstate.startswith("23"):
        return ConstraintViolated(f"sqlstate {sqlstate}", constraint)
    if sqlstate == _POSTGRES_LOCK_NOT_AVAILABLE or sqlstate.startswith(_POSTGRES_UNAVAILABLE_CLASSES):
        return StorageUnavailable(f"sqlstate {sqlstate}")
    return StorageError(f"sqlstate {sqlstate}")


def _from_sqlite(code: int, message: str, names: ConstraintNames) -> StorageError:
    if code in (_SQLITE_BUSY, _SQLITE_LOCKED):
        return TryAgain(f"SQLite result {code}")
    if code == _SQLITE_FULL:
        return DiskFull("the disk is full")
    if code in _SQLITE_NO_FAULT_OF_THE_STATEMENT:
        return StorageUnavailable(f"SQLite result {code}")
    if message.startswith(_UNIQUE_PREFIX):
        return UniqueViolation(names.unique(message.removeprefix(_UNIQUE_PREFIX)))
    if _CONSTRAINT_FAILED in message:
        kind, _, constraint = message.partition(_CONSTRAINT_FAILED)
        return ConstraintViolated(kind, constraint.removeprefix(": "))
    return StorageError(f"SQLite result {code}: {message}")
