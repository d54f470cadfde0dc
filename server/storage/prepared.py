"""A Core statement turned into the driver's SQL once: what SQLAlchemy does again at each execution costs more than SQLite."""

from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeEngine

Record = Any
"""A row as a named tuple, its values processed as their columns' types say."""

_Processor = Callable[[Any], Any] | None


@dataclass(frozen=True, slots=True)
class DriverStatement:
    """SQL as one driver takes it, with what its parameters and its rows go through."""

    sql: str
    _slots: tuple[tuple[str, _Processor], ...]
    _fixed: Mapping[str, object]
    _converted: tuple[tuple[int, Callable[[Any], Any]], ...]
    _record: Callable[[Sequence[object]], Record] | None

    def bind(self, parameters: Mapping[str, object]) -> tuple[object, ...]:
        """The driver's parameters, in their order."""
        given = {**self._fixed, **parameters} if self._fixed else parameters
        return tuple([given[name] if process is None else process(given[name]) for name, process in self._slots])

    def record(self, row: Sequence[object]) -> Record:
        """The driver's row as a record."""
        assert self._record is not None, "only a SELECT gives rows"
        values = list(row)
        # Most columns are as the driver gives them; rows are read often enough for that to count.
        for place, process in self._converted:
            if values[place] is not None:
                values[place] = process(values[place])
        return self._record(values)


Statement = sa.Select[*tuple[Any, ...]] | sa.Insert | sa.Update | sa.Delete


class Prepared:
    """A statement, or one for each dialect, whose parameters are all `bindparam`s or columns; made once, executed often."""

    __slots__ = ("_by_dialect", "_statement")

    def __init__(self, statement: Statement | Mapping[str, Statement]) -> None:
        self._statement = statement
        self._by_dialect: dict[str, DriverStatement] = {}

    def on(self, dialect: Dialect) -> DriverStatement:
        """The statement as this dialect's driver takes it."""
        known = self._by_dialect.get(dialect.name)
        if known is None:
            statement = self._statement[dialect.name] if isinstance(self._statement, Mapping) else self._statement
            known = self._by_dialect[dialect.name] = _compile(statement, dialect)
        return known


def _compile(statement: Statement, dialect: Dialect) -> DriverStatement:
    compiled = statement.compile(dialect=dialect)
    assert isinstance(compiled, SQLCompiler)
    assert compiled.positiontup is not None, "the dialect's parameters must be positional"
    binds = compiled.binds
    slots = tuple(
        (name, _implementation(binds[name].type, dialect).bind_processor(dialect)) for name in compiled.positiontup
    )
    fixed = {name: binds[name].value for name, _ in slots if not binds[name].required}
    if not isinstance(statement, sa.Select):
        return DriverStatement(compiled.string, slots, fixed, (), None)
    columns = statement.selected_columns
    results = [_implementation(column.type, dialect).result_processor(dialect, None) for column in columns]
    converted = tuple((place, process) for place, process in enumerate(results) if process is not None)
    record = namedtuple("record", columns.keys())  # type: ignore[misc]  # noqa: PYI024 - the columns name the fields
    return DriverStatement(compiled.string, slots, fixed, converted, record._make)


def _implementation(kind: TypeEngine[Any], dialect: Dialect) -> TypeEngine[Any]:
    return kind.dialect_impl(dialect)
