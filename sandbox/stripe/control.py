"""Stripe's side of the sandbox's control calls."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar
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
from sandbox.settings import StripeMerchant
from sandbox.state.database import Database
from sandbox.stripe.books import Archive, Books
from sandbox.stripe.calls import disputes, payouts
from sandbox.stripe.calls.authentication import authenticate
from sandbox.stripe.currencies import checked_currency, smallest_units
from sandbox.stripe.errors import InvalidParameter
from sandbox.stripe.merchants import GATEWAY, Merchants
from sandbox.stripe.records.charge import Charge
from sandbox.stripe.records.dispute import Dispute
from sandbox.stripe.records.payment_intent import PaymentIntent
from sandbox.stripe.records.payout import Payout

R = TypeVar("R", Dispute, Payout)

REFERENCE_PATH = "$.metadata.sycee_reference"
_REFERENCE_KEY = "sycee_reference"
_MOST_PAYMENTS = 10_000
_FIELDS = frozenset({"secret_key", "webhook_secret", "webhook_url"})


class StripeControl:
    def __init__(
        self,
        database: Database,
        merchants: Merchants,
        archive: Archive,
        clock: Callable[[], float],
    ) -> None:
        self._database = database
        self._merchants = merchants
        self._archive = archive
        self._clock = clock

    def payments(self, reference: str | None) -> Sequence[PaymentView]:
        return [_view(books, intent) for books in self._all_books() for intent in _intents(books, reference)]

    def add_merchant(self, fields: Mapping[str, str]) -> Resource:
        secret_key = fields.get("secret_key", "")
        if not secret_key.startswith("sk_test_") or set(fields) - _FIELDS:
            raise ControlRefused("a stripe merchant is {secret_key: 'sk_test_...', webhook_secret?, webhook_url?}")
        terms = StripeMerchant(secret_key, fields.get("webhook_secret"), fields.get("webhook_url"))
        merchant = self._merchants.register(terms, int(self._clock()))
        return {"id": merchant.id, "gateway": GATEWAY, "webhook_url": merchant.webhook_url}

    def pay(self, pointer: PaymentPointer, outcome: PayOutcome) -> Resource:
        books, intent = self._pointed_at(pointer)
        if intent.status != "requires_action":
            raise ControlRefused(f"the payment waits for no customer: it is {intent.status}", 409)
        with self._database.transaction():
            if outcome != "abandon":
                authenticate(books, intent, outcome == "succeed")
            books.flush()
        return {"id": intent.id, "gateway": GATEWAY, "status": intent.status}

    def open_dispute(self, gateway_payment_id: str, amount: Amount | None, reason: str | None) -> Resource:
        if reason is not None and reason not in disputes.REASONS:
            raise ControlRefused(f"reason must be one of {', '.join(sorted(disputes.REASONS))}")
        books, intent = self._pointed_at(PaymentPointer(gateway_payment_id=gateway_payment_id))
        charged = books.find(Charge, intent.latest_charge or "")
        if charged is None or not charged.captured:
            raise ControlRefused(f"only a captured payment can be disputed: it is {intent.status}", 409)
        disputed = charged.amount_captured if amount is None else minor_units(amount, charged.currency)
        if not 1 <= disputed <= charged.amount_captured:
            raise ControlRefused(f"amount must be between 1 and {charged.amount_captured} in the smallest unit")
        with self._database.transaction():
            dispute = disputes.open_dispute(books, charged, disputed, reason or "general", inquiry=False)
            books.flush()
        return _created(dispute)

    def evidence(self, id: str) -> Resource | None:
        _, dispute = self._owned(Dispute, id)
        if dispute is None:
            return None
        return {"evidence": [dict(dispute.evidence)] if dispute.evidence else []}

    def close_dispute(self, id: str, outcome: DisputeOutcome) -> Resource | None:
        books, dispute = self._owned(Dispute, id)
        if books is None or dispute is None:
            return None
        if dispute.is_closed:
            raise ControlRefused(f"the dispute is closed: it is {dispute.status}", 409)
        with self._database.transaction():
            disputes.close_dispute(books, dispute, outcome)
            books.flush()
        return _created(dispute)

    def move_disputed(self, id: str, kind: MovementKind, amount: Amount, reason: str | None) -> Resource | None:
        return None

    def create_payout(self, currency: str, amount: Amount) -> Resource:
        merchant = self._merchants.default()
        if merchant is None:
            raise ControlRefused("stripe has no merchant yet", 409)
        try:
            code = checked_currency(currency)
        except InvalidParameter as refused:
            raise ControlRefused(refused.message) from None
        paid_out = minor_units(amount, code)
        if paid_out < 1:
            raise ControlRefused("amount must be above 0")
        books = self._archive.open(merchant)
        with self._database.transaction():
            payout = payouts.new_payout(books, code, paid_out)
            books.flush()
        return _created(payout)

    def move_payout(self, id: str, status: PayoutStatus) -> Resource | None:
        books, payout = self._owned(Payout, id)
        if books is None or payout is None:
            return None
        allowed = payouts.NEXT_STATUSES.get(payout.status, ())
        if status not in allowed:
            raise ControlRefused(
                f"the payout is {payout.status}; next it can be {', '.join(allowed) or 'nothing'}", 409
            )
        with self._database.transaction():
            payouts.move_payout(books, payout, status)
            books.flush()
        return _created(payout)

    def _owned(self, kind: type[R], id: str) -> tuple[Books, R] | tuple[None, None]:
        for books in self._all_books():
            record = books.find(kind, id)
            if record is not None:
                return books, record
        return None, None

    def _pointed_at(self, pointer: PaymentPointer) -> tuple[Books, PaymentIntent]:
        for books in self._all_books():
            intent = _find(books, pointer)
            if intent is not None:
                return books, intent
        raise ControlRefused("no such payment at stripe", 404)

    def _all_books(self) -> list[Books]:
        return [self._archive.open(merchant) for merchant in self._merchants.all()]


def _created(record: Dispute | Payout) -> Resource:
    return {
        "id": record.id,
        "gateway": GATEWAY,
        "status": record.status,
        "currency": record.currency,
        "amount_minor": record.amount,
    }


def minor_units(amount: Amount, currency: str) -> int:
    """An amount as Stripe counts it; below zero too. Raises ControlRefused."""
    if isinstance(amount, int):
        return amount
    digits = amount.removeprefix("-")
    try:
        units = smallest_units(digits, currency)
    except ValueError:
        raise ControlRefused(f"{amount} is no amount in {currency}") from None
    return units if digits == amount else -units


def _intents(books: Books, reference: str | None) -> list[PaymentIntent]:
    if reference is None:
        return books.page(PaymentIntent, _MOST_PAYMENTS, {})[0]
    return books.matching(PaymentIntent, REFERENCE_PATH, reference)


def _find(books: Books, pointer: PaymentPointer) -> PaymentIntent | None:
    if pointer.gateway_payment_id is not None:
        return books.find(PaymentIntent, pointer.gateway_payment_id)
    if pointer.reference is not None:
        found = books.matching(PaymentIntent, REFERENCE_PATH, pointer.reference)
        return found[-1] if found else None
    address = urlsplit(pointer.url or "")
    intent = books.find(PaymentIntent, address.path.rpartition("/")[2])
    secret = parse_qs(address.query).get("client_secret", [""])[0]
    return intent if intent is not None and intent.challenge == secret else None


def _view(books: Books, intent: PaymentIntent) -> PaymentView:
    charged = books.find(Charge, intent.latest_charge) if intent.latest_charge else None
    return PaymentView(
        gateway=GATEWAY,
        gateway_payment_id=intent.id,
        reference=intent.metadata.get(_REFERENCE_KEY),
        currency=intent.currency,
        amount_minor=intent.amount,
        captured_minor=intent.amount_received,
        refunded_minor=charged.amount_refunded if charged is not None else 0,
        status=intent.status,
    )
