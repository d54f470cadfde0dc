"""What is counted: numbers that people see, and the rows of lists."""

import sqlalchemy as sa
from sqlalchemy import BigInteger, Column, Integer, Text

from server.storage.tables.schema import METADATA

# Numbers that people see, counted from 1 without gaps: the row is locked until its transaction ends.
counters = sa.Table(
    "counters",
    METADATA,
    Column("merchant_id", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("value", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

row_counts = sa.Table(
    "row_counts",
    METADATA,
    Column("merchant_id", Text, primary_key=True),
    Column("counted_table", Text, primary_key=True),
    # Triggers count each insert, on PostgreSQL in one of several rows, so that inserts do not wait for one another.
    Column("shard", Integer, primary_key=True, autoincrement=False),
    Column("row_count", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
