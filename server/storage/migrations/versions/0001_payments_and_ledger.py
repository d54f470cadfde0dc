"""Payments with their attempts, and the ledger that nobody may change."""

import sqlalchemy as sa
from alembic import op

from server.storage.migrations.triggers import count_inserts, create_functions, refuse
from server.storage.types import Id, JsonText, Moment

revision = "0001_payments_and_ledger"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "payments",
        sa.Column("merchant_id", sa.Text(), nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("common_units", sa.BigInteger(), nullable=False),
        sa.Column("gateway", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("updated_at", Moment(), nullable=False),
        sa.Column("capture_method", sa.Text(), nullable=False),
        sa.Column("confirmation_method", sa.Text(), nullable=False),
        sa.Column("order_id", Id()),
        sa.Column("customer_id", Id()),
        sa.Column("card_brand", sa.Text()),
        sa.Column("card_last4", sa.Text()),
        sa.Column("card_exp_month", sa.Integer()),
        sa.Column("card_exp_year", sa.Integer()),
        sa.Column("card_fingerprint", sa.Text()),
        sa.Column("description", sa.Text()),
        sa.Column("receipt_email", sa.Text()),
        sa.Column("metadata", JsonText(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("gateway_payment_id", sa.Text()),
        sa.Column("authorised", sa.Boolean(), nullable=False),
        sa.Column("captured_minor", sa.BigInteger(), nullable=False),
        sa.Column("refunded_minor", sa.BigInteger(), nullable=False),
        sa.Column("receipt_url", sa.Text()),
        sa.Column("next_action", JsonText()),
        sa.Column("failure_code", sa.Text()),
        sa.Column("failure_message", sa.Text()),
        sa.Column("captured_at", Moment()),
        sa.Column("canceled_at", Moment()),
        sa.Column("expires_at", Moment()),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("amount_minor > 0", name="ck_payments_amount_positive"),
        sa.CheckConstraint("captured_minor BETWEEN 0 AND amount_minor", name="ck_payments_captured_within_amount"),
        sa.CheckConstraint("refunded_minor BETWEEN 0 AND captured_minor", name="ck_payments_refunded_within_captured"),
        sa.PrimaryKeyConstraint("merchant_id", "id", name="pk_payments"),
        sqlite_with_rowid=False,
    )
    op.create_index("uq_payments_reference", "payments", ["merchant_id", "gateway", "reference"], unique=True)
    op.create_index("ix_payments_amount", "payments", ["merchant_id", "common_units", "id", "status", "gateway"])
    op.create_index("ix_payments_created", "payments", ["merchant_id", "created_at", "id"])
    op.create_index(
        "ix_payments_customer",
        "payments",
        ["merchant_id", "customer_id", "created_at", "id"],
        unique=False,
        sqlite_where=sa.text("customer_id IS NOT NULL"),
        postgresql_where=sa.text("customer_id IS NOT NULL"),
    )
    op.create_index("ix_payments_gateway", "payments", ["merchant_id", "gateway", "created_at", "id"])
    op.create_index(
        "ix_payments_order",
        "payments",
        ["merchant_id", "order_id", "created_at", "id"],
        unique=False,
        sqlite_where=sa.text("order_id IS NOT NULL"),
        postgresql_where=sa.text("order_id IS NOT NULL"),
    )
    op.create_index("ix_payments_status", "payments", ["merchant_id", "status", "created_at", "id", "gateway"])
    op.create_table(
        "row_counts",
        sa.Column("merchant_id", sa.Text(), nullable=False),
        sa.Column("counted_table", sa.Text(), nullable=False),
        sa.Column("shard", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("row_count", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("merchant_id", "counted_table", "shard", name="pk_row_counts"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "attempts",
        sa.Column("merchant_id", sa.Text(), nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("payment_id", Id(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("gateway", sa.Text(), nullable=False),
        sa.Column("config_version", sa.Integer(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("request", JsonText(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("updated_at", Moment(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("gateway_payment_id", sa.Text()),
        sa.Column("reason", sa.Text()),
        sa.Column("message", sa.Text()),
        sa.ForeignKeyConstraint(
            ["merchant_id", "payment_id"],
            ["payments.merchant_id", "payments.id"],
            name="fk_attempts_merchant_id_payment_id",
        ),
        sa.PrimaryKeyConstraint("merchant_id", "id", name="pk_attempts"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_attempts_payment", "attempts", ["merchant_id", "payment_id", "id"])
    op.create_index(
        "uq_attempts_in_flight",
        "attempts",
        ["merchant_id", "payment_id"],
        unique=True,
        sqlite_where=sa.text("status IN ('in_flight', 'needs_review')"),
        postgresql_where=sa.text("status IN ('in_flight', 'needs_review')"),
    )
    op.create_index(
        "uq_attempts_reference",
        "attempts",
        ["merchant_id", "gateway", "reference"],
        unique=True,
        sqlite_where=sa.text("kind = 'authorise'"),
        postgresql_where=sa.text("kind = 'authorise'"),
    )
    op.create_table(
        "ledger_postings",
        sa.Column("merchant_id", sa.Text(), nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("source_id", Id(), nullable=False),
        sa.Column("gateway", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("merchant_id", "id", name="pk_ledger_postings"),
        sa.UniqueConstraint("merchant_id", "source_id", "kind", name="uq_ledger_postings_source"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "ledger_entries",
        sa.Column("merchant_id", sa.Text(), nullable=False),
        sa.Column("posting_id", Id(), nullable=False),
        sa.Column("line", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["merchant_id", "posting_id"],
            ["ledger_postings.merchant_id", "ledger_postings.id"],
            name="fk_ledger_entries_merchant_id_posting_id",
        ),
        sa.PrimaryKeyConstraint("merchant_id", "posting_id", "line", name="pk_ledger_entries"),
        sqlite_with_rowid=False,
    )
    create_functions()
    count_inserts("payments")
    refuse("payments", "DELETE")
    refuse("attempts", "DELETE")
    refuse("ledger_postings", "UPDATE", "DELETE")
    refuse("ledger_entries", "UPDATE", "DELETE")
