"""PayPal's side of the sandbox's control calls."""

from collections.abc import Callable, Mapping, Sequence
from typing import Never
from urllib.parse import parse_qs, urlsplit

from sandbox.gateway import (
    Amount,
    ControlRefused,
    DisputeOutcome,
    PaymentPointer,
    PaymentView,
    PayOutcome,
    PayoutStatus,
)
from sandbox.json_types import Resource
from sandbox.paypal.books import Archive, Books
from sandbox.paypal.calls.approval import approve
from sandbox.paypal.calls.order_views import captures_of
from sandbox.paypal.merchants import GATEWAY, Merchant, Merchants
from sandbox.paypal.records.order import Order
from sandbox.settings import PaypalMerchant
from sandbox.state.database import Database

REFERENCE_PATH = "$.reference"
_REQUIRED = frozenset({"client_id", "secret"})
_OPTIONAL = frozenset({"webhook_id", "webhook_url", "ipn_url"})


class PaypalControl:
    def __init__(
        self,
        database: Database,
        merchants: Merchants,
        archive: Archive,
        open_for: Callable[[PaypalMerchant], Merchant],
    ) -> None:
        self._database = database
        self._merchants = merchants
        self._archive = archive
        self._open_for = open_for

    def payments(self, reference: str | None) -> Sequence[PaymentView]:
        return [_view(books, order) for books in self._all_books() for order in _orders(books, reference)]

    def add_merchant(self, fields: Mapping[str, str]) -> Resource:
        """One more application; without addresses its notifications go where the first merchant's go."""
        if _REQUIRED - set(fields) or set(fields) - _REQUIRED - _OPTIONAL:
            raise ControlRefused("a paypal merchant is {client_id, secret, webhook_id?, webhook_url?, ipn_url?}")
        merchant = self._open_for(PaypalMerchant(**fields))
        return {
            "id": merchant.id,
            "gateway": GATEWAY,
            "webhook_id": merchant.webhook_id,
            "webhook_url": merchant.webhook_url,
            "ipn_url": merchant.ipn_url,
        }

    def pay(self, pointer: PaymentPointer, outcome: PayOutcome) -> Resource:
        """The buyer approves, approves what will be declined, or goes away. PayPal takes nothing: the merchant must capture."""
        books, order = self._pointed_at(pointer)
        if not order.awaits_buyer:
            raise ControlRefused(f"the order waits for no buyer: it is {order.status}", 409)
        if outcome != "abandon":
            with self._database.transaction():
                approve(books, order, "balance" if outcome == "succeed" else "declined")
                books.flush()
        return {"id": order.id, "gateway": GATEWAY, "status": order.status}

    def open_dispute(self, gateway_payment_id: str, amount: Amount | None, reason: str | None) -> Resource:
        _not_simulated("disputes")

    def close_dispute(self, id: str, outcome: DisputeOutcome) -> Resource | None:
        return None

    def create_payout(self, currency: str, amount: Amount) -> Resource:
        _not_simulated("payouts")

    def move_payout(self, id: str, status: PayoutStatus) -> Resource | None:
        return None

    def _pointed_at(self, pointer: PaymentPointer) -> tuple[Books, Order]:
        for books in self._all_books():
            order = _find(books, pointer)
            if order is not None:
                return books, order
        raise ControlRefused("no such payment at paypal", 404)

    def _all_books(self) -> list[Books]:
        return [self._archive.open(merchant) for merchant in self._merchants.all()]


def _not_simulated(what: str) -> Never:
    raise ControlRefused(f"paypal's {what} are not simulated")


def _orders(books: Books, reference: str | None) -> list[Order]:
    return books.all(Order) if reference is None else books.matching(Order, REFERENCE_PATH, reference)


def _find(books: Books, pointer: PaymentPointer) -> Order | None:
    if pointer.gateway_payment_id is not None:
        return books.find(Order, pointer.gateway_payment_id)
    if pointer.reference is not None:
        found = books.matching(Order, REFERENCE_PATH, pointer.reference)
        return found[-1] if found else None
    return books.find(Order, parse_qs(urlsplit(pointer.url or "").query).get("token", [""])[0])


def _view(books: Books, order: Order) -> PaymentView:
    captures = [capture for unit in order.units for capture in captures_of(books, unit) if capture.is_taken]
    return PaymentView(
        gateway=GATEWAY,
        gateway_payment_id=order.id,
        reference=order.reference,
        currency=order.currency,
        amount_minor=order.amount,
        captured_minor=sum(capture.amount for capture in captures),
        refunded_minor=sum(capture.refunded for capture in captures),
        status=order.status,
    )
