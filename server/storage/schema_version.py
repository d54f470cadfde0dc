"""Tells whether a database's schema is the one that this code was written for, without loading the migrations."""

import sqlalchemy as sa

from server.storage.session import Session

# The last migration's id. A test compares it with the migrations themselves.
SCHEMA_VERSION = "0020_moved_at"

_VERSION = sa.text("SELECT version_num FROM alembic_version")


def schema_is_current(session: Session) -> bool:
    """Whether every migration was carried out, and none that this code does not know."""
    if not sa.inspect(session.connection).has_table("alembic_version"):
        return False
    return list(session.connection.execute(_VERSION).scalars()) == [SCHEMA_VERSION]
