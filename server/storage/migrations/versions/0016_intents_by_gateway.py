"""A gateway's payment intents, newest first, without passing over the others'."""

from alembic import op

revision = "0016_intents_by_gateway"
down_revision = "0015_dispute_money"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_payment_intents_gateway", "payment_intents", ["merchant_id", "gateway", "id"])
