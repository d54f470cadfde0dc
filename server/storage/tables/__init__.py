"""Every table. Each row belongs to a merchant, whose id leads every key; each constraint has a name on both databases.

`sqlite_with_rowid=False`: a row lives in its primary key's tree, without a second one for hidden row numbers. Tables of large rows keep those.
A table is taken from here, and so nobody sees METADATA without all of them.
"""

from server.storage.tables.access import api_keys
from server.storage.tables.attempt import attempts
from server.storage.tables.audit import audit_log
from server.storage.tables.counting import counters, row_counts
from server.storage.tables.dispute import disputes, evidence_submissions
from server.storage.tables.event import events
from server.storage.tables.file import files
from server.storage.tables.idempotency import idempotency_claims
from server.storage.tables.inbox import callbacks
from server.storage.tables.job import jobs
from server.storage.tables.ledger import ledger_balances, ledger_entries, ledger_postings
from server.storage.tables.order import orders
from server.storage.tables.own_movement import own_movements
from server.storage.tables.payment import payments
from server.storage.tables.payment_config import payment_config_versions, payment_configs
from server.storage.tables.payment_intent import payment_intents
from server.storage.tables.payout import payouts
from server.storage.tables.refund import refunds
from server.storage.tables.saved_method import gateway_customers, saved_methods
from server.storage.tables.schema import METADATA
from server.storage.tables.vault import data_keys
from server.storage.tables.webhook import webhook_deliveries, webhook_endpoints

__all__ = [
    "METADATA",
    "api_keys",
    "attempts",
    "audit_log",
    "callbacks",
    "counters",
    "data_keys",
    "disputes",
    "events",
    "evidence_submissions",
    "files",
    "gateway_customers",
    "idempotency_claims",
    "jobs",
    "ledger_balances",
    "ledger_entries",
    "ledger_postings",
    "orders",
    "own_movements",
    "payment_config_versions",
    "payment_configs",
    "payment_intents",
    "payments",
    "payouts",
    "refunds",
    "row_counts",
    "saved_methods",
    "webhook_deliveries",
    "webhook_endpoints",
]
