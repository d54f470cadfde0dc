"""The movements of a merchant's balance that charges, refunds, disputes and payouts make, and those that Stripe makes by itself."""

from collections.abc import Mapping

from sandbox.stripe.books import Books
from sandbox.stripe.ids import new_id
from sandbox.stripe.records.balance_transaction import BalanceTransaction, processing_fee
from sandbox.stripe.records.charge import Charge
from sandbox.stripe.records.dispute import Dispute
from sandbox.stripe.records.payout import Payout
from sandbox.stripe.records.refund import Refund

OWN_TYPES: Mapping[str, str] = {
    "adjustment": "other_adjustment",
    "climate_order_purchase": "climate_order_purchase",
    "climate_order_refund": "climate_order_refund",
    "contribution": "contribution",
    "stripe_fee": "fee",
    "stripe_fx_fee": "fee",
    "tax_fee": "tax",
    "topup": "topup",
    "topup_reversal": "topup_reversal",
}
"""The types of what belongs to no other object, each with its reporting category. Source: docs.stripe.com/reports/reporting-categories."""

_PENDING_SECONDS = 2 * 24 * 60 * 60
_DISPUTE_FEE = 1500


def charge_movement(books: Books, charged: Charge) -> None:
    """The captured amount less the fee, available two days later (at once for the published cards that say so)."""
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


def refund_movement(books: Books, refund: Refund) -> None:
    """Takes the refunded amount; the fee of the charge is not given back."""
    movement = _at_once(books, -refund.amount, refund.currency, "refund", refund.id)
    refund.balance_transaction = movement.id


def refund_failure_movement(books: Books, refund: Refund) -> None:
    movement = _at_once(books, refund.amount, refund.currency, "refund_failure", refund.id)
    refund.failure_balance_transaction = movement.id


def dispute_movement(books: Books, dispute: Dispute) -> None:
    """The disputed amount and a fee of 15.00 leave the balance when the bank takes the money back."""
    movement = _at_once(
        books, -dispute.amount, dispute.currency, "adjustment", dispute.id, category="dispute", fee=_DISPUTE_FEE
    )
    movement.fee_description = "Dispute fee"
    movement.description = f"Chargeback withdrawal for {dispute.charge}"
    dispute.balance_transactions.append(movement.shown_at(books.now))


def dispute_won_movement(books: Books, dispute: Dispute) -> None:
    """A won dispute gives back the amount; its fee stays with Stripe."""
    movement = _at_once(books, dispute.amount, dispute.currency, "adjustment", dispute.id, category="dispute_reversal")
    movement.description = f"Chargeback reversal for {dispute.charge}"
    dispute.balance_transactions.append(movement.shown_at(books.now))


def payout_movement(books: Books, payout: Payout) -> None:
    payout.balance_transaction = _at_once(books, -payout.amount, payout.currency, "payout", payout.id).id


def payout_returned_movement(books: Books, payout: Payout, kind: str) -> None:
    """`kind` is `payout_failure` or `payout_cancel`."""
    payout.failure_balance_transaction = _at_once(
        books, payout.amount, payout.currency, kind, payout.id, category="payout_reversal"
    ).id


def own_movement(books: Books, type: str, currency: str, amount: int, fee: int) -> BalanceTransaction:
    """What belongs to no other object, of one of OWN_TYPES."""
    return _at_once(books, amount, currency, type, None, category=OWN_TYPES[type], fee=fee)


def _at_once(
    books: Books,
    amount: int,
    currency: str,
    type: str,
    source: str | None,
    *,
    category: str | None = None,
    fee: int = 0,
) -> BalanceTransaction:
    movement = BalanceTransaction(
        id=new_id("txn"),
        created=books.now,
        amount=amount,
        currency=currency,
        type=type,
        source=source,
        available_on=books.now,
        reporting_category=category or type,
        fee=fee,
    )
    books.save(movement)
    return movement
