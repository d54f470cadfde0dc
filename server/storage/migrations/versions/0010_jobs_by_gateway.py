"""Whose answer a job waits for: the gateways' jobs are claimed apart."""

import sqlalchemy as sa
from alembic import op

revision = "0010_jobs_by_gateway"
down_revision = "0009_balances"
branch_labels = None
depends_on = None

_OF = {"settle_attempt": "attempts", "settle_refund": "refunds", "expire_payment": "payments"}


def upgrade() -> None:
    op.add_column("jobs", sa.Column("gateway", sa.Text(), server_default=sa.text("''"), nullable=False))
    for kind, table in _OF.items():
        op.execute(
            f"UPDATE jobs SET gateway = (SELECT o.gateway FROM {table} o WHERE o.merchant_id = jobs.merchant_id AND o.id = jobs.id) "  # noqa: S608
            f"WHERE kind = '{kind}' AND EXISTS (SELECT 1 FROM {table} o WHERE o.merchant_id = jobs.merchant_id AND o.id = jobs.id)"
        )
    op.drop_index("ix_jobs_due", "jobs")
    op.create_index("ix_jobs_due", "jobs", ["due_at", "gateway"])
