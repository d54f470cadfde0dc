"""What gateways move on merchants' balances by themselves: fees and adjustments that belong to no payment, refund, dispute or payout."""

import sqlalchemy as sa
from alembic import op

from server.storage.migrations.triggers import refuse
from server.storage.types import Day, Id, Moment

revision = "0019_own_movements"
down_revision = "0018_repeated_callbacks"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "own_movements",
        sa.Column("merchant_id", sa.Text(), nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("gateway", sa.Text(), nullable=False),
        sa.Column("gateway_transaction_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("fee_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("available_on", Day(), nullable=False),
        sa.Column("made_at", Moment(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.CheckConstraint("amount_minor <> 0 OR fee_minor <> 0", name="ck_own_movements_moves_something"),
        sa.CheckConstraint("kind <> 'fee' OR fee_minor = 0", name="ck_own_movements_fee_without_fee"),
        sa.PrimaryKeyConstraint("merchant_id", "id", name="pk_own_movements"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "uq_own_movements_gateway_number",
        "own_movements",
        ["merchant_id", "gateway", "gateway_transaction_id"],
        unique=True,
    )
    refuse("own_movements", "UPDATE", "DELETE")
