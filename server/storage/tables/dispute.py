"""Disputes, with the evidence that was sent."""

import sqlalchemy as sa
from sqlalchemy import BigInteger, Column, Integer, Text

from server.storage.tables.schema import METADATA, index
from server.storage.types import Id, JsonText, Moment

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
    Column("sequence", Integer, nullable=False),
    # What of the gateway's movements is posted, all told, and in how many steps that was.
    Column("taken_minor", BigInteger, nullable=False, server_default=sa.text("0")),
    Column("returned_minor", BigInteger, nullable=False, server_default=sa.text("0")),
    Column("fee_minor", BigInteger, nullable=False, server_default=sa.text("0")),
    Column("returned_fee_minor", BigInteger, nullable=False, server_default=sa.text("0")),
    Column("movements", Integer, nullable=False, server_default=sa.text("0")),
    sa.ForeignKeyConstraint(["merchant_id", "payment_id"], ["payments.merchant_id", "payments.id"]),
    # Two replicas that are told of a new dispute at once store it once.
    sa.UniqueConstraint("merchant_id", "gateway", "gateway_dispute_id", name="uq_disputes_gateway_number"),
    sa.CheckConstraint("amount_minor > 0", name="amount_positive"),
    sa.CheckConstraint("returned_minor BETWEEN 0 AND taken_minor", name="returned_within_taken"),
)
index("ix_disputes_payment", disputes.c.merchant_id, disputes.c.payment_id, disputes.c.id)
index("ix_disputes_status", disputes.c.merchant_id, disputes.c.status, disputes.c.id)

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
index(
    "uq_evidence_submissions_in_flight",
    *(evidence_submissions.c.merchant_id, evidence_submissions.c.dispute_id),
    unique=True,
    where=sa.text("status = 'in_flight'"),
)
