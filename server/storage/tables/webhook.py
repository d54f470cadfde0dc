"""Endpoints of webhooks, and events on their way to them."""

import sqlalchemy as sa
from sqlalchemy import Column, Integer, LargeBinary, Text

from server.storage.tables.schema import METADATA, index
from server.storage.types import Id, Moment

webhook_endpoints = sa.Table(
    "webhook_endpoints",
    METADATA,
    Column("merchant_id", Text, primary_key=True),
    Column("id", Id, primary_key=True),
    Column("url", Text, nullable=False),
    # The types of events, separated by blanks.
    Column("events", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("data_key_id", Id, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("failing_since", Moment),
    Column("created_at", Moment, nullable=False),
    sa.ForeignKeyConstraint(["merchant_id", "data_key_id"], ["data_keys.merchant_id", "data_keys.id"]),
    sqlite_with_rowid=False,
)

# They outlive their endpoints, and a try of an endpoint has no event that is stored: neither is a foreign key.
webhook_deliveries = sa.Table(
    "webhook_deliveries",
    METADATA,
    Column("merchant_id", Text, primary_key=True),
    Column("id", Id, primary_key=True),
    Column("endpoint_id", Id, nullable=False),
    Column("event_id", Id, nullable=False),
    Column("event_type", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("response_status", Integer),
    Column("failure_reason", Text),
    # Schedule and lease at once, as in `jobs`.
    Column("due_at", Moment, nullable=False),
    Column("attempted_at", Moment),
    Column("created_at", Moment, nullable=False),
    sqlite_with_rowid=False,
)
_PENDING = webhook_deliveries.c.status == sa.literal_column("'pending'")
index(
    "ix_webhook_deliveries_due",
    *(webhook_deliveries.c.merchant_id, webhook_deliveries.c.endpoint_id),
    *(webhook_deliveries.c.due_at, webhook_deliveries.c.id),
    where=_PENDING,
)
index(
    "ix_webhook_deliveries_endpoint",
    *(webhook_deliveries.c.merchant_id, webhook_deliveries.c.endpoint_id, webhook_deliveries.c.id),
)
index("ix_webhook_deliveries_event", webhook_deliveries.c.merchant_id, webhook_deliveries.c.event_id)
index("ix_webhook_deliveries_created", webhook_deliveries.c.created_at)
