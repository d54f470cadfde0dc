"""Work that is due."""

import sqlalchemy as sa
from sqlalchemy import Column, Integer, Text

from server.storage.tables.schema import METADATA, index
from server.storage.types import Id, Moment

jobs = sa.Table(
    "jobs",
    METADATA,
    Column("kind", Text, primary_key=True),
    Column("id", Id, primary_key=True),
    Column("merchant_id", Text, nullable=False),
    Column("gateway", Text, nullable=False, server_default=sa.text("''")),
    # Schedule and lease at once: a claimed job is due again when its lease ends.
    Column("due_at", Moment, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("tries", Integer, nullable=False),
    sqlite_with_rowid=False,
)
index("ix_jobs_due", jobs.c.due_at, jobs.c.gateway)
