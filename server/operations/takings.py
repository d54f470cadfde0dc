"""What gateways tell of a charge beside its amount: the fee that they keep of it and the day from which on they pay it out, with the charge or later."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from server.domain.ids import Ids
from server.domain.ledger import Account, Posting, PostingKind
from server.domain.money import Money
from server.domain.outcomes import Approved, Outcome
from server.domain.payment import Payment
from server.domain.ports import Transaction


class Takings:
    """`settlement_days` says after how many days each gateway pays out, as far as it does not say so itself; 0 for one that is not named."""

    def __init__(self, ids: Ids, settlement_days: Mapping[str, int]) -> None:
        self._ids = ids
        self._settlement_days = settlement_days

    def dated(self, payment: Payment, outcome: Outcome, at: datetime) -> Outcome:
        """The outcome, with a day for money that was taken."""
        if not isinstance(outcome, Approved) or not outcome.captured or outcome.available_on is not None:
            return outcome
        taken_on = (outcome.paid_at or at).astimezone(UTC).date()
        days = self._settlement_days.get(payment.gateway, 0)
        return replace(outcome, available_on=taken_on + timedelta(days=days))

    def tell_later(self, tx: Transaction, payment: Payment, outcome: Outcome, at: datetime) -> None:
        """Posts the fee of a captured payment that is locked, if the gateway tells of it now and has not before."""
        if not isinstance(outcome, Approved) or not outcome.captured or not outcome.fee_minor:
            return
        charge = tx.ledger.find(payment.merchant_id, PostingKind.CHARGE, payment.id)
        if charge is None or any(entry.account is Account.GATEWAY_FEES for entry in charge.entries):
            return
        if tx.ledger.find(payment.merchant_id, PostingKind.CHARGE_FEE, payment.id) is not None:
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
