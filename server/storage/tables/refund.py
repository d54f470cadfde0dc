"""Refunds."""

import sqlalchemy as sa
from sqlalchemy import BigInteger, Column, Integer, Text

from server.storage.tables.schema import METADATA, index
from server.storage.types import Id, JsonText, Moment

refunds = sa.Table(
    "refunds",
    METADATA,
    Column("merchant_id", Text, primary_key=True),
    Column("id", Id, primary_key=True),
    Column("payment_id", Id, nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("currency", Text, nullable=False),
    Column("gateway", Text, nullable=False),
    Column("reference", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Column("reason", Text),
    Column("metadata", JsonText, nullable=False, key="metadata_"),
    Column("status", Text, nullable=False),
    Column("gateway_refund_id", Text),
    Column("failure", Text),
    Column("failure_reason", Text),
    Column("needs_review", sa.Boolean(create_constraint=False), nullable=False),
    Column("sequence", Integer, nullable=False),
    sa.CheckConstraint("amount_minor > 0", name="amount_positive"),
    sa.ForeignKeyConstraint(["merchant_id", "payment_id"], ["payments.merchant_id", "payments.id"]),
    sqlite_with_rowid=False,
)
index("ix_refunds_payment", refunds.c.merchant_id, refunds.c.payment_id, refunds.c.created_at, refunds.c.id)
index("uq_refunds_reference", refunds.c.merchant_id, refunds.c.gateway, refunds.c.reference, unique=True)
index(
    "ix_refunds_gateway_number",
    *(refunds.c.merchant_id, refunds.c.gateway, refunds.c.gateway_refund_id),
    where=refunds.c.gateway_refund_id.is_not(None),
)
