"""How often each callback came again: the same bytes need no further row."""

import sqlalchemy as sa
from alembic import op

from server.storage.types import Moment

revision = "0018_repeated_callbacks"
down_revision = "0017_refunded_from"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("callbacks", sa.Column("digest", sa.LargeBinary()))
    op.add_column("callbacks", sa.Column("repeats", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("callbacks", sa.Column("repeated_at", Moment()))
    op.create_index(
        "ix_callbacks_digest",
        "callbacks",
        ["merchant_id", "digest", "id"],
        unique=False,
        sqlite_where=sa.text("digest IS NOT NULL"),
        postgresql_where=sa.text("digest IS NOT NULL"),
    )
