"""What somebody decided by hand."""

import sqlalchemy as sa
from sqlalchemy import Column, Text

from server.storage.tables.schema import METADATA, index
from server.storage.types import Id, JsonText, Moment

audit_log = sa.Table(
    "audit_log",
    METADATA,
    Column("merchant_id", Text, primary_key=True),
    Column("id", Id, primary_key=True),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("object_type", Text, nullable=False),
    Column("object_id", Text),
    Column("details", JsonText, nullable=False),
    Column("request_id", Text),
    Column("created_at", Moment, nullable=False),
)
index("ix_audit_log_created", audit_log.c.merchant_id, audit_log.c.created_at, audit_log.c.id)
index(
    "ix_audit_log_object",
    *(audit_log.c.merchant_id, audit_log.c.object_id, audit_log.c.created_at, audit_log.c.id),
    where=audit_log.c.object_id.is_not(None),
)
