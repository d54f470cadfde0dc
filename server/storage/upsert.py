"""INSERT ... ON CONFLICT, which both databases have and SQLAlchemy spells once for each."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from server.storage.prepared import Prepared


def insert_if_absent(table: sa.Table) -> Prepared:
    """Inserts a row unless its primary key is taken."""
    key = table.primary_key
    return Prepared(
        {
            "sqlite": sqlite.insert(table).on_conflict_do_nothing(index_elements=key),
            "postgresql": postgresql.insert(table).on_conflict_do_nothing(index_elements=key),
        }
    )


def insert_or_replace(table: sa.Table, columns: Sequence[str]) -> Prepared:
    """Inserts a row, or gives the row with its primary key the new values of some columns."""
    key = table.primary_key
    on_sqlite, on_postgresql = sqlite.insert(table), postgresql.insert(table)
    return Prepared(
        {
            "sqlite": on_sqlite.on_conflict_do_update(
                index_elements=key, set_={name: on_sqlite.excluded[name] for name in columns}
            ),
            "postgresql": on_postgresql.on_conflict_do_update(
                index_elements=key, set_={name: on_postgresql.excluded[name] for name in columns}
            ),
        }
    )
