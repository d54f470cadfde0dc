"""What gateways say by themselves, as it came."""

import sqlalchemy as sa
from sqlalchemy import Column, Integer, LargeBinary, Text

from server.storage.tables.schema import METADATA, index
from server.storage.types import Id, JsonText, Moment

callbacks = sa.Table(
    "callbacks",
    METADATA,
    Column("merchant_id", Text, primary_key=True),
    Column("id", Id, primary_key=True),
    Column("gateway", Text),
    Column("format", Text, nullable=False),
    Column("content_type", Text, nullable=False),
    Column("headers", JsonText, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("received_at", Moment, nullable=False),
    Column("decision", Text, nullable=False),
    Column("reason", Text),
    Column("event_id", Text),
    Column("reference", Text),
    Column("payment_id", Id),
    Column("attempts", Integer, nullable=False),
    Column("processed_at", Moment),
    # Of what was kept before it was known, None.
    Column("digest", LargeBinary),
    Column("repeats", Integer, nullable=False, server_default="0"),
    Column("repeated_at", Moment),
)
index("ix_callbacks_decision", callbacks.c.merchant_id, callbacks.c.decision, callbacks.c.id)
index(
    "ix_callbacks_payment",
    *(callbacks.c.merchant_id, callbacks.c.payment_id, callbacks.c.id),
    where=callbacks.c.payment_id.is_not(None),
)
index(
    "ix_callbacks_reference",
    *(callbacks.c.merchant_id, callbacks.c.reference, callbacks.c.id),
    where=callbacks.c.reference.is_not(None),
)
index(
    "ix_callbacks_digest",
    *(callbacks.c.merchant_id, callbacks.c.digest, callbacks.c.id),
    where=callbacks.c.digest.is_not(None),
)
