"""Customers' payment methods, and what gateways call the customers."""

import sqlalchemy as sa
from sqlalchemy import Column, Integer, Text

from server.storage.tables.schema import METADATA, index
from server.storage.types import Id, Moment

saved_methods = sa.Table(
    "saved_methods",
    METADATA,
    Column("merchant_id", Text, primary_key=True),
    Column("id", Id, primary_key=True),
    Column("customer_id", Id, nullable=False),
    Column("gateway", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("token", Text, nullable=False),
    Column("gateway_customer_id", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("card_brand", Text),
    Column("card_last4", Text),
    Column("card_exp_month", Integer),
    Column("card_exp_year", Integer),
    Column("card_fingerprint", Text),
    Column("is_default", sa.Boolean(create_constraint=False), nullable=False),
    Column("off_session", sa.Boolean(create_constraint=False), nullable=False),
    Column("deleted_at", Moment),
    sqlite_with_rowid=False,
)
index(
    "ix_saved_methods_customer",
    *(saved_methods.c.merchant_id, saved_methods.c.customer_id, saved_methods.c.id),
    where=saved_methods.c.deleted_at.is_(None),
)
index(
    "uq_saved_methods_default",
    *(saved_methods.c.merchant_id, saved_methods.c.customer_id),
    unique=True,
    where=sa.text("is_default"),
)
index(
    "uq_saved_methods_token",
    *(saved_methods.c.merchant_id, saved_methods.c.gateway, saved_methods.c.token),
    unique=True,
    where=saved_methods.c.deleted_at.is_(None),
)

gateway_customers = sa.Table(
    "gateway_customers",
    METADATA,
    Column("merchant_id", Text, primary_key=True),
    Column("customer_id", Id, primary_key=True),
    Column("gateway", Text, primary_key=True),
    Column("gateway_customer_id", Text, nullable=False),
    sqlite_with_rowid=False,
)
