"""The inbox of the gateways' callbacks."""

import sqlalchemy as sa
from alembic import op

from server.storage.migrations.triggers import count_inserts, refuse
from server.storage.types import Id, JsonText, Moment

revision = "0007_callbacks"
down_revision = "0006_orders"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "callbacks",
        sa.Column("merchant_id", sa.Text(), nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("gateway", sa.Text()),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("content_type", sa.Text(), nullable=False),
        sa.Column("headers", JsonText(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", Moment(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("event_id", sa.Text()),
        sa.Column("reference", sa.Text()),
        sa.Column("payment_id", Id()),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("processed_at", Moment()),
        sa.PrimaryKeyConstraint("merchant_id", "id", name="pk_callbacks"),
    )
    op.create_index("ix_callbacks_decision", "callbacks", ["merchant_id", "decision", "id"])
    for column in ("payment", "reference"):
        name = "payment_id" if column == "payment" else column
        op.create_index(
            f"ix_callbacks_{column}",
            "callbacks",
            ["merchant_id", name, "id"],
            unique=False,
            sqlite_where=sa.text(f"{name} IS NOT NULL"),
            postgresql_where=sa.text(f"{name} IS NOT NULL"),
        )
    count_inserts("callbacks")
    refuse("callbacks", "DELETE")
