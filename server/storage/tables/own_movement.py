"""What gateways have moved on merchants' balances by themselves."""

import sqlalchemy as sa
from sqlalchemy import BigInteger, Column, Text

from server.storage.tables.schema import METADATA, index
from server.storage.types import Day, Id, Moment

own_movements = sa.Table(
    "own_movements",
    METADATA,
    Column("merchant_id", Text, primary_key=True),
    Column("id", Id, primary_key=True),
    Column("gateway", Text, nullable=False),
    Column("gateway_transaction_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("fee_minor", BigInteger, nullable=False),
    Column("currency", Text, nullable=False),
    Column("available_on", Day, nullable=False),
    # The gateway's own time, and ours.
    Column("made_at", Moment, nullable=False),
    Column("created_at", Moment, nullable=False),
    sa.CheckConstraint("amount_minor <> 0 OR fee_minor <> 0", name="moves_something"),
    sa.CheckConstraint("kind <> 'fee' OR fee_minor = 0", name="fee_without_fee"),
    sqlite_with_rowid=False,
)
# One of the gateway's is in the books once.
index(
    "uq_own_movements_gateway_number",
    *(own_movements.c.merchant_id, own_movements.c.gateway, own_movements.c.gateway_transaction_id),
    unique=True,
)
