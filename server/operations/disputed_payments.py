"""Finds the payment that a gateway's dispute is about."""

from dataclasses import replace

from server.domain.attempt import Attempt
from server.domain.ports import Transaction
from server.operations.callback_judging import short
from server.operations.surplus import money_of


def disputed_attempt(
    tx: Transaction, merchant_id: str, gateway: str, reference: str | None, gateway_payment_id: str | None
) -> Attempt | None:
    """What authorised the payment that is disputed, by our number or, where the dispute does not have that, by the gateway's.

    None of ours looks like a number that is long or unprintable, and a database may not be able to look for it.
    """
    if reference is not None and reference == short(reference):
        found = tx.attempts.by_reference(merchant_id, gateway, reference)
        if found is not None:
            return _with_its_money(tx, found)
    if gateway_payment_id is None or gateway_payment_id != short(gateway_payment_id):
        return None
    payment = tx.payments.find_by_gateway_id(merchant_id, gateway, gateway_payment_id)
    return None if payment is None else _with_its_money(tx, tx.attempts.paying(payment))


def _with_its_money(tx: Transaction, attempt: Attempt) -> Attempt:
    """The try as one at the payment that has its money, which is another one's where it took money beside that it was made for."""
    payment = money_of(tx, attempt)
    return attempt if payment is None else replace(attempt, payment_id=payment.id)
