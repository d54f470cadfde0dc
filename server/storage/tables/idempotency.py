"""Idempotency keys, with the replies to their calls."""

import sqlalchemy as sa
from sqlalchemy import Column, Integer, LargeBinary, Text

from server.storage.tables.schema import METADATA, index
from server.storage.types import Id, Moment

idempotency_claims = sa.Table(
    "idempotency_claims",
    METADATA,
    Column("merchant_id", Text, primary_key=True),
    Column("credential", Text, primary_key=True),
    Column("method", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("request_hash", LargeBinary, nullable=False),
    Column("operation_id", Id, nullable=False),
    Column("leased_until", Moment, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("lease", Integer, nullable=False),
    Column("reply", LargeBinary),
)
index("ix_idempotency_claims_created", idempotency_claims.c.created_at)
