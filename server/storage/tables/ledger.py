"""The books: postings, their entries, and what those come to."""

import sqlalchemy as sa
from sqlalchemy import BigInteger, Column, Integer, Text

from server.storage.tables.schema import METADATA, index
from server.storage.types import Day, Id, Moment

ledger_postings = sa.Table(
    "ledger_postings",
    METADATA,
    Column("merchant_id", Text, primary_key=True),
    Column("id", Id, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("source_id", Id, nullable=False),
    Column("gateway", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    # Of all sources disputes alone have more than one of a kind: their money moves in parts.
    Column("number", Integer, nullable=False, server_default=sa.text("1")),
    # The gateway's own time of a charge, where it is another one than that of the posting: with it stands here, for good, when a payment was captured.
    Column("moved_at", Moment),
    sa.UniqueConstraint("merchant_id", "source_id", "kind", "number", name="uq_ledger_postings_source"),
    sqlite_with_rowid=False,
)
# Nearly every posting is a charge: the others are found without passing over those, and a charge costs this index nothing.
index(
    "ix_ledger_postings_not_charge",
    *(ledger_postings.c.merchant_id, ledger_postings.c.kind, ledger_postings.c.id),
    where=sa.text("kind <> 'charge'"),
)

ledger_entries = sa.Table(
    "ledger_entries",
    METADATA,
    Column("merchant_id", Text, primary_key=True),
    Column("posting_id", Id, primary_key=True),
    Column("line", Integer, primary_key=True, autoincrement=False),
    Column("account", Text, nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("available_on", Day),
    sa.ForeignKeyConstraint(["merchant_id", "posting_id"], ["ledger_postings.merchant_id", "ledger_postings.id"]),
    sqlite_with_rowid=False,
)

# What the entries of an account come to. A trigger adds each entry, on PostgreSQL in one of several rows, so that postings do not wait for one another.
ledger_balances = sa.Table(
    "ledger_balances",
    METADATA,
    Column("merchant_id", Text, primary_key=True),
    Column("account", Text, primary_key=True),
    Column("gateway", Text, primary_key=True),
    Column("currency", Text, primary_key=True),
    # As in the entries; empty where they have none, as a key must be something.
    Column("available_on", Text, primary_key=True),
    Column("shard", Integer, primary_key=True, autoincrement=False),
    Column("amount_minor", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
# Money that is to be settled is looked for over all merchants, by its day.
index(
    "ix_ledger_balances_due",
    ledger_balances.c.available_on,
    where=sa.text("account = 'gateway_receivable'"),
)
