"""Gateways' configurations."""

import sqlalchemy as sa
from sqlalchemy import Column, Integer, LargeBinary, Text

from server.storage.tables.schema import METADATA
from server.storage.types import Id, JsonText, Moment

payment_configs = sa.Table(
    "payment_configs",
    METADATA,
    Column("merchant_id", Text, primary_key=True),
    Column("gateway", Text, primary_key=True),
    Column("id", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    Column("enabled", sa.Boolean(create_constraint=False), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    sa.UniqueConstraint("merchant_id", "id", name="uq_payment_configs_id"),
    sqlite_with_rowid=False,
)

payment_config_versions = sa.Table(
    "payment_config_versions",
    METADATA,
    Column("merchant_id", Text, primary_key=True),
    Column("gateway", Text, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("public", JsonText, nullable=False),
    Column("data_key_id", Id, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("created_at", Moment, nullable=False),
    sa.ForeignKeyConstraint(["merchant_id", "gateway"], ["payment_configs.merchant_id", "payment_configs.gateway"]),
    sa.ForeignKeyConstraint(["merchant_id", "data_key_id"], ["data_keys.merchant_id", "data_keys.id"]),
)
