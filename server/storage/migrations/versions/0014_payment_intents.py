"""Payment intents, and which of them a payment is for."""

import sqlalchemy as sa
from alembic import op

from server.storage.migrations.triggers import count_inserts, refuse
from server.storage.types import Id, JsonText, Moment

revision = "0014_payment_intents"
down_revision = "0013_payouts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("payments", sa.Column("intent_id", Id()))
    op.create_table(
        "payment_intents",
        sa.Column("merchant_id", sa.Text(), nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("gateway", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("updated_at", Moment(), nullable=False),
        sa.Column("capture_method", sa.Text(), nullable=False),
        sa.Column("confirmation_method", sa.Text(), nullable=False),
        sa.Column("setup_future_usage", sa.Text()),
        sa.Column("customer_id", Id()),
        sa.Column("method_id", Id()),
        sa.Column("return_url", sa.Text()),
        sa.Column("metadata", JsonText(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("payment_id", Id()),
        sa.Column("gateway_payment_id", sa.Text()),
        sa.Column("next_action", JsonText()),
        sa.Column("error_code", sa.Text()),
        sa.Column("error_message", sa.Text()),
        sa.Column("canceled_at", Moment()),
        sa.CheckConstraint("amount_minor > 0", name="ck_payment_intents_amount_positive"),
        sa.ForeignKeyConstraint(
            ["merchant_id", "payment_id"],
            ["payments.merchant_id", "payments.id"],
            name="fk_payment_intents_merchant_id_payment_id",
        ),
        sa.PrimaryKeyConstraint("merchant_id", "id", name="pk_payment_intents"),
        sa.UniqueConstraint("merchant_id", "payment_id", name="uq_payment_intents_payment"),
    )
    op.create_index("ix_payment_intents_status", "payment_intents", ["merchant_id", "status", "id"])
    op.create_index(
        "ix_payment_intents_customer",
        "payment_intents",
        ["merchant_id", "customer_id", "id"],
        unique=False,
        sqlite_where=sa.text("customer_id IS NOT NULL"),
        postgresql_where=sa.text("customer_id IS NOT NULL"),
    )
    count_inserts("payment_intents")
    refuse("payment_intents", "DELETE")
