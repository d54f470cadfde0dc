"""The movements of a merchant's balance that charges and refunds make."""

from sandbox.stripe.books import Books
from sandbox.stripe.ids import new_id
from sandbox.stripe.records.balance_transaction import BalanceTransaction, processing_fee
from sandbox.stripe.records.charge import Charge

_PENDING_SECONDS = 2 * 24 * 60 * 60


def charge_movement(books: Books, charged: Charge) -> BalanceTransaction:
    """The captured amount less the fee, available two days later (at once for the published card that says so)."""
    at_once = charged.card.behaviour.available_at_once
    movement = BalanceTransaction(
        id=new_id("txn"),
        created=books.now,
        amount=charged.amount_captured,
        currency=charged.currency,
        type="charge",
        source=charged.id,
        available_on=books.now if at_once else books.now + _PENDING_SECONDS,
        reporting_category="charge",
        fee=processing_fee(charged.amount_captured),
        description=charged.description,
    )
    books.save(movement)
    charged.balance_transaction = movement.id
    return movement
