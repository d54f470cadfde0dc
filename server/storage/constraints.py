"""The names of the schema's unique keys, by which SQLite's messages are turned into what PostgreSQL says by itself."""

import sqlalchemy as sa

# Every constraint and index has a name, the same on both databases, so that a violation can be told apart.
NAMING_CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class ConstraintNames:
    """Finds a unique key's name by the columns that SQLite lists: `payments.merchant_id, payments.reference`."""

    def __init__(self, metadata: sa.MetaData) -> None:
        self._by_columns: dict[str, str] = {}
        for table in metadata.tables.values():
            for constraint in table.constraints:
                if isinstance(constraint, sa.PrimaryKeyConstraint | sa.UniqueConstraint):
                    self._add(table, constraint.columns.values(), constraint.name)
            for index in table.indexes:
                if index.unique and all(isinstance(part, sa.Column) for part in index.expressions):
                    self._add(table, list(index.columns), index.name)

    def unique(self, columns: str) -> str:
        """The constraint's or index's name, or the columns themselves where the schema has no such key."""
        if columns.startswith("index '"):
            # An index over an expression: SQLite names it by itself.
            return columns.removeprefix("index '").removesuffix("'")
        return self._by_columns.get(columns, columns)

    def _add(self, table: sa.Table, columns: list[sa.Column[object]], name: object) -> None:
        key = ", ".join(f"{table.name}.{column.name}" for column in columns)
        if key in self._by_columns:
            raise ValueError(f"{key} has two unique keys; SQLite's message could not tell which was violated")
        self._by_columns[key] = str(name)
