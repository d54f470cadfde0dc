"""Operations at gateways."""

import sqlalchemy as sa
from sqlalchemy import BigInteger, Column, Integer, Text

from server.storage.tables.schema import METADATA, index
from server.storage.types import Id, JsonText, Moment

attempts = sa.Table(
    "attempts",
    METADATA,
    Column("merchant_id", Text, primary_key=True),
    Column("id", Id, primary_key=True),
    Column("payment_id", Id, nullable=False),
    Column("kind", Text, nullable=False),
    Column("gateway", Text, nullable=False),
    Column("config_version", Integer, nullable=False),
    Column("reference", Text, nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("currency", Text, nullable=False),
    Column("request", JsonText, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Column("status", Text, nullable=False),
    Column("gateway_payment_id", Text),
    Column("reason", Text),
    Column("message", Text),
    sa.ForeignKeyConstraint(["merchant_id", "payment_id"], ["payments.merchant_id", "payments.id"]),
    sqlite_with_rowid=False,
)
index("ix_attempts_payment", attempts.c.merchant_id, attempts.c.payment_id, attempts.c.id)
# A second attempt while the outcome of one is not known could charge twice.
index(
    "uq_attempts_in_flight",
    *(attempts.c.merchant_id, attempts.c.payment_id),
    unique=True,
    where=sa.text("status IN ('in_flight', 'needs_review')"),
)
# A capture or a void speaks of its authorisation's reference; a new authorisation never reuses one.
index(
    "uq_attempts_reference",
    *(attempts.c.merchant_id, attempts.c.gateway, attempts.c.reference),
    unique=True,
    where=sa.text("kind = 'authorise'"),
)
