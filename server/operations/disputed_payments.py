"""Finds the payment that a gateway's dispute is about."""

from server.domain.attempt import Attempt
from server.domain.ports import Transaction
from server.operations.callback_judging import short


def disputed_attempt(
    tx: Transaction, merchant_id: str, gateway: str, reference: str | None, gateway_payment_id: str | None
) -> Attempt | None:
    """What authorised the payment that is disputed, by our number or, where the dispute does not have that, by the gateway's.

    None of ours looks like a number that is long or unprintable, and a database may not be able to look for it.
    """
    if reference is not None and reference == short(reference):
        found = tx.attempts.by_reference(merchant_id, gateway, reference)
        if found is not None:
            return found
    if gateway_payment_id is None or gateway_payment_id != short(gateway_payment_id):
        return None
    payment = tx.payments.find_by_gateway_id(merchant_id, gateway, gateway_payment_id)
    return None if payment is None else tx.attempts.paying(payment)
