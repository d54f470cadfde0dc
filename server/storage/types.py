"""How the domain's values stand in columns, the same in Python on both databases."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECONDS = 1_000_000


class Id(TypeDecorator[UUID]):
    """A UUID: 16 bytes on SQLite, where text costs twice the space in every index, and `uuid` on PostgreSQL.

    Both sort as the UUIDs do, so that UUIDv7 stand in the order in which they were made.
    """

    impl = sa.Uuid
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(sa.LargeBinary(16) if dialect.name == "sqlite" else sa.Uuid())

    def bind_processor(self, dialect: Dialect) -> Callable[[UUID | None], Any] | None:
        return _uuid_to_bytes if dialect.name == "sqlite" else None

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], UUID | None] | None:
        return _uuid_from_bytes if dialect.name == "sqlite" else None


class Moment(TypeDecorator[datetime]):
    """An aware datetime in UTC as microseconds since 1970: exact, sortable, and free of a session's time zone."""

    impl = sa.BigInteger
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], int | None]:
        return _moment_to_microseconds

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[int | None], datetime | None]:
        return _moment_from_microseconds


class Day(TypeDecorator[date]):
    """A day as `YYYY-MM-DD`, which sorts as days do."""

    impl = sa.Text
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[date | None], str | None]:
        return _day_to_text

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[str | None], date | None]:
        return _day_from_text


class JsonText(TypeDecorator[Mapping[str, Any]]):
    """A JSON object as text: its keys keep their order, which JSONB does not promise and stored requests rely on."""

    impl = sa.Text
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[Mapping[str, Any] | None], str | None]:
        return _json_to_text

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[str | None], Any]:
        return _json_from_text


def _uuid_to_bytes(value: UUID | None) -> bytes | None:
    return None if value is None else value.bytes


def _uuid_from_bytes(value: bytes | None) -> UUID | None:
    return None if value is None else UUID(bytes=value)


def _moment_to_microseconds(value: datetime | None) -> int | None:
    if value is None:
        return None
    since = value - _EPOCH
    return (since.days * 86_400 + since.seconds) * _MICROSECONDS + since.microseconds


def _moment_from_microseconds(value: int | None) -> datetime | None:
    return None if value is None else _EPOCH + timedelta(microseconds=value)


def _day_to_text(value: date | None) -> str | None:
    return None if value is None else value.isoformat()


def _day_from_text(value: str | None) -> date | None:
    return None if value is None else date.fromisoformat(value)


def _json_to_text(value: Mapping[str, Any] | None) -> str | None:
    if value is None:
        return None
    return orjson.dumps(dict(value)).decode() if value else "{}"


def _json_from_text(value: str | None) -> Any:
    return None if value is None else orjson.loads(value)
