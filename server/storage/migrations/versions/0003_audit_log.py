"""What was decided by hand, which nobody may change afterwards."""

import sqlalchemy as sa
from alembic import op

from server.storage.migrations.triggers import refuse
from server.storage.types import Id, JsonText, Moment

revision = "0003_audit_log"
down_revision = "0002_events_jobs_and_keys"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_log",
        sa.Column("merchant_id", sa.Text(), nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("object_id", Id(), nullable=False),
        sa.Column("details", JsonText(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("merchant_id", "id", name="pk_audit_log"),
    )
    refuse("audit_log", "UPDATE", "DELETE")
