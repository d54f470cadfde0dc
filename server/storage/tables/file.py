"""Uploaded documents."""

import sqlalchemy as sa
from sqlalchemy import Column, Integer, LargeBinary, Text

from server.storage.tables.schema import METADATA
from server.storage.types import Id, Moment

files = sa.Table(
    "files",
    METADATA,
    Column("merchant_id", Text, primary_key=True),
    Column("id", Id, primary_key=True),
    Column("purpose", Text, nullable=False),
    Column("filename", Text),
    Column("content_type", Text, nullable=False),
    Column("size", Integer, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("content", LargeBinary, nullable=False),
)
