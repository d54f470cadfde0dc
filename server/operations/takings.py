"""What gateways tell of a charge beside its amount: the fee that they keep of it and the day from which on they pay it out, with the charge or later."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from server.domain.ids import Ids
from server.domain.jobs import Job, JobKind
from server.domain.ledger import Account, Posting, PostingKind
from server.domain.money import Money
from server.domain.outcomes import Approved, Outcome
from server.domain.payment import Payment
from server.domain.ports import Transaction
from server.operations.policy import Policy

# Whoever tells later does so within minutes or, where its own notification is lost, not at all.
FEE_KNOWN_WITHIN = timedelta(hours=1)


class Takings:
    """Days and fees, by the installation's policy where the gateway does not say."""

    def __init__(self, ids: Ids, policy: Policy) -> None:
        self._ids = ids
        self._policy = policy

    def dated(self, payment: Payment, outcome: Outcome, at: datetime) -> Outcome:
        """The outcome, with a day for money that was taken."""
        if not isinstance(outcome, Approved) or not outcome.captured or outcome.available_on is not None:
            return outcome
        taken_on = (outcome.paid_at or at).astimezone(UTC).date()
        days = self._policy.settlement_days.get(payment.gateway, 0)
        return replace(outcome, available_on=taken_on + timedelta(days=days))

    def expect_fee(self, tx: Transaction, payment: Payment, outcome: Outcome, at: datetime) -> None:
        """Sees to it that the gateway is asked for the fee of a payment that was just taken, if it has not named it."""
        unnamed = payment.captured and isinstance(outcome, Approved) and outcome.fee_minor is None
        if unnamed and payment.gateway in self._policy.tell_fees:
            due_at = at + FEE_KNOWN_WITHIN
            tx.jobs.enqueue(Job(payment.id, JobKind.FIND_FEE, payment.merchant_id, payment.gateway, due_at, at))

    def tell_later(self, tx: Transaction, payment: Payment, outcome: Outcome, at: datetime) -> None:
        """Posts the fee of a captured payment that is locked, if the gateway tells of it now and has not before."""
        if not isinstance(outcome, Approved) or not outcome.captured or not outcome.fee_minor:
            return
        charge = tx.ledger.find(payment.merchant_id, PostingKind.CHARGE, payment.id)
        if charge is None or fee_is_known(tx, payment.merchant_id, payment.id):
            return
        (held,) = (entry for entry in charge.entries if entry.account is Account.GATEWAY_RECEIVABLE)
        fee = Posting.charge_fee(
            payment.id,
            payment.gateway,
            Money(held.amount_minor, charge.currency),
            fee_minor=outcome.fee_minor,
            expected_on=held.available_on,
            available_on=outcome.available_on,
        )
        tx.ledger.post(payment.merchant_id, fee, self._ids.new(), at)


def fee_is_known(tx: Transaction, merchant_id: str, payment_id: UUID) -> bool:
    """Whether the fee of a captured payment is posted."""
    charge = tx.ledger.find(merchant_id, PostingKind.CHARGE, payment_id)
    if charge is None or any(entry.account is Account.GATEWAY_FEES for entry in charge.entries):
        return True
    return tx.ledger.find(merchant_id, PostingKind.CHARGE_FEE, payment_id) is not None
