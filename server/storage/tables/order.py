"""The mall's orders."""

import sqlalchemy as sa
from sqlalchemy import BigInteger, Column, Text

from server.storage.tables.schema import METADATA, index
from server.storage.types import Id, Moment

orders = sa.Table(
    "orders",
    METADATA,
    Column("merchant_id", Text, primary_key=True),
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("uuid", Id, nullable=False),
    Column("order_no", Text, nullable=False),
    Column("user_id", Text, nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("currency", Text, nullable=False),
    Column("subject", Text),
    Column("status", Text, nullable=False),
    Column("payment_id", Id),
    Column("payment_gateway", Text),
    Column("paid_at", Moment),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    # Where a refunded order stood before; NULL for every other, and for those that were refunded before it was kept.
    Column("refunded_from", Text),
    sa.CheckConstraint("amount_minor > 0", name="amount_positive"),
    sa.UniqueConstraint("merchant_id", "order_no", name="uq_orders_order_no"),
    sa.UniqueConstraint("merchant_id", "uuid", name="uq_orders_uuid"),
    sa.ForeignKeyConstraint(["merchant_id", "payment_id"], ["payments.merchant_id", "payments.id"]),
    sqlite_with_rowid=False,
)
index("ix_orders_user", orders.c.merchant_id, orders.c.user_id, orders.c.uuid)
index("ix_orders_user_status", orders.c.merchant_id, orders.c.user_id, orders.c.status, orders.c.uuid)
index("ix_orders_status", orders.c.merchant_id, orders.c.status, orders.c.uuid)
