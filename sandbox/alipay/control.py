"""Alipay's side of the sandbox's control calls."""

from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from sandbox.alipay.books import Archive, Books
from sandbox.alipay.calls import complaining
from sandbox.alipay.calls.checkout import Checkout
from sandbox.alipay.errors import AlipayError
from sandbox.alipay.execution import Executor
from sandbox.alipay.http import AlipayApi
from sandbox.alipay.keys import UnusableKey
from sandbox.alipay.merchants import GATEWAY, Merchants, terms_of
from sandbox.alipay.money import fen_of
from sandbox.alipay.pages import find_checkout
from sandbox.alipay.records.authorisation import Authorisation
from sandbox.alipay.records.complaint import Complaint, Said
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
from sandbox.json_types import Json, Resource
from sandbox.state.database import Database

_CURRENCY = "CNY"
_LONGEST_REASON = 64
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
        """A trade complaint, in the customer's words. It is about the whole trade, and Alipay takes no money for it."""
        if reason is not None and not 0 < len(reason) <= _LONGEST_REASON:
            raise ControlRefused(f"reason must have at most {_LONGEST_REASON} characters")
        books, trade = self._paid(gateway_payment_id)
        if amount is not None and _fen(amount) != trade.total:
            raise ControlRefused(f"a complaint at alipay is about the whole trade, of {trade.total} fen")
        with self._database.transaction():
            return _complaint_view(complaining.complain(books, trade, reason or complaining.USUAL_REASON))

    def evidence(self, id: str) -> Resource | None:
        _, complaint = self.complaint(id)
        return None if complaint is None else {"evidence": [_answer(said) for said in complaint.said if said.call]}

    def close_dispute(self, id: str, outcome: DisputeOutcome) -> Resource | None:
        """Alipay decides about no money: a complaint ends, one way or the other."""
        books, complaint = self.complaint(id)
        if books is None or complaint is None:
            return None
        if complaining.ended(complaint):
            raise ControlRefused(f"the complaint has ended already: it is {complaint.status}", 409)
        with self._database.transaction():
            return _complaint_view(complaining.end(books, complaint))

    def complaint(self, id: str) -> tuple[Books, Complaint] | tuple[None, None]:
        """With whose it is."""
        for books in self._all_books():
            complaint = books.find(Complaint, id)
            if complaint is not None:
                return books, complaint
        return None, None

    def _paid(self, gateway_payment_id: str) -> tuple[Books, Trade]:
        """By the trade's number, or that of the authorisation that it was paid from."""
        for books in self._all_books():
            trade = books.find(Trade, gateway_payment_id) or next(iter(books.trades_of(gateway_payment_id)), None)
            if trade is not None and trade.paid_at is not None:
                return books, trade
            if trade is not None:
                raise ControlRefused(f"only a paid trade has complaints: it is {trade.status}", 409)
        raise ControlRefused("no such payment at alipay", 404)

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


def _complaint_view(complaint: Complaint) -> Resource:
    return {
        "id": complaint.id,
        "gateway": GATEWAY,
        "status": complaint.status,
        "currency": _CURRENCY,
        "amount_minor": complaint.total,
    }


def _answer(said: Said) -> Json:
    """In the words of the call that it was given by."""
    images: list[Json] = list(said.images)
    answer: dict[str, Json] = {f"{said.call}_content": said.content, f"{said.call}_images": images}
    return answer if said.feedback_code is None else {"feedback_code": said.feedback_code, **answer}


def _fen(amount: Amount) -> int:
    if isinstance(amount, int):
        return amount
    try:
        return fen_of(amount)
    except ValueError:
        raise ControlRefused(f"{amount} is no amount in {_CURRENCY}") from None


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
