"""The outbox, work that is due, callers' API keys and their idempotency keys."""

import sqlalchemy as sa
from alembic import op

from server.storage.types import Id, Moment

revision = "0002_events_jobs_and_keys"
down_revision = "0001_payments_and_ledger"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "events",
        sa.Column("merchant_id", sa.Text(), nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("object_id", Id(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("merchant_id", "id", name="pk_events"),
        sa.UniqueConstraint("merchant_id", "object_id", "sequence", name="uq_events_sequence"),
    )
    op.create_table(
        "jobs",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("merchant_id", sa.Text(), nullable=False),
        sa.Column("due_at", Moment(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "id", name="pk_jobs"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_jobs_due", "jobs", ["due_at"])
    op.create_table(
        "idempotency_claims",
        sa.Column("merchant_id", sa.Text(), nullable=False),
        sa.Column("credential", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("request_hash", sa.LargeBinary(), nullable=False),
        sa.Column("operation_id", Id(), nullable=False),
        sa.Column("leased_until", Moment(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("lease", sa.Integer(), nullable=False),
        sa.Column("reply", sa.LargeBinary()),
        sa.PrimaryKeyConstraint("merchant_id", "credential", "method", "key", name="pk_idempotency_claims"),
    )
    op.create_index("ix_idempotency_claims_created", "idempotency_claims", ["created_at"])
    op.create_table(
        "api_keys",
        sa.Column("merchant_id", sa.Text(), nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("revoked_at", Moment()),
        sa.PrimaryKeyConstraint("merchant_id", "id", name="pk_api_keys"),
        sa.UniqueConstraint("hash", name="uq_api_keys_hash"),
        sqlite_with_rowid=False,
    )
