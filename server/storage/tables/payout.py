"""Payouts."""

import sqlalchemy as sa
from sqlalchemy import BigInteger, Column, Integer, Text

from server.storage.tables.schema import METADATA, index
from server.storage.types import Day, Id, Moment

payouts = sa.Table(
    "payouts",
    METADATA,
    Column("merchant_id", Text, primary_key=True),
    Column("id", Id, primary_key=True),
    Column("amount_minor", BigInteger, nullable=False),
    Column("currency", Text, nullable=False),
    Column("gateway", Text, nullable=False),
    Column("config_version", Integer, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Column("reference", Text),
    Column("status", Text, nullable=False),
    Column("gateway_payout_id", Text),
    Column("arrival_date", Day),
    Column("failure", Text),
    Column("failure_reason", Text),
    Column("stop_id", Id),
    Column("stop_ordered_at", Moment),
    Column("stop_failure", Text),
    Column("stop_message", Text),
    Column("needs_review", sa.Boolean(create_constraint=False), nullable=False),
    Column("sequence", Integer, nullable=False),
    sa.CheckConstraint("amount_minor <> 0", name="amount_not_zero"),
    sqlite_with_rowid=False,
)
index("ix_payouts_status", payouts.c.merchant_id, payouts.c.status, payouts.c.id)
index(
    "uq_payouts_reference",
    *(payouts.c.merchant_id, payouts.c.gateway, payouts.c.reference),
    unique=True,
    where=payouts.c.reference.is_not(None),
)
# One payout of the gateway's is one of ours, whoever saw it first.
index(
    "uq_payouts_gateway_number",
    *(payouts.c.merchant_id, payouts.c.gateway, payouts.c.gateway_payout_id),
    unique=True,
    where=payouts.c.gateway_payout_id.is_not(None),
)
