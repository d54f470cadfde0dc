"""The mall's orders, and which of them a payment is for."""

import sqlalchemy as sa
from alembic import op

from server.storage.migrations.triggers import count_inserts, refuse
from server.storage.types import Id, Moment

revision = "0006_orders"
down_revision = "0005_refunds"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("payments", sa.Column("mall_order_id", sa.BigInteger()))
    op.create_index(
        "ix_payments_mall_order",
        "payments",
        ["merchant_id", "mall_order_id", "gateway"],
        unique=False,
        sqlite_where=sa.text("mall_order_id IS NOT NULL"),
        postgresql_where=sa.text("mall_order_id IS NOT NULL"),
    )
    op.create_table(
        "orders",
        sa.Column("merchant_id", sa.Text(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("uuid", Id(), nullable=False),
        sa.Column("order_no", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text()),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("payment_id", Id()),
        sa.Column("payment_gateway", sa.Text()),
        sa.Column("paid_at", Moment()),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("updated_at", Moment(), nullable=False),
        sa.CheckConstraint("amount_minor > 0", name="ck_orders_amount_positive"),
        sa.ForeignKeyConstraint(
            ["merchant_id", "payment_id"],
            ["payments.merchant_id", "payments.id"],
            name="fk_orders_merchant_id_payment_id",
        ),
        sa.PrimaryKeyConstraint("merchant_id", "id", name="pk_orders"),
        sa.UniqueConstraint("merchant_id", "order_no", name="uq_orders_order_no"),
        sa.UniqueConstraint("merchant_id", "uuid", name="uq_orders_uuid"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_orders_status", "orders", ["merchant_id", "status", "uuid"])
    op.create_index("ix_orders_user", "orders", ["merchant_id", "user_id", "uuid"])
    op.create_index("ix_orders_user_status", "orders", ["merchant_id", "user_id", "status", "uuid"])
    op.create_table(
        "counters",
        sa.Column("merchant_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("merchant_id", "name", name="pk_counters"),
        sqlite_with_rowid=False,
    )
    count_inserts("orders")
    refuse("orders", "DELETE")
