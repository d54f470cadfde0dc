"""What the ledger's accounts come to, and from which day on what the gateways hold is available."""

import sqlalchemy as sa
from alembic import op

from server.storage.migrations.triggers import count_inserts, refuse, stop_refusing, sum_entries
from server.storage.types import Day

revision = "0009_balances"
down_revision = "0008_webhooks"
branch_labels = None
depends_on = None

# A late fee stands on the row of its charge, and a settlement moves nothing in or out: neither is shown by itself.
_SHOWN = "NEW.kind NOT IN ('charge_fee', 'settlement')"


def upgrade() -> None:
    op.add_column("ledger_entries", sa.Column("available_on", Day()))
    op.create_index(
        "ix_ledger_postings_not_charge",
        "ledger_postings",
        ["merchant_id", "kind", "id"],
        unique=False,
        sqlite_where=sa.text("kind <> 'charge'"),
        postgresql_where=sa.text("kind <> 'charge'"),
    )
    op.create_table(
        "ledger_balances",
        sa.Column("merchant_id", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("gateway", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("available_on", sa.Text(), nullable=False),
        sa.Column("shard", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "merchant_id", "account", "gateway", "currency", "available_on", "shard", name="pk_ledger_balances"
        ),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_ledger_balances_due",
        "ledger_balances",
        ["available_on"],
        unique=False,
        sqlite_where=sa.text("account = 'gateway_receivable'"),
        postgresql_where=sa.text("account = 'gateway_receivable'"),
    )
    _rename_account()
    _carry_over()
    sum_entries()
    count_inserts("ledger_postings", only_when=_SHOWN)


def _rename_account() -> None:
    """The account is another name's now that what is pending is told from what is available on the gateways' side; no amount changes."""
    stop_refusing("ledger_entries")
    op.execute("UPDATE ledger_entries SET account = 'merchant' WHERE account = 'merchant_pending'")
    refuse("ledger_entries", "UPDATE", "DELETE")


def _carry_over() -> None:
    """What was posted before."""
    op.execute("""
        INSERT INTO ledger_balances (merchant_id, account, gateway, currency, available_on, shard, amount_minor)
        SELECT e.merchant_id, e.account, p.gateway, p.currency, '', 0, SUM(e.amount_minor)
        FROM ledger_entries e JOIN ledger_postings p ON p.merchant_id = e.merchant_id AND p.id = e.posting_id
        GROUP BY e.merchant_id, e.account, p.gateway, p.currency
    """)
    op.execute("""
        INSERT INTO row_counts (merchant_id, counted_table, shard, row_count)
        SELECT merchant_id, 'ledger_postings', 0, COUNT(*) FROM ledger_postings GROUP BY merchant_id
    """)
