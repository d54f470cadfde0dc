"""PayPal's side of the sandbox's control calls."""

from collections.abc import Callable, Mapping, Sequence
from typing import Never
from urllib.parse import parse_qs, urlsplit

from sandbox.gateway import (
    Amount,
    ControlRefused,
    DisputeOutcome,
    MovementKind,
    PaymentPointer,
    PaymentView,
    PayOutcome,
    PayoutStatus,
)
from sandbox.json_types import Resource
from sandbox.paypal.books import Archive, Books
from sandbox.paypal.calls import disputes
from sandbox.paypal.calls.approval import approve
from sandbox.paypal.calls.order_views import captures_of
from sandbox.paypal.merchants import GATEWAY, Merchant, Merchants
from sandbox.paypal.money import minor_units
from sandbox.paypal.records.dispute import CREDIT, REASONS_TO_MOVE, SETTLEMENT, Dispute, Movement
from sandbox.paypal.records.order import Order
from sandbox.settings import PaypalMerchant
from sandbox.state.database import Database

REFERENCE_PATH = "$.reference"
_OUTCOMES: Mapping[DisputeOutcome, str] = {"won": "RESOLVED_SELLER_FAVOUR", "lost": "RESOLVED_BUYER_FAVOUR"}
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
        if reason is not None and reason not in disputes.REASONS:
            raise ControlRefused(f"reason must be one of {', '.join(sorted(disputes.REASONS))}")
        books, order = self._pointed_at(PaymentPointer(gateway_payment_id=gateway_payment_id))
        capture = next((one for unit in order.units for one in captures_of(books, unit) if one.is_taken), None)
        if capture is None:
            raise ControlRefused(f"only a captured payment can be disputed: it is {order.status}", 409)
        disputed = capture.amount if amount is None else _minor(amount, capture.currency)
        if not 1 <= disputed <= capture.amount:
            raise ControlRefused(f"amount must be between 1 and {capture.amount} in the smallest unit")
        with self._database.transaction():
            dispute = disputes.open_dispute(books, capture, disputed, reason or disputes.USUAL_REASON)
            books.flush()
        return _dispute_view(dispute)

    def evidence(self, id: str) -> Resource | None:
        _, dispute = self._dispute(id)
        return None if dispute is None else {"evidence": list(dispute.evidences)}

    def close_dispute(self, id: str, outcome: DisputeOutcome) -> Resource | None:
        books, dispute = self._dispute(id)
        if books is None or dispute is None:
            return None
        if not dispute.is_open:
            raise ControlRefused(f"the dispute is closed: it is {dispute.outcome}", 409)
        with self._database.transaction():
            disputes.resolve(books, dispute, _OUTCOMES[outcome])
            books.flush()
        return _dispute_view(dispute)

    def move_disputed(self, id: str, kind: MovementKind, amount: Amount, reason: str | None) -> Resource | None:
        books, dispute = self._dispute(id)
        if books is None or dispute is None:
            return None
        moved = Movement(kind.upper(), _minor(amount, dispute.currency), books.now, reason or SETTLEMENT)
        if moved.reason not in REASONS_TO_MOVE:
            raise ControlRefused(f"reason must be one of {', '.join(sorted(REASONS_TO_MOVE))}")
        held = dispute.held(settlement=moved.reason == SETTLEMENT)
        if moved.amount < 1 or (moved.type == CREDIT and moved.amount > held):
            raise ControlRefused(f"amount must be at least 1, and of a credit at most {held}, in the smallest unit")
        with self._database.transaction():
            disputes.move(books, dispute, moved)
            books.flush()
        return _dispute_view(dispute)

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

    def _dispute(self, id: str) -> tuple[Books, Dispute] | tuple[None, None]:
        for books in self._all_books():
            dispute = books.find(Dispute, id)
            if dispute is not None:
                return books, dispute
        return None, None

    def _all_books(self) -> list[Books]:
        return [self._archive.open(merchant) for merchant in self._merchants.all()]


def _dispute_view(dispute: Dispute) -> Resource:
    return {
        "id": dispute.id,
        "gateway": GATEWAY,
        "status": dispute.status,
        "currency": dispute.currency,
        "amount_minor": dispute.amount,
    }


def _minor(amount: Amount, currency: str) -> int:
    if isinstance(amount, int):
        return amount
    try:
        return minor_units(amount, currency)
    except (ValueError, ArithmeticError):
        raise ControlRefused(f"{amount} is no amount in {currency}") from None


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
