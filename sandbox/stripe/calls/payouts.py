"""Payouts: money on its way from the merchant's balance to its bank."""

from dataclasses import dataclass
from typing import Literal

from sandbox.json_types import Resource
from sandbox.stripe.books import Books
from sandbox.stripe.calls import lists
from sandbox.stripe.calls.movements import payout_movement, payout_returned_movement
from sandbox.stripe.currencies import checked_currency
from sandbox.stripe.errors import InvalidParameter, InvalidRequest
from sandbox.stripe.ids import new_id
from sandbox.stripe.records.payout import Payout
from sandbox.stripe.schema.metadata import updated_metadata
from sandbox.stripe.schema.params import Params

NEXT_STATUSES = {
    "pending": ("in_transit", "paid", "failed", "canceled"),
    "in_transit": ("paid", "failed"),
    "paid": ("failed",),
}
"""A paid payout can still fail: banks send money back after days."""

UNSIMULATED = frozenset("destination method payout_method source_type".split())
UNSIMULATED_FILTERS = frozenset({"arrival_date"})
_ARRIVAL_SECONDS = 2 * 24 * 60 * 60
_EVENTS = {
    "in_transit": "payout.updated",
    "paid": "payout.paid",
    "failed": "payout.failed",
    "canceled": "payout.canceled",
}


@dataclass(frozen=True)
class Asked:
    """What a call says of the payout that it asks for."""

    description: str | None
    statement_descriptor: str | None
    metadata: dict[str, str]


def create(books: Books, params: Params, _: str) -> Resource:
    """What is asked for by hand leaves at once, out of what is available in its currency."""
    code = checked_currency(params.required_text("currency"))
    wanted = params.required_integer("amount")
    if wanted < 1:
        raise InvalidParameter("This value must be greater than or equal to 1.", "parameter_invalid_integer", "amount")
    if wanted > _available(books, code):
        raise InvalidRequest(
            "You have insufficient funds in your Stripe account. One likely reason you have insufficient funds is that"
            " your funds are automatically being paid out; try enabling manual payouts by going to"
            " https://dashboard.stripe.com/account/payouts.",
            "balance_insufficient",
        )
    asked = Asked(params.text("description"), params.text("statement_descriptor"), updated_metadata(params, {}))
    return new_payout(books, code, wanted, asked).resource()


def cancel(books: Books, params: Params, id: str) -> Resource:
    """Only a payout that has not left yet."""
    payout = books.need(Payout, id, "payout")
    if payout.status != "pending":
        raise InvalidRequest(
            f"Payouts can only be canceled if they have a status of pending, but {id} is {payout.status}."
        )
    move_payout(books, payout, "canceled")
    return payout.resource()


def retrieve(books: Books, params: Params, id: str) -> Resource:
    return books.need(Payout, id, "payout").resource()


def list_all(books: Books, params: Params, _: str) -> Resource:
    return lists.page(books, params, Payout, "/v1/payouts", filters=("status", "destination"))


def new_payout(books: Books, code: str, amount: int, asked: Asked | None = None) -> Payout:
    """A payout that a call has asked for, or somebody in Stripe's dashboard."""
    payout = Payout(
        id=new_id("po"),
        created=books.now,
        amount=amount,
        arrival_date=books.now + _ARRIVAL_SECONDS,
        currency=code,
        destination=f"ba_{books.merchant.fingerprint('bank account', 24)}",
        description="STRIPE PAYOUT" if asked is None else asked.description,
        statement_descriptor=None if asked is None else asked.statement_descriptor,
        metadata={} if asked is None else asked.metadata,
    )
    payout_movement(books, payout)
    books.save(payout)
    books.emit("payout.created", payout)
    return payout


def _available(books: Books, code: str) -> int:
    return sum(net for held, is_available, net in books.net_by_currency() if is_available and held == code)


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
