"""Where an order stood before it was refunded, as a refund can come back."""

import sqlalchemy as sa
from alembic import op

revision = "0017_refunded_from"
down_revision = "0016_intents_by_gateway"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("orders", sa.Column("refunded_from", sa.Text()))
