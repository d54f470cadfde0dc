"""When a gateway has moved the money of a charge, in the books: what a payment says of that could not be proven."""

import sqlalchemy as sa
from alembic import op

from server.storage.migrations.triggers import refuse, stop_refusing
from server.storage.types import Moment

revision = "0020_moved_at"
down_revision = "0019_own_movements"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("ledger_postings", sa.Column("moved_at", Moment()))
    stop_refusing("ledger_postings")
    # Most payments were captured when they were posted.
    op.execute("""
        UPDATE ledger_postings SET moved_at = (
            SELECT captured_at FROM payments p WHERE p.merchant_id = ledger_postings.merchant_id AND p.id = source_id
        )
        WHERE kind = 'charge' AND EXISTS (
            SELECT 1 FROM payments p
            WHERE p.merchant_id = ledger_postings.merchant_id AND p.id = source_id AND p.captured_at <> ledger_postings.created_at
        )
    """)
    refuse("ledger_postings", "UPDATE", "DELETE")
