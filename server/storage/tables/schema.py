"""What every table is part of, and how its indexes are written for both databases."""

import sqlalchemy as sa
from sqlalchemy import Column

from server.storage.constraints import NAMING_CONVENTION

METADATA = sa.MetaData(naming_convention=NAMING_CONVENTION)


def index(
    name: str,
    *columns: Column[object],
    unique: bool = False,
    where: sa.ColumnElement[bool] | sa.TextClause | None = None,
) -> None:
    """Gives the columns' table an index; with `where`, of those rows alone."""
    sa.Index(name, *columns, unique=unique, sqlite_where=where, postgresql_where=where)
