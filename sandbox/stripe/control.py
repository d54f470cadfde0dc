"""Stripe's side of the sandbox's control calls."""

from collections.abc import Callable, Mapping, Sequence
from urllib.parse import parse_qs, urlsplit

from sandbox.gateway import ControlRefused, PaymentPointer, PaymentView, PayOutcome
from sandbox.json_types import Resource
from sandbox.state.database import Database
from sandbox.stripe.books import Archive, Books
from sandbox.stripe.calls.authentication import authenticate
from sandbox.stripe.merchants import GATEWAY, Merchants
from sandbox.stripe.records.charge import Charge
from sandbox.stripe.records.payment_intent import PaymentIntent

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
        merchant = self._merchants.register(
            secret_key, fields.get("webhook_secret"), fields.get("webhook_url"), int(self._clock())
        )
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

    def _pointed_at(self, pointer: PaymentPointer) -> tuple[Books, PaymentIntent]:
        for books in self._all_books():
            intent = _find(books, pointer)
            if intent is not None:
                return books, intent
        raise ControlRefused("no such payment at stripe", 404)

    def _all_books(self) -> list[Books]:
        return [self._archive.open(merchant) for merchant in self._merchants.all()]


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
