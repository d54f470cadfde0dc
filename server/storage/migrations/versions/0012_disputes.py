"""Disputes with their number in the payment's row, the evidence that is sent for them, and the files that go with it."""

import sqlalchemy as sa
from alembic import op

from server.storage.migrations.triggers import count_inserts, refuse
from server.storage.types import Id, JsonText, Moment

revision = "0012_disputes"
down_revision = "0011_saved_methods"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("payments", sa.Column("dispute_count", sa.Integer(), server_default=sa.text("0"), nullable=False))
    op.create_index(
        "ix_payments_gateway_number",
        "payments",
        ["merchant_id", "gateway", "gateway_payment_id"],
        unique=False,
        sqlite_where=sa.text("gateway_payment_id IS NOT NULL"),
        postgresql_where=sa.text("gateway_payment_id IS NOT NULL"),
    )
    _create_disputes()
    _create_evidence_submissions()
    op.create_table(
        "files",
        sa.Column("merchant_id", sa.Text(), nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("filename", sa.Text()),
        sa.Column("content_type", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("merchant_id", "id", name="pk_files"),
    )
    refuse("files", "UPDATE")


def _create_disputes() -> None:
    op.create_table(
        "disputes",
        sa.Column("merchant_id", sa.Text(), nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("payment_id", Id(), nullable=False),
        sa.Column("gateway", sa.Text(), nullable=False),
        sa.Column("gateway_dispute_id", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("rank", sa.BigInteger(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("updated_at", Moment(), nullable=False),
        sa.Column("evidence", JsonText()),
        sa.Column("evidence_due_by", Moment()),
        sa.Column("withdrawn_minor", sa.BigInteger()),
        sa.Column("returned", sa.Boolean(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.CheckConstraint("amount_minor > 0", name="ck_disputes_amount_positive"),
        sa.ForeignKeyConstraint(
            ["merchant_id", "payment_id"],
            ["payments.merchant_id", "payments.id"],
            name="fk_disputes_merchant_id_payment_id",
        ),
        sa.PrimaryKeyConstraint("merchant_id", "id", name="pk_disputes"),
        sa.UniqueConstraint("merchant_id", "gateway", "gateway_dispute_id", name="uq_disputes_gateway_number"),
    )
    op.create_index("ix_disputes_payment", "disputes", ["merchant_id", "payment_id", "id"])
    op.create_index("ix_disputes_status", "disputes", ["merchant_id", "status", "id"])
    count_inserts("disputes")
    refuse("disputes", "DELETE")


def _create_evidence_submissions() -> None:
    op.create_table(
        "evidence_submissions",
        sa.Column("merchant_id", sa.Text(), nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("dispute_id", Id(), nullable=False),
        sa.Column("evidence", JsonText(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("message", sa.Text()),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("updated_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["merchant_id", "dispute_id"],
            ["disputes.merchant_id", "disputes.id"],
            name="fk_evidence_submissions_merchant_id_dispute_id",
        ),
        sa.PrimaryKeyConstraint("merchant_id", "id", name="pk_evidence_submissions"),
    )
    op.create_index(
        "uq_evidence_submissions_in_flight",
        "evidence_submissions",
        ["merchant_id", "dispute_id"],
        unique=True,
        sqlite_where=sa.text("status = 'in_flight'"),
        postgresql_where=sa.text("status = 'in_flight'"),
    )
    refuse("evidence_submissions", "DELETE")
