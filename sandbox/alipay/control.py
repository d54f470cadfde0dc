"""Alipay's side of the sandbox's control calls."""

from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from sandbox.alipay.books import Archive, Books
from sandbox.alipay.calls.checkout import Checkout
from sandbox.alipay.complaint_control import ComplaintControl
from sandbox.alipay.errors import AlipayError
from sandbox.alipay.execution import Executor
from sandbox.alipay.http import AlipayApi
from sandbox.alipay.keys import UnusableKey
from sandbox.alipay.merchants import GATEWAY, Merchants, terms_of
from sandbox.alipay.pages import find_checkout
from sandbox.alipay.records.authorisation import Authorisation
from sandbox.alipay.records.trade import Trade
from sandbox.alipay.request import merchant_of, merged
from sandbox.alipay.routes import PageRoute
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
from sandbox.state.database import Database

_CURRENCY = "CNY"
_NO_PAYOUTS = "the simulated alipay has no transfers yet"
_UNKNOWN_REFERENCE = (
    "alipay knows no such order: a page's order begins when the customer opens its address, so pay by that address"
)


class AlipayControl:
    def __init__(
        self, database: Database, merchants: Merchants, archive: Archive, api: AlipayApi, executor: Executor
    ) -> None:
        self._database = database
        self._merchants = merchants
        self._archive = archive
        self._api = api
        self._executor = executor
        self.complaints = ComplaintControl(database, merchants, archive)

    def payments(self, reference: str | None) -> Sequence[PaymentView]:
        """Authorisations, and the trades that were not paid from one; those only ordered are none yet."""
        return [view for books in self._all_books() for view in _views(books, reference)]

    def add_merchant(self, fields: Mapping[str, str]) -> Resource:
        try:
            terms = terms_of(fields)
        except ValueError:
            raise ControlRefused(
                "an alipay merchant is {app_id, merchant_public_key, alipay_private_key}, and for certificate mode also"
                " {app_certificate, alipay_certificate, alipay_root_certificate}"
            ) from None
        try:
            with self._database.transaction():
                merchant = self._merchants.register(terms, int(self._archive.clock()))
        except UnusableKey as unusable:
            raise ControlRefused(str(unusable)) from None
        return {"id": merchant.app_id, "gateway": GATEWAY, "seller_id": merchant.seller_id}

    def pay(self, pointer: PaymentPointer, outcome: PayOutcome) -> Resource:
        """The customer opens the order; a payment that fails, like one left, leaves it waiting."""
        checkout = self._checkout(pointer)
        try:
            with self._database.transaction():
                if outcome == "succeed":
                    checkout.accept()
                else:
                    checkout.open()
        except AlipayError as refused:
            raise ControlRefused(f"{refused.sub_code}: {refused.sub_msg}", 409) from None
        record = checkout.record
        return {
            "id": record.id,
            "gateway": GATEWAY,
            "status": record.status,
            "return_url": checkout.return_address() if outcome == "succeed" else None,
        }

    def open_dispute(self, gateway_payment_id: str, amount: Amount | None, reason: str | None) -> Resource:
        return self.complaints.open(gateway_payment_id, amount, reason)

    def evidence(self, id: str) -> Resource | None:
        return self.complaints.evidence(id)

    def close_dispute(self, id: str, outcome: DisputeOutcome) -> Resource | None:
        return self.complaints.close(id)

    def move_disputed(self, id: str, kind: MovementKind, amount: Amount, reason: str | None) -> Resource | None:
        return None

    def create_payout(self, currency: str, amount: Amount) -> Resource:
        raise ControlRefused(_NO_PAYOUTS)

    def move_payout(self, id: str, status: PayoutStatus) -> Resource | None:
        return None

    def _checkout(self, pointer: PaymentPointer) -> Checkout:
        if pointer.url is not None:
            return self._opened(pointer.url)
        for books in self._all_books():
            record = _find(books, pointer)
            if record is not None:
                return Checkout(books, record)
        raise ControlRefused(_UNKNOWN_REFERENCE, 404)

    def _opened(self, url: str) -> Checkout:
        """The order at a page's signed address, at a cashier's or in a QR code."""
        address = urlsplit(url)
        if address.path.endswith("/gateway.do"):
            return self._opened_page(address.query)
        id, _, key = address.path.rpartition("/cashier/")[2].partition("/")
        checkout = find_checkout(self._merchants, self._archive, id, key)
        if checkout is None:
            raise ControlRefused("alipay knows no order with this address", 404)
        return checkout

    def _opened_page(self, query: str) -> Checkout:
        try:
            parameters = merged(query)
            merchant = merchant_of(parameters, self._merchants)
            route, call = self._api.call(parameters, merchant)
            if not isinstance(route, PageRoute):
                raise ControlRefused(f"{call.method} is no page that a customer opens")
            return Checkout(self._archive.open(merchant), self._executor.open(route, call))
        except AlipayError as refused:
            raise ControlRefused(f"{refused.sub_code}: {refused.sub_msg}", 409) from None

    def _all_books(self) -> list[Books]:
        return [self._archive.open(merchant) for merchant in self._merchants.all()]


def _find(books: Books, pointer: PaymentPointer) -> Trade | Authorisation | None:
    if pointer.gateway_payment_id is not None:
        id = pointer.gateway_payment_id
        return books.find(Trade, id) or books.find(Authorisation, id)
    reference = pointer.reference or ""
    return books.trade(reference) or books.authorisation(reference)


def _views(books: Books, reference: str | None) -> list[PaymentView]:
    if reference is None:
        trades, authorisations = books.all(Trade), books.all(Authorisation)
    else:
        trade, authorisation = books.trade(reference), books.authorisation(reference)
        trades = [] if trade is None else [trade]
        authorisations = [] if authorisation is None else [authorisation]
    return [
        *(_trade_view(each) for each in trades if each.opened and each.auth_no is None),
        *(_authorisation_view(books, each) for each in authorisations if each.opened),
    ]


def _trade_view(trade: Trade) -> PaymentView:
    return PaymentView(
        gateway=GATEWAY,
        gateway_payment_id=trade.id,
        reference=trade.out_trade_no,
        currency=_CURRENCY,
        amount_minor=trade.total,
        captured_minor=trade.received,
        refunded_minor=trade.refunded,
        status=trade.status,
    )


def _authorisation_view(books: Books, authorisation: Authorisation) -> PaymentView:
    return PaymentView(
        gateway=GATEWAY,
        gateway_payment_id=authorisation.id,
        reference=authorisation.out_order_no,
        currency=_CURRENCY,
        amount_minor=authorisation.amount,
        captured_minor=authorisation.done("PAY"),
        refunded_minor=sum(trade.refunded for trade in books.trades_of(authorisation.id)),
        status=authorisation.status,
    )
