"""Every table. Each row belongs to a merchant, whose id leads every key; each constraint has a name on both databases."""

import sqlalchemy as sa
from sqlalchemy import BigInteger, Column, Integer, LargeBinary, Text

from server.storage.constraints import NAMING_CONVENTION
from server.storage.types import Day, Id, JsonText, Moment

METADATA = sa.MetaData(naming_convention=NAMING_CONVENTION)

# `sqlite_with_rowid=False`: a row lives in its primary key's tree, without a second one for hidden row numbers. Tables
# of large rows keep those.


def _index(
    name: str,
    *columns: Column[object],
    unique: bool = False,
    where: sa.ColumnElement[bool] | sa.TextClause | None = None,
) -> None:
    sa.Index(name, *columns, unique=unique, sqlite_where=where, postgresql_where=where)


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
_index("uq_payments_reference", payments.c.merchant_id, payments.c.gateway, payments.c.reference, unique=True)
# Each index ends in what its list is sorted by, so that a page is read from its place in the index, whatever the size.
_index("ix_payments_created", payments.c.merchant_id, payments.c.created_at, payments.c.id)
# Behind the order stand the columns with few values: no index leads with two of them, but rows that one of them
# excludes are passed over within the index.
_index(
    "ix_payments_amount",
    *(payments.c.merchant_id, payments.c.common_units, payments.c.id, payments.c.status, payments.c.gateway),
)
_index(
    "ix_payments_status",
    *(payments.c.merchant_id, payments.c.status, payments.c.created_at, payments.c.id, payments.c.gateway),
)
_index("ix_payments_gateway", payments.c.merchant_id, payments.c.gateway, payments.c.created_at, payments.c.id)
_index(
    "ix_payments_customer",
    *(payments.c.merchant_id, payments.c.customer_id, payments.c.created_at, payments.c.id),
    where=payments.c.customer_id.is_not(None),
)
_index(
    "ix_payments_order",
    *(payments.c.merchant_id, payments.c.order_id, payments.c.created_at, payments.c.id),
    where=payments.c.order_id.is_not(None),
)
_index(
    "ix_payments_mall_order",
    *(payments.c.merchant_id, payments.c.mall_order_id, payments.c.gateway),
    where=payments.c.mall_order_id.is_not(None),
)
# Disputes name payments by the gateway's number alone.
_index(
    "ix_payments_gateway_number",
    *(payments.c.merchant_id, payments.c.gateway, payments.c.gateway_payment_id),
    where=payments.c.gateway_payment_id.is_not(None),
)

orders = sa.Table(
    "orders",
    METADATA,
    Column("merchant_id", Text, primary_key=True),
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("uuid", Id, nullable=False),
    Column("order_no", Text, nullable=False),
    Column("user_id", Text, nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("currency", Text, nullable=False),
    Column("subject", Text),
    Column("status", Text, nullable=False),
    Column("payment_id", Id),
    Column("payment_gateway", Text),
    Column("paid_at", Moment),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    sa.CheckConstraint("amount_minor > 0", name="amount_positive"),
    sa.UniqueConstraint("merchant_id", "order_no", name="uq_orders_order_no"),
    sa.UniqueConstraint("merchant_id", "uuid", name="uq_orders_uuid"),
    sa.ForeignKeyConstraint(["merchant_id", "payment_id"], ["payments.merchant_id", "payments.id"]),
    sqlite_with_rowid=False,
)
_index("ix_orders_user", orders.c.merchant_id, orders.c.user_id, orders.c.uuid)
_index("ix_orders_user_status", orders.c.merchant_id, orders.c.user_id, orders.c.status, orders.c.uuid)
_index("ix_orders_status", orders.c.merchant_id, orders.c.status, orders.c.uuid)

# Numbers that people see, counted from 1 without gaps: the row is locked until its transaction ends.
counters = sa.Table(
    "counters",
    METADATA,
    Column("merchant_id", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("value", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

row_counts = sa.Table(
    "row_counts",
    METADATA,
    Column("merchant_id", Text, primary_key=True),
    Column("counted_table", Text, primary_key=True),
    # Triggers count each insert, on PostgreSQL in one of several rows, so that inserts do not wait for one another.
    Column("shard", Integer, primary_key=True, autoincrement=False),
    Column("row_count", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

attempts = sa.Table(
    "attempts",
    METADATA,
    Column("merchant_id", Text, primary_key=True),
    Column("id", Id, primary_key=True),
    Column("payment_id", Id, nullable=False),
    Column("kind", Text, nullable=False),
    Column("gateway", Text, nullable=False),
    Column("config_version", Integer, nullable=False),
    Column("reference", Text, nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("currency", Text, nullable=False),
    Column("request", JsonText, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Column("status", Text, nullable=False),
    Column("gateway_payment_id", Text),
    Column("reason", Text),
    Column("message", Text),
    sa.ForeignKeyConstraint(["merchant_id", "payment_id"], ["payments.merchant_id", "payments.id"]),
    sqlite_with_rowid=False,
)
_index("ix_attempts_payment", attempts.c.merchant_id, attempts.c.payment_id, attempts.c.id)
# A second attempt while the outcome of one is not known could charge twice.
_index(
    "uq_attempts_in_flight",
    *(attempts.c.merchant_id, attempts.c.payment_id),
    unique=True,
    where=sa.text("status IN ('in_flight', 'needs_review')"),
)
# A capture or a void speaks of its authorisation's reference; a new authorisation never reuses one.
_index(
    "uq_attempts_reference",
    *(attempts.c.merchant_id, attempts.c.gateway, attempts.c.reference),
    unique=True,
    where=sa.text("kind = 'authorise'"),
)

refunds = sa.Table(
    "refunds",
    METADATA,
    Column("merchant_id", Text, primary_key=True),
    Column("id", Id, primary_key=True),
    Column("payment_id", Id, nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("currency", Text, nullable=False),
    Column("gateway", Text, nullable=False),
    Column("reference", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Column("reason", Text),
    Column("metadata", JsonText, nullable=False, key="metadata_"),
    Column("status", Text, nullable=False),
    Column("gateway_refund_id", Text),
    Column("failure", Text),
    Column("failure_reason", Text),
    Column("needs_review", sa.Boolean(create_constraint=False), nullable=False),
    Column("sequence", Integer, nullable=False),
    sa.CheckConstraint("amount_minor > 0", name="amount_positive"),
    sa.ForeignKeyConstraint(["merchant_id", "payment_id"], ["payments.merchant_id", "payments.id"]),
    sqlite_with_rowid=False,
)
_index("ix_refunds_payment", refunds.c.merchant_id, refunds.c.payment_id, refunds.c.created_at, refunds.c.id)
_index("uq_refunds_reference", refunds.c.merchant_id, refunds.c.gateway, refunds.c.reference, unique=True)
_index(
    "ix_refunds_gateway_number",
    *(refunds.c.merchant_id, refunds.c.gateway, refunds.c.gateway_refund_id),
    where=refunds.c.gateway_refund_id.is_not(None),
)

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
_index("ix_payment_intents_status", payment_intents.c.merchant_id, payment_intents.c.status, payment_intents.c.id)
_index(
    "ix_payment_intents_customer",
    *(payment_intents.c.merchant_id, payment_intents.c.customer_id, payment_intents.c.id),
    where=payment_intents.c.customer_id.is_not(None),
)

saved_methods = sa.Table(
    "saved_methods",
    METADATA,
    Column("merchant_id", Text, primary_key=True),
    Column("id", Id, primary_key=True),
    Column("customer_id", Id, nullable=False),
    Column("gateway", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("token", Text, nullable=False),
    Column("gateway_customer_id", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("card_brand", Text),
    Column("card_last4", Text),
    Column("card_exp_month", Integer),
    Column("card_exp_year", Integer),
    Column("card_fingerprint", Text),
    Column("is_default", sa.Boolean(create_constraint=False), nullable=False),
    Column("off_session", sa.Boolean(create_constraint=False), nullable=False),
    Column("deleted_at", Moment),
    sqlite_with_rowid=False,
)
_index(
    "ix_saved_methods_customer",
    *(saved_methods.c.merchant_id, saved_methods.c.customer_id, saved_methods.c.id),
    where=saved_methods.c.deleted_at.is_(None),
)
_index(
    "uq_saved_methods_default",
    *(saved_methods.c.merchant_id, saved_methods.c.customer_id),
    unique=True,
    where=sa.text("is_default"),
)
_index(
    "uq_saved_methods_token",
    *(saved_methods.c.merchant_id, saved_methods.c.gateway, saved_methods.c.token),
    unique=True,
    where=saved_methods.c.deleted_at.is_(None),
)

gateway_customers = sa.Table(
    "gateway_customers",
    METADATA,
    Column("merchant_id", Text, primary_key=True),
    Column("customer_id", Id, primary_key=True),
    Column("gateway", Text, primary_key=True),
    Column("gateway_customer_id", Text, nullable=False),
    sqlite_with_rowid=False,
)

disputes = sa.Table(
    "disputes",
    METADATA,
    Column("merchant_id", Text, primary_key=True),
    Column("id", Id, primary_key=True),
    Column("payment_id", Id, nullable=False),
    Column("gateway", Text, nullable=False),
    Column("gateway_dispute_id", Text, nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("currency", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("rank", BigInteger, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Column("evidence", JsonText),
    Column("evidence_due_by", Moment),
    Column("withdrawn_minor", BigInteger),
    Column("returned", sa.Boolean(create_constraint=False), nullable=False),
    Column("sequence", Integer, nullable=False),
    sa.ForeignKeyConstraint(["merchant_id", "payment_id"], ["payments.merchant_id", "payments.id"]),
    # Two replicas that are told of a new dispute at once store it once.
    sa.UniqueConstraint("merchant_id", "gateway", "gateway_dispute_id", name="uq_disputes_gateway_number"),
    sa.CheckConstraint("amount_minor > 0", name="amount_positive"),
)
_index("ix_disputes_payment", disputes.c.merchant_id, disputes.c.payment_id, disputes.c.id)
_index("ix_disputes_status", disputes.c.merchant_id, disputes.c.status, disputes.c.id)

evidence_submissions = sa.Table(
    "evidence_submissions",
    METADATA,
    Column("merchant_id", Text, primary_key=True),
    Column("id", Id, primary_key=True),
    Column("dispute_id", Id, nullable=False),
    Column("evidence", JsonText, nullable=False),
    Column("status", Text, nullable=False),
    Column("message", Text),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    sa.ForeignKeyConstraint(["merchant_id", "dispute_id"], ["disputes.merchant_id", "disputes.id"]),
)
_index(
    "uq_evidence_submissions_in_flight",
    *(evidence_submissions.c.merchant_id, evidence_submissions.c.dispute_id),
    unique=True,
    where=sa.text("status = 'in_flight'"),
)

files = sa.Table(
    "files",
    METADATA,
    Column("merchant_id", Text, primary_key=True),
    Column("id", Id, primary_key=True),
    Column("purpose", Text, nullable=False),
    Column("filename", Text),
    Column("content_type", Text, nullable=False),
    Column("size", Integer, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("content", LargeBinary, nullable=False),
)

payouts = sa.Table(
    "payouts",
    METADATA,
    Column("merchant_id", Text, primary_key=True),
    Column("id", Id, primary_key=True),
    Column("amount_minor", BigInteger, nullable=False),
    Column("currency", Text, nullable=False),
    Column("gateway", Text, nullable=False),
    Column("config_version", Integer, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Column("reference", Text),
    Column("status", Text, nullable=False),
    Column("gateway_payout_id", Text),
    Column("arrival_date", Day),
    Column("failure", Text),
    Column("failure_reason", Text),
    Column("stop_id", Id),
    Column("stop_ordered_at", Moment),
    Column("stop_failure", Text),
    Column("stop_message", Text),
    Column("needs_review", sa.Boolean(create_constraint=False), nullable=False),
    Column("sequence", Integer, nullable=False),
    sa.CheckConstraint("amount_minor <> 0", name="amount_not_zero"),
    sqlite_with_rowid=False,
)
_index("ix_payouts_status", payouts.c.merchant_id, payouts.c.status, payouts.c.id)
_index(
    "uq_payouts_reference",
    *(payouts.c.merchant_id, payouts.c.gateway, payouts.c.reference),
    unique=True,
    where=payouts.c.reference.is_not(None),
)
# One payout of the gateway's is one of ours, whoever saw it first.
_index(
    "uq_payouts_gateway_number",
    *(payouts.c.merchant_id, payouts.c.gateway, payouts.c.gateway_payout_id),
    unique=True,
    where=payouts.c.gateway_payout_id.is_not(None),
)

callbacks = sa.Table(
    "callbacks",
    METADATA,
    Column("merchant_id", Text, primary_key=True),
    Column("id", Id, primary_key=True),
    Column("gateway", Text),
    Column("format", Text, nullable=False),
    Column("content_type", Text, nullable=False),
    Column("headers", JsonText, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("received_at", Moment, nullable=False),
    Column("decision", Text, nullable=False),
    Column("reason", Text),
    Column("event_id", Text),
    Column("reference", Text),
    Column("payment_id", Id),
    Column("attempts", Integer, nullable=False),
    Column("processed_at", Moment),
)
_index("ix_callbacks_decision", callbacks.c.merchant_id, callbacks.c.decision, callbacks.c.id)
_index(
    "ix_callbacks_payment",
    *(callbacks.c.merchant_id, callbacks.c.payment_id, callbacks.c.id),
    where=callbacks.c.payment_id.is_not(None),
)
_index(
    "ix_callbacks_reference",
    *(callbacks.c.merchant_id, callbacks.c.reference, callbacks.c.id),
    where=callbacks.c.reference.is_not(None),
)

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
    sa.UniqueConstraint("merchant_id", "source_id", "kind", name="uq_ledger_postings_source"),
    sqlite_with_rowid=False,
)
# Nearly every posting is a charge: the others are found without passing over those, and a charge costs this index nothing.
_index(
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
_index(
    "ix_ledger_balances_due",
    ledger_balances.c.available_on,
    where=sa.text("account = 'gateway_receivable'"),
)

events = sa.Table(
    "events",
    METADATA,
    Column("merchant_id", Text, primary_key=True),
    Column("id", Id, primary_key=True),
    Column("type", Text, nullable=False),
    Column("object_id", Id, nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("payload", LargeBinary, nullable=False),
    Column("created_at", Moment, nullable=False),
    # Given once the event is committed, so that whoever has read one position has seen all before it.
    Column("position", BigInteger),
    sa.UniqueConstraint("merchant_id", "object_id", "sequence", name="uq_events_sequence"),
)
_index("ix_events_unnumbered", events.c.merchant_id, events.c.id, where=events.c.position.is_(None))
_NUMBERED = events.c.position.is_not(None)
_index("uq_events_position", events.c.merchant_id, events.c.position, unique=True, where=_NUMBERED)
_index("ix_events_type", events.c.merchant_id, events.c.type, events.c.position, where=_NUMBERED)
_index("ix_events_object", events.c.merchant_id, events.c.object_id, events.c.position, where=_NUMBERED)
_index("ix_events_created", events.c.merchant_id, events.c.created_at, events.c.position, where=_NUMBERED)

audit_log = sa.Table(
    "audit_log",
    METADATA,
    Column("merchant_id", Text, primary_key=True),
    Column("id", Id, primary_key=True),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("object_type", Text, nullable=False),
    Column("object_id", Text),
    Column("details", JsonText, nullable=False),
    Column("request_id", Text),
    Column("created_at", Moment, nullable=False),
)
_index("ix_audit_log_created", audit_log.c.merchant_id, audit_log.c.created_at, audit_log.c.id)
_index(
    "ix_audit_log_object",
    *(audit_log.c.merchant_id, audit_log.c.object_id, audit_log.c.created_at, audit_log.c.id),
    where=audit_log.c.object_id.is_not(None),
)

jobs = sa.Table(
    "jobs",
    METADATA,
    Column("kind", Text, primary_key=True),
    Column("id", Id, primary_key=True),
    Column("merchant_id", Text, nullable=False),
    Column("gateway", Text, nullable=False, server_default=sa.text("''")),
    # Schedule and lease at once: a claimed job is due again when its lease ends.
    Column("due_at", Moment, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("tries", Integer, nullable=False),
    sqlite_with_rowid=False,
)
_index("ix_jobs_due", jobs.c.due_at, jobs.c.gateway)

idempotency_claims = sa.Table(
    "idempotency_claims",
    METADATA,
    Column("merchant_id", Text, primary_key=True),
    Column("credential", Text, primary_key=True),
    Column("method", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("request_hash", LargeBinary, nullable=False),
    Column("operation_id", Id, nullable=False),
    Column("leased_until", Moment, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("lease", Integer, nullable=False),
    Column("reply", LargeBinary),
)
_index("ix_idempotency_claims_created", idempotency_claims.c.created_at)

api_keys = sa.Table(
    "api_keys",
    METADATA,
    Column("merchant_id", Text, primary_key=True),
    Column("id", Id, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("scopes", Text, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("revoked_at", Moment),
    # Found by its hash alone, before its merchant is known.
    sa.UniqueConstraint("hash", name="uq_api_keys_hash"),
    sqlite_with_rowid=False,
)

data_keys = sa.Table(
    "data_keys",
    METADATA,
    Column("merchant_id", Text, primary_key=True),
    Column("id", Id, primary_key=True),
    # The operator's key that `wrapped` is encrypted under.
    Column("key_id", Text, nullable=False),
    Column("wrapped", LargeBinary, nullable=False),
    Column("created_at", Moment, nullable=False),
    sqlite_with_rowid=False,
)
# Whatever is not wrapped under the operator's first key is looked for over all merchants.
_index("ix_data_keys_key", data_keys.c.key_id, data_keys.c.merchant_id, data_keys.c.id)

webhook_endpoints = sa.Table(
    "webhook_endpoints",
    METADATA,
    Column("merchant_id", Text, primary_key=True),
    Column("id", Id, primary_key=True),
    Column("url", Text, nullable=False),
    # The types of events, separated by blanks.
    Column("events", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("data_key_id", Id, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("failing_since", Moment),
    Column("created_at", Moment, nullable=False),
    sa.ForeignKeyConstraint(["merchant_id", "data_key_id"], ["data_keys.merchant_id", "data_keys.id"]),
    sqlite_with_rowid=False,
)

# They outlive their endpoints, and a try of an endpoint has no event that is stored: neither is a foreign key.
webhook_deliveries = sa.Table(
    "webhook_deliveries",
    METADATA,
    Column("merchant_id", Text, primary_key=True),
    Column("id", Id, primary_key=True),
    Column("endpoint_id", Id, nullable=False),
    Column("event_id", Id, nullable=False),
    Column("event_type", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("response_status", Integer),
    Column("failure_reason", Text),
    # Schedule and lease at once, as in `jobs`.
    Column("due_at", Moment, nullable=False),
    Column("attempted_at", Moment),
    Column("created_at", Moment, nullable=False),
    sqlite_with_rowid=False,
)
_PENDING = webhook_deliveries.c.status == sa.literal_column("'pending'")
_index(
    "ix_webhook_deliveries_due",
    *(webhook_deliveries.c.merchant_id, webhook_deliveries.c.endpoint_id),
    *(webhook_deliveries.c.due_at, webhook_deliveries.c.id),
    where=_PENDING,
)
_index(
    "ix_webhook_deliveries_endpoint",
    *(webhook_deliveries.c.merchant_id, webhook_deliveries.c.endpoint_id, webhook_deliveries.c.id),
)
_index("ix_webhook_deliveries_event", webhook_deliveries.c.merchant_id, webhook_deliveries.c.event_id)
_index("ix_webhook_deliveries_created", webhook_deliveries.c.created_at)

payment_configs = sa.Table(
    "payment_configs",
    METADATA,
    Column("merchant_id", Text, primary_key=True),
    Column("gateway", Text, primary_key=True),
    Column("id", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    Column("enabled", sa.Boolean(create_constraint=False), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    sa.UniqueConstraint("merchant_id", "id", name="uq_payment_configs_id"),
    sqlite_with_rowid=False,
)

payment_config_versions = sa.Table(
    "payment_config_versions",
    METADATA,
    Column("merchant_id", Text, primary_key=True),
    Column("gateway", Text, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("public", JsonText, nullable=False),
    Column("data_key_id", Id, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("created_at", Moment, nullable=False),
    sa.ForeignKeyConstraint(["merchant_id", "gateway"], ["payment_configs.merchant_id", "payment_configs.gateway"]),
    sa.ForeignKeyConstraint(["merchant_id", "data_key_id"], ["data_keys.merchant_id", "data_keys.id"]),
)
