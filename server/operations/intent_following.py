"""Lets payment intents follow their payments, in the transaction in which the payment changes."""

from collections.abc import Collection
from uuid import UUID

from server.domain.events import EventType
from server.domain.payment import FutureUsage, Payment
from server.domain.ports import Transaction


def follow_intent(tx: Transaction, payment: Payment, _events: Collection[EventType]) -> None:
    """Moves an intent on with its payment; what its customer has agreed to with it stays with their payment method."""
    if payment.intent_id is None:
        return
    intent = tx.intents.lock(payment.merchant_id, payment.intent_id)
    followed = intent.follow(payment)
    if followed == intent:
        return
    tx.intents.update(followed)
    agreed = intent.setup_future_usage is FutureUsage.OFF_SESSION and payment.authorised
    if agreed and intent.method_id is not None:
        _allow_off_session(tx, payment.merchant_id, intent.method_id)


def _allow_off_session(tx: Transaction, merchant_id: str, method_id: UUID) -> None:
    method = tx.saved_methods.lock(merchant_id, method_id)
    if method is not None and not method.off_session:
        tx.saved_methods.update(method.allow_off_session())
