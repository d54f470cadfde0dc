"""Webhook endpoints and what is sent to them; and a place for each event in its merchant's order."""

import sqlalchemy as sa
from alembic import op

from server.storage.types import Id, Moment

revision = "0008_webhooks"
down_revision = "0007_callbacks"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Events from before are numbered by the first server that starts, in the order of their ids.
    op.add_column("events", sa.Column("position", sa.BigInteger()))
    _index("events", "ix_events_unnumbered", ["id"], "position IS NULL")
    _index("events", "uq_events_position", ["position"], "position IS NOT NULL", unique=True)
    for name, column in (("type", "type"), ("object", "object_id"), ("created", "created_at")):
        _index("events", f"ix_events_{name}", [column, "position"], "position IS NOT NULL")
    op.create_table(
        "webhook_endpoints",
        sa.Column("merchant_id", sa.Text(), nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("events", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("data_key_id", Id(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("failing_since", Moment()),
        sa.Column("created_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["merchant_id", "data_key_id"],
            ["data_keys.merchant_id", "data_keys.id"],
            name="fk_webhook_endpoints_merchant_id_data_key_id",
        ),
        sa.PrimaryKeyConstraint("merchant_id", "id", name="pk_webhook_endpoints"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "webhook_deliveries",
        sa.Column("merchant_id", sa.Text(), nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("endpoint_id", Id(), nullable=False),
        sa.Column("event_id", Id(), nullable=False),
        sa.Column("event_type", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("response_status", sa.Integer()),
        sa.Column("failure_reason", sa.Text()),
        sa.Column("due_at", Moment(), nullable=False),
        sa.Column("attempted_at", Moment()),
        sa.Column("created_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("merchant_id", "id", name="pk_webhook_deliveries"),
        sqlite_with_rowid=False,
    )
    _index("webhook_deliveries", "ix_webhook_deliveries_due", ["endpoint_id", "due_at", "id"], "status = 'pending'")
    _index("webhook_deliveries", "ix_webhook_deliveries_endpoint", ["endpoint_id", "id"])
    _index("webhook_deliveries", "ix_webhook_deliveries_event", ["event_id"])
    op.create_index("ix_webhook_deliveries_created", "webhook_deliveries", ["created_at"])


def _index(table: str, name: str, columns: list[str], where: str | None = None, *, unique: bool = False) -> None:
    condition = None if where is None else sa.text(where)
    op.create_index(
        name,
        table,
        ["merchant_id", *columns],
        unique=unique,
        sqlite_where=condition,
        postgresql_where=condition,
    )
