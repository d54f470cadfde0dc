"""Payment intents."""

import sqlalchemy as sa
from sqlalchemy import BigInteger, Column, Text

from server.storage.tables.schema import METADATA, index
from server.storage.types import Id, JsonText, Moment

payment_intents = sa.Table(
    "payment_intents",
    METADATA,
    Column("merchant_id", Text, primary_key=True),
    Column("id", Id, primary_key=True),
    Column("amount_minor", BigInteger, nullable=False),
    Column("currency", Text, nullable=False),
    Column("gateway", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Column("capture_method", Text, nullable=False),
    Column("confirmation_method", Text, nullable=False),
    Column("setup_future_usage", Text),
    Column("customer_id", Id),
    Column("method_id", Id),
    Column("return_url", Text),
    Column("metadata", JsonText, nullable=False, key="metadata_"),
    Column("status", Text, nullable=False),
    Column("payment_id", Id),
    Column("gateway_payment_id", Text),
    Column("next_action", JsonText),
    Column("error_code", Text),
    Column("error_message", Text),
    Column("canceled_at", Moment),
    sa.CheckConstraint("amount_minor > 0", name="amount_positive"),
    # An intent leads to one payment at most, and a payment belongs to one intent at most.
    sa.UniqueConstraint("merchant_id", "payment_id", name="uq_payment_intents_payment"),
    sa.ForeignKeyConstraint(["merchant_id", "payment_id"], ["payments.merchant_id", "payments.id"]),
)
index("ix_payment_intents_status", payment_intents.c.merchant_id, payment_intents.c.status, payment_intents.c.id)
index("ix_payment_intents_gateway", payment_intents.c.merchant_id, payment_intents.c.gateway, payment_intents.c.id)
index(
    "ix_payment_intents_customer",
    *(payment_intents.c.merchant_id, payment_intents.c.customer_id, payment_intents.c.id),
    where=payment_intents.c.customer_id.is_not(None),
)
