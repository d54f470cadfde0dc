"""Payouts to the merchant's bank."""

import sqlalchemy as sa
from alembic import op

from server.storage.migrations.triggers import count_inserts, refuse
from server.storage.types import Day, Id, Moment

revision = "0013_payouts"
down_revision = "0012_disputes"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "payouts",
        sa.Column("merchant_id", sa.Text(), nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("gateway", sa.Text(), nullable=False),
        sa.Column("config_version", sa.Integer(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("updated_at", Moment(), nullable=False),
        sa.Column("reference", sa.Text()),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("gateway_payout_id", sa.Text()),
        sa.Column("arrival_date", Day()),
        sa.Column("failure", sa.Text()),
        sa.Column("failure_reason", sa.Text()),
        sa.Column("stop_id", Id()),
        sa.Column("stop_ordered_at", Moment()),
        sa.Column("stop_failure", sa.Text()),
        sa.Column("stop_message", sa.Text()),
        sa.Column("needs_review", sa.Boolean(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.CheckConstraint("amount_minor <> 0", name="ck_payouts_amount_not_zero"),
        sa.PrimaryKeyConstraint("merchant_id", "id", name="pk_payouts"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_payouts_status", "payouts", ["merchant_id", "status", "id"])
    for name, column in (("reference", "reference"), ("gateway_number", "gateway_payout_id")):
        op.create_index(
            f"uq_payouts_{name}",
            "payouts",
            ["merchant_id", "gateway", column],
            unique=True,
            sqlite_where=sa.text(f"{column} IS NOT NULL"),
            postgresql_where=sa.text(f"{column} IS NOT NULL"),
        )
    count_inserts("payouts")
    refuse("payouts", "DELETE")
