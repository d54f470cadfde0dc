"""What tests make happen in complaints: customers make them, say more, and end them or have them ended."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from sandbox.alipay.books import Archive, Books
from sandbox.alipay.calls import complaining, consumer_complaints
from sandbox.alipay.merchants import GATEWAY, Merchants
from sandbox.alipay.money import fen_of
from sandbox.alipay.records.complaint import Complaint, Said
from sandbox.alipay.records.consumer_complaint import ConsumerComplaint
from sandbox.alipay.records.trade import Trade
from sandbox.gateway import Amount, ControlRefused
from sandbox.json_types import Json, Resource
from sandbox.state.database import Database

ACTS: Mapping[str, Callable[[Books, Complaint], Complaint]] = {
    "ask": complaining.ask_again,
    "escalate": complaining.escalate,
}
C = TypeVar("C", Complaint, ConsumerComplaint)

_CURRENCY = "CNY"
_LONGEST_REASON = 64


class ComplaintControl:
    def __init__(self, database: Database, merchants: Merchants, archive: Archive) -> None:
        self._database = database
        self._merchants = merchants
        self._archive = archive

    def open(self, gateway_payment_id: str, amount: Amount | None, reason: str | None) -> Resource:
        """A trade complaint, in the customer's words. It is about the whole trade, and Alipay takes no money for it."""
        if reason is not None and not 0 < len(reason) <= _LONGEST_REASON:
            raise ControlRefused(f"reason must have at most {_LONGEST_REASON} characters")
        books, trade = self._paid(gateway_payment_id)
        if amount is not None and _fen(amount) != trade.total:
            raise ControlRefused(f"a complaint at alipay is about the whole trade, of {trade.total} fen")
        with self._database.transaction():
            return _view(complaining.complain(books, trade, reason or complaining.USUAL_REASON))

    def open_of_consumer(self, gateway_payment_ids: Sequence[str]) -> Resource:
        """A consumer complaint about trades of one merchant, which nobody is told of."""
        paid = [self._paid(number) for number in gateway_payment_ids]
        if len({books.merchant.id for books, _ in paid}) != 1:
            raise ControlRefused("a complaint is about trades of one merchant")
        with self._database.transaction():
            complaint = consumer_complaints.complain(paid[0][0], [trade for _, trade in paid])
        return {"id": complaint.id, "gateway": GATEWAY, "status": complaint.status}

    def act(self, id: str, customer: str) -> Resource:
        """The customer of a trade complaint says more, or has Alipay's own people decide."""
        found = self._find(Complaint, id)
        if found is None:
            raise ControlRefused("no such complaint at alipay", 404)
        books, complaint = found
        _check_open(complaint, ended=complaining.ended(complaint))
        with self._database.transaction():
            return _view(ACTS[customer](books, complaint))

    def evidence(self, id: str) -> Resource | None:
        """In the words of the calls that it was given by."""
        found = self._find(Complaint, id)
        if found is not None:
            return {"evidence": [_answer(said) for said in found[1].said if said.call]}
        consumers = self._find(ConsumerComplaint, id)
        if consumers is None:
            return None
        complaint = consumers[1]
        return {"evidence": [] if complaint.process_code is None else [_processed(complaint)]}

    def close(self, id: str) -> Resource | None:
        """Alipay decides about no money: a complaint ends, one way or the other."""
        found = self._find(Complaint, id)
        if found is not None:
            _check_open(found[1], ended=complaining.ended(found[1]))
            with self._database.transaction():
                return _view(complaining.end(*found))
        consumers = self._find(ConsumerComplaint, id)
        if consumers is None:
            return None
        _check_open(consumers[1], ended=not consumers[1].waits)
        with self._database.transaction():
            dropped = consumer_complaints.drop(*consumers)
        return {"id": dropped.id, "gateway": GATEWAY, "status": dropped.status}

    def _find(self, kind: type[C], id: str) -> tuple[Books, C] | None:
        for books in self._all_books():
            found = books.find(kind, id)
            if found is not None:
                return books, found
        return None

    def _paid(self, gateway_payment_id: str) -> tuple[Books, Trade]:
        """By the trade's number, or that of the authorisation that it was paid from."""
        for books in self._all_books():
            trade = books.find(Trade, gateway_payment_id) or next(iter(books.trades_of(gateway_payment_id)), None)
            if trade is not None and trade.paid_at is not None:
                return books, trade
            if trade is not None:
                raise ControlRefused(f"only a paid trade has complaints: it is {trade.status}", 409)
        raise ControlRefused("no such payment at alipay", 404)

    def _all_books(self) -> list[Books]:
        return [self._archive.open(merchant) for merchant in self._merchants.all()]


def _check_open(complaint: Complaint | ConsumerComplaint, *, ended: bool) -> None:
    if ended:
        raise ControlRefused(f"the complaint has ended already: it is {complaint.status}", 409)


def _view(complaint: Complaint) -> Resource:
    return {
        "id": complaint.id,
        "gateway": GATEWAY,
        "status": complaint.status,
        "currency": _CURRENCY,
        "amount_minor": complaint.total,
    }


def _answer(said: Said) -> Json:
    images: list[Json] = list(said.images)
    answer: dict[str, Json] = {f"{said.call}_content": said.content, f"{said.call}_images": images}
    return answer if said.feedback_code is None else {"feedback_code": said.feedback_code, **answer}


def _processed(complaint: ConsumerComplaint) -> Json:
    images: list[Json] = list(complaint.images)
    return {"process_code": complaint.process_code, "remark": complaint.remark, "img_file_list": images}


def _fen(amount: Amount) -> int:
    if isinstance(amount, int):
        return amount
    try:
        return fen_of(amount)
    except ValueError:
        raise ControlRefused(f"{amount} is no amount in {_CURRENCY}") from None
