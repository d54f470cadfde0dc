"""How much of a dispute's money has moved each way, as it may do in parts; postings of one kind for one source are numbered for that."""

import sqlalchemy as sa
from alembic import op

from server.storage.migrations.triggers import count_inserts, refuse, sum_entries
from server.storage.types import Id, Moment

revision = "0015_dispute_money"
down_revision = "0014_payment_intents"
branch_labels = None
depends_on = None

_SUMS = ("taken_minor", "returned_minor", "fee_minor", "returned_fee_minor")

# In one statement with the column: SQLite adds a check to a table in no other way than by copying it, which costs the triggers.
_CHECKS = {
    "returned_minor": "CONSTRAINT ck_disputes_returned_within_taken CHECK (returned_minor BETWEEN 0 AND taken_minor)"
}

# As 0009 has it: what is shown by itself is counted.
_SHOWN = "NEW.kind NOT IN ('charge_fee', 'settlement')"


def upgrade() -> None:
    for name in _SUMS:
        op.execute(f"ALTER TABLE disputes ADD COLUMN {name} BIGINT DEFAULT 0 NOT NULL {_CHECKS.get(name, '')}")
    op.add_column("disputes", sa.Column("movements", sa.Integer(), server_default=sa.text("0"), nullable=False))
    _carry_over()
    for name in ("withdrawn_minor", "returned"):
        op.execute(f"ALTER TABLE disputes DROP COLUMN {name}")
    if op.get_context().dialect.name == "sqlite":
        _copy_postings()
    else:
        op.add_column("ledger_postings", sa.Column("number", sa.Integer(), server_default=sa.text("1"), nullable=False))
        op.drop_constraint("uq_ledger_postings_source", "ledger_postings")
        op.create_unique_constraint(
            "uq_ledger_postings_source", "ledger_postings", ["merchant_id", "source_id", "kind", "number"]
        )


def _carry_over() -> None:
    """What of a dispute was posted is what has moved so far; fees stand in the postings alone. Both ways were one step each, at most."""
    op.execute(f"""
        UPDATE disputes SET
            taken_minor = COALESCE(withdrawn_minor, 0),
            returned_minor = CASE WHEN returned THEN COALESCE(withdrawn_minor, 0) ELSE 0 END,
            fee_minor = {_fees("SUM(e.amount_minor)", "e.amount_minor > 0")},
            returned_fee_minor = {_fees("-SUM(e.amount_minor)", "e.amount_minor < 0")},
            movements = 1
        WHERE withdrawn_minor IS NOT NULL
    """)  # noqa: S608 - texts of this module


def _fees(what: str, which: str) -> str:
    return f"""(
        SELECT COALESCE({what}, 0)
        FROM ledger_postings p JOIN ledger_entries e ON e.merchant_id = p.merchant_id AND e.posting_id = p.id
        WHERE p.merchant_id = disputes.merchant_id AND p.source_id = disputes.id AND p.kind IN ('dispute', 'dispute_reversal')
            AND e.account = 'gateway_fees' AND {which}
    )"""  # noqa: S608 - texts of this module


def _copy_postings() -> None:
    """SQLite changes a key in no other way. The trigger of the entries names the table, and would keep the copy from taking its name; the table's own go with it."""
    op.execute("DROP TRIGGER ledger_entries_summed")
    op.create_table(
        "ledger_postings_numbered",
        sa.Column("merchant_id", sa.Text(), nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("source_id", Id(), nullable=False),
        sa.Column("gateway", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("number", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.PrimaryKeyConstraint("merchant_id", "id", name="pk_ledger_postings"),
        sa.UniqueConstraint("merchant_id", "source_id", "kind", "number", name="uq_ledger_postings_source"),
        sqlite_with_rowid=False,
    )
    columns = "merchant_id, id, kind, source_id, gateway, currency, created_at"
    op.execute(f"INSERT INTO ledger_postings_numbered ({columns}) SELECT {columns} FROM ledger_postings")  # noqa: S608
    op.execute("DROP TABLE ledger_postings")
    op.execute("ALTER TABLE ledger_postings_numbered RENAME TO ledger_postings")
    op.create_index(
        "ix_ledger_postings_not_charge",
        "ledger_postings",
        ["merchant_id", "kind", "id"],
        sqlite_where=sa.text("kind <> 'charge'"),
    )
    refuse("ledger_postings", "UPDATE", "DELETE")
    count_inserts("ledger_postings", only_when=_SHOWN)
    sum_entries()
