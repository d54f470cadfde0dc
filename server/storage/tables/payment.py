"""Payments."""

import sqlalchemy as sa
from sqlalchemy import BigInteger, Column, Integer, Text

from server.storage.tables.schema import METADATA, index
from server.storage.types import Id, JsonText, Moment

payments = sa.Table(
    "payments",
    METADATA,
    Column("merchant_id", Text, primary_key=True),
    Column("id", Id, primary_key=True),
    Column("amount_minor", BigInteger, nullable=False),
    Column("currency", Text, nullable=False),
    # The amount at one exponent for all currencies: lists sort and filter by it.
    Column("common_units", BigInteger, nullable=False),
    Column("gateway", Text, nullable=False),
    Column("reference", Text, nullable=False),
    Column("method", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Column("capture_method", Text, nullable=False),
    Column("confirmation_method", Text, nullable=False),
    Column("order_id", Id),
    Column("mall_order_id", BigInteger),
    Column("intent_id", Id),
    Column("customer_id", Id),
    Column("card_brand", Text),
    Column("card_last4", Text),
    Column("card_exp_month", Integer),
    Column("card_exp_year", Integer),
    Column("card_fingerprint", Text),
    Column("description", Text),
    Column("receipt_email", Text),
    Column("metadata", JsonText, nullable=False, key="metadata_"),
    Column("status", Text, nullable=False),
    Column("gateway_payment_id", Text),
    Column("authorised", sa.Boolean(create_constraint=False), nullable=False),
    Column("captured_minor", BigInteger, nullable=False),
    Column("refunded_minor", BigInteger, nullable=False),
    # What pending refunds hold. The sums and the number of a payment's refunds stand in its row: the sums for the database to guard, the number so that a payment
    # without refunds is read without looking for them.
    Column("refunding_minor", BigInteger, nullable=False, server_default=sa.text("0")),
    Column("refund_count", Integer, nullable=False, server_default=sa.text("0")),
    Column("dispute_count", Integer, nullable=False, server_default=sa.text("0")),
    Column("receipt_url", Text),
    Column("next_action", JsonText),
    Column("failure_code", Text),
    Column("failure_message", Text),
    Column("captured_at", Moment),
    Column("canceled_at", Moment),
    Column("expires_at", Moment),
    Column("sequence", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    sa.CheckConstraint("amount_minor > 0", name="amount_positive"),
    sa.CheckConstraint("captured_minor BETWEEN 0 AND amount_minor", name="captured_within_amount"),
    sa.CheckConstraint("refunded_minor BETWEEN 0 AND captured_minor", name="refunded_within_captured"),
    sa.CheckConstraint(
        "refunding_minor >= 0 AND refunded_minor + refunding_minor <= captured_minor", name="refunds_within_captured"
    ),
    sqlite_with_rowid=False,
)
index("uq_payments_reference", payments.c.merchant_id, payments.c.gateway, payments.c.reference, unique=True)
# Each index ends in what its list is sorted by, so that a page is read from its place in the index, whatever the size.
index("ix_payments_created", payments.c.merchant_id, payments.c.created_at, payments.c.id)
# Behind the order stand the columns with few values: no index leads with two of them, but rows that one of them
# excludes are passed over within the index.
index(
    "ix_payments_amount",
    *(payments.c.merchant_id, payments.c.common_units, payments.c.id, payments.c.status, payments.c.gateway),
)
index(
    "ix_payments_status",
    *(payments.c.merchant_id, payments.c.status, payments.c.created_at, payments.c.id, payments.c.gateway),
)
index("ix_payments_gateway", payments.c.merchant_id, payments.c.gateway, payments.c.created_at, payments.c.id)
index(
    "ix_payments_customer",
    *(payments.c.merchant_id, payments.c.customer_id, payments.c.created_at, payments.c.id),
    where=payments.c.customer_id.is_not(None),
)
index(
    "ix_payments_order",
    *(payments.c.merchant_id, payments.c.order_id, payments.c.created_at, payments.c.id),
    where=payments.c.order_id.is_not(None),
)
index(
    "ix_payments_mall_order",
    *(payments.c.merchant_id, payments.c.mall_order_id, payments.c.gateway),
    where=payments.c.mall_order_id.is_not(None),
)
# Disputes name payments by the gateway's number alone.
index(
    "ix_payments_gateway_number",
    *(payments.c.merchant_id, payments.c.gateway, payments.c.gateway_payment_id),
    where=payments.c.gateway_payment_id.is_not(None),
)
