"""Payouts: money on its way from the merchant's balance to its bank."""

from typing import Literal

from sandbox.json_types import Resource
from sandbox.stripe.books import Books
from sandbox.stripe.calls import lists
from sandbox.stripe.calls.movements import payout_movement, payout_returned_movement
from sandbox.stripe.ids import new_id
from sandbox.stripe.records.payout import Payout
from sandbox.stripe.schema.params import Params

NEXT_STATUSES = {
    "pending": ("in_transit", "paid", "failed", "canceled"),
    "in_transit": ("paid", "failed"),
    "paid": ("failed",),
}
"""A paid payout can still fail: banks send money back after days."""

UNSIMULATED_FILTERS = frozenset({"arrival_date"})
_ARRIVAL_SECONDS = 2 * 24 * 60 * 60
_EVENTS = {
    "in_transit": "payout.updated",
    "paid": "payout.paid",
    "failed": "payout.failed",
    "canceled": "payout.canceled",
}


def retrieve(books: Books, params: Params, id: str) -> Resource:
    return books.need(Payout, id, "payout").resource()


def list_all(books: Books, params: Params, _: str) -> Resource:
    return lists.page(books, params, Payout, "/v1/payouts", filters=("status", "destination"))


def new_payout(books: Books, currency: str, amount: int) -> Payout:
    payout = Payout(
        id=new_id("po"),
        created=books.now,
        amount=amount,
        arrival_date=books.now + _ARRIVAL_SECONDS,
        currency=currency,
        destination=f"ba_{books.merchant.fingerprint('bank account', 24)}",
        automatic=True,
        description="STRIPE PAYOUT",
    )
    payout_movement(books, payout)
    books.save(payout)
    books.emit("payout.created", payout)
    return payout


def move_payout(books: Books, payout: Payout, status: Literal["in_transit", "paid", "failed", "canceled"]) -> None:
    """The payout's next status, one of `NEXT_STATUSES`; money that does not arrive comes back to the balance."""
    before = payout.status
    payout.status = status
    if status == "failed":
        payout.failure_code = "could_not_process"
        payout.failure_message = "The bank could not process this payout."
        payout_returned_movement(books, payout, "payout_failure")
    if status == "canceled":
        payout_returned_movement(books, payout, "payout_cancel")
    books.save(payout)
    books.emit(_EVENTS[status], payout, {"status": before})
