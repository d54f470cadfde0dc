"""Refunds, with their sums and their number in the payment's row."""

import sqlalchemy as sa
from alembic import op

from server.storage.migrations.triggers import refuse
from server.storage.types import Id, JsonText, Moment

revision = "0005_refunds"
down_revision = "0004_payment_configs"
branch_labels = None
depends_on = None

_WITHIN = (
    "CONSTRAINT ck_payments_refunds_within_captured "
    "CHECK (refunding_minor >= 0 AND refunded_minor + refunding_minor <= captured_minor)"
)


def upgrade() -> None:
    # In one statement with the column: SQLite adds a check to a table in no other way than by copying it, which costs the triggers.
    op.execute(f"ALTER TABLE payments ADD COLUMN refunding_minor BIGINT DEFAULT 0 NOT NULL {_WITHIN}")
    op.add_column("payments", sa.Column("refund_count", sa.Integer(), server_default=sa.text("0"), nullable=False))
    op.create_table(
        "refunds",
        sa.Column("merchant_id", sa.Text(), nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("payment_id", Id(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("gateway", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("updated_at", Moment(), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("metadata", JsonText(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("gateway_refund_id", sa.Text()),
        sa.Column("failure", sa.Text()),
        sa.Column("failure_reason", sa.Text()),
        sa.Column("needs_review", sa.Boolean(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.CheckConstraint("amount_minor > 0", name="ck_refunds_amount_positive"),
        sa.ForeignKeyConstraint(
            ["merchant_id", "payment_id"],
            ["payments.merchant_id", "payments.id"],
            name="fk_refunds_merchant_id_payment_id",
        ),
        sa.PrimaryKeyConstraint("merchant_id", "id", name="pk_refunds"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_refunds_payment", "refunds", ["merchant_id", "payment_id", "created_at", "id"])
    op.create_index("uq_refunds_reference", "refunds", ["merchant_id", "gateway", "reference"], unique=True)
    op.create_index(
        "ix_refunds_gateway_number",
        "refunds",
        ["merchant_id", "gateway", "gateway_refund_id"],
        unique=False,
        sqlite_where=sa.text("gateway_refund_id IS NOT NULL"),
        postgresql_where=sa.text("gateway_refund_id IS NOT NULL"),
    )
    refuse("refunds", "DELETE")
