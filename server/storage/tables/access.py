"""API keys."""

import sqlalchemy as sa
from sqlalchemy import Column, LargeBinary, Text

from server.storage.tables.schema import METADATA
from server.storage.types import Id, Moment

api_keys = sa.Table(
    "api_keys",
    METADATA,
    Column("merchant_id", Text, primary_key=True),
    Column("id", Id, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("scopes", Text, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("revoked_at", Moment),
    # Found by its hash alone, before its merchant is known.
    sa.UniqueConstraint("hash", name="uq_api_keys_hash"),
    sqlite_with_rowid=False,
)
