"""INSERT ... ON CONFLICT, which both databases have and SQLAlchemy spells once for each."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql, sqlite


class InsertIfAbsent:
    """Inserts a row unless its primary key is taken."""

    def __init__(self, table: sa.Table) -> None:
        self._statements: dict[str, sa.Insert] = {
            "sqlite": sqlite.insert(table).on_conflict_do_nothing(index_elements=table.primary_key),
            "postgresql": postgresql.insert(table).on_conflict_do_nothing(index_elements=table.primary_key),
        }
        for name, statement in self._statements.items():
            # SQLAlchemy forgets an INSERT's row count otherwise.
            self._statements[name] = statement.execution_options(preserve_rowcount=True)

    def execute(self, connection: Connection, row: dict[str, object]) -> bool:
        """Whether the row was inserted."""
        return connection.execute(self._statements[connection.dialect.name], row).rowcount == 1


class InsertOrReplace:
    """Inserts a row, or gives the row with its primary key the new values of some columns."""

    def __init__(self, table: sa.Table, columns: Sequence[str]) -> None:
        on_sqlite, on_postgresql = sqlite.insert(table), postgresql.insert(table)
        self._statements: dict[str, sa.Insert] = {
            "sqlite": on_sqlite.on_conflict_do_update(
                index_elements=table.primary_key, set_={name: on_sqlite.excluded[name] for name in columns}
            ),
            "postgresql": on_postgresql.on_conflict_do_update(
                index_elements=table.primary_key, set_={name: on_postgresql.excluded[name] for name in columns}
            ),
        }

    def execute(self, connection: Connection, row: dict[str, object]) -> None:
        """Insert or replace."""
        connection.execute(self._statements[connection.dialect.name], row)
