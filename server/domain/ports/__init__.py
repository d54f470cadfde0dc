"""The ports to storage, a module for each part; whoever needs one takes it from here."""

from server.domain.ports.api_keys import ApiKeys
from server.domain.ports.audit import Audit
from server.domain.ports.callbacks import Callbacks
from server.domain.ports.claims import Claims
from server.domain.ports.configs import DataKeys, PaymentConfigs
from server.domain.ports.disputes import Disputes, Files, Submissions
from server.domain.ports.events import Events
from server.domain.ports.intents import PaymentIntents
from server.domain.ports.jobs import Jobs
from server.domain.ports.ledger import Ledger
from server.domain.ports.orders import Orders
from server.domain.ports.own_movements import OwnMovements
from server.domain.ports.payments import Attempts, Payments
from server.domain.ports.payouts import Payouts
from server.domain.ports.refunds import Refunds
from server.domain.ports.saved_methods import SavedMethods
from server.domain.ports.storage import StaleVersion, Store, Transaction, UniqueViolation
from server.domain.ports.webhooks import WebhookDeliveries, WebhookEndpoints

__all__ = [
    "ApiKeys",
    "Attempts",
    "Audit",
    "Callbacks",
    "Claims",
    "DataKeys",
    "Disputes",
    "Events",
    "Files",
    "Jobs",
    "Ledger",
    "Orders",
    "OwnMovements",
    "PaymentConfigs",
    "PaymentIntents",
    "Payments",
    "Payouts",
    "Refunds",
    "SavedMethods",
    "StaleVersion",
    "Store",
    "Submissions",
    "Transaction",
    "UniqueViolation",
    "WebhookDeliveries",
    "WebhookEndpoints",
]
