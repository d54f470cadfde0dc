"""WeChat Pay's side of the sandbox's control calls."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields as fields_of
from decimal import Decimal
from typing import NoReturn, assert_never

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
from sandbox.settings import WechatMerchant
from sandbox.state.database import Database
from sandbox.wechat.calls import complaints
from sandbox.wechat.calls.customer import can_pay, decline, pay
from sandbox.wechat.ledger import Archive, Ledger
from sandbox.wechat.merchants import GATEWAY, Merchants
from sandbox.wechat.pages import find_by_address
from sandbox.wechat.platform import UnusableKey
from sandbox.wechat.records.complaint import Complaint
from sandbox.wechat.records.order import Order

_FIELDS = tuple(each.name for each in fields_of(WechatMerchant))
_NEEDED = ("app_id", "mch_id", "api_key")


class WechatControl:
    def __init__(self, database: Database, merchants: Merchants, archive: Archive, clock: Callable[[], float]) -> None:
        self._database = database
        self._merchants = merchants
        self._archive = archive
        self._clock = clock

    def payments(self, reference: str | None) -> Sequence[PaymentView]:
        """A `reference` is an `out_trade_no`."""
        return [_view(order) for ledger in self._ledgers() for order in _orders(ledger, reference)]

    def add_merchant(self, fields: Mapping[str, str]) -> Resource:
        missing = [name for name in _NEEDED if not fields.get(name)]
        unknown = sorted(set(fields) - set(_FIELDS))
        if missing or unknown:
            raise ControlRefused(
                f"a wechat merchant is {{{', '.join(_NEEDED)}}} and, for API v3, {{{', '.join(_FIELDS[3:])}}}"
            )
        try:
            merchant = self._merchants.register(WechatMerchant(**fields), self._clock())
        except UnusableKey as refused:
            raise ControlRefused(str(refused)) from None
        serial = None if merchant.platform is None else merchant.platform.serial
        return {"id": merchant.id, "gateway": GATEWAY, "mch_id": merchant.mch_id, "wechatpay_serial": serial}

    def pay(self, pointer: PaymentPointer, outcome: PayOutcome) -> Resource:
        ledger, order = self._pointed_at(pointer)
        if not can_pay(ledger, order):
            raise ControlRefused(f"the order waits for no customer: it is {order.state}", 409)
        with self._database.transaction():
            match outcome:
                case "succeed":
                    order = pay(ledger, order)
                case "fail":
                    order = decline(ledger, order)
                case "abandon":
                    pass
                case _:
                    assert_never(outcome)
        return {"id": _id(order), "gateway": GATEWAY, "status": order.state}

    def open_dispute(self, gateway_payment_id: str, amount: Amount | None, reason: str | None) -> Resource:
        """A complaint. WeChat Pay takes no money for one, and tells of it in API v3 alone."""
        if reason is not None and reason not in complaints.REASONS:
            raise ControlRefused(f"reason must be one of {', '.join(complaints.REASONS)}")
        ledger, order = self._pointed_at(PaymentPointer(gateway_payment_id=gateway_payment_id))
        if not order.is_paid or ledger.merchant.platform is None:
            raise ControlRefused(
                f"only a paid order of a merchant with API v3 has complaints: it is {order.state}", 409
            )
        wanted = order.total if amount is None else _fen(amount)
        if not 1 <= wanted <= order.total:
            raise ControlRefused(f"amount must be between 1 and {order.total} in fen")
        with self._database.transaction():
            complaint = complaints.complain(ledger, order, wanted, reason or complaints.USUAL_REASON)
        return _complaint_view(complaint)

    def evidence(self, id: str) -> Resource | None:
        _, complaint = self._complaint(id)
        if complaint is None:
            return None
        answers = [said for said in complaint.history if said.kind == "MERCHANT_RESPONSE"]
        return {
            "evidence": [{"response_content": each.words, "response_images": list(each.pictures)} for each in answers]
        }

    def close_dispute(self, id: str, outcome: DisputeOutcome) -> Resource | None:
        """WeChat Pay decides about no money: a complaint ends, one way or the other."""
        ledger, complaint = self._complaint(id)
        if ledger is None or complaint is None:
            return None
        if complaint.state == "PROCESSED":
            raise ControlRefused("the complaint is processed already", 409)
        with self._database.transaction():
            return _complaint_view(complaints.end(ledger, complaint))

    def _complaint(self, id: str) -> tuple[Ledger, Complaint] | tuple[None, None]:
        for ledger in self._ledgers():
            complaint = ledger.complaint(id)
            if complaint is not None:
                return ledger, complaint
        return None, None

    def move_disputed(self, id: str, kind: MovementKind, amount: Amount, reason: str | None) -> Resource | None:
        return None

    def create_payout(self, currency: str, amount: Amount) -> Resource:
        raise ControlRefused("the sandbox's WeChat Pay has no transfers: only its payments and refunds are simulated")

    def move_payout(self, id: str, status: PayoutStatus) -> Resource | None:
        return None

    def _pointed_at(self, pointer: PaymentPointer) -> tuple[Ledger, Order]:
        if pointer.url is not None:
            return find_by_address(self._archive, self._merchants, pointer.url) or _unknown()
        for ledger in self._ledgers():
            order = _find(ledger, pointer)
            if order is not None:
                return ledger, order
        return _unknown()

    def _ledgers(self) -> list[Ledger]:
        return [self._archive.open(merchant) for merchant in self._merchants.all()]


def _complaint_view(complaint: Complaint) -> Resource:
    return {
        "id": complaint.id,
        "gateway": GATEWAY,
        "status": complaint.state,
        "currency": "CNY",
        "amount_minor": complaint.amount,
    }


def _fen(amount: Amount) -> int:
    if isinstance(amount, int):
        return amount
    try:
        fen = Decimal(amount).scaleb(2)
    except ArithmeticError:
        raise ControlRefused(f"{amount} is no amount in CNY") from None
    if fen != int(fen):
        raise ControlRefused(f"{amount} is no amount in CNY")
    return int(fen)


def _unknown() -> NoReturn:
    raise ControlRefused("no such payment at wechat", 404)


def _orders(ledger: Ledger, reference: str | None) -> list[Order]:
    if reference is None:
        return ledger.orders()
    order = ledger.order(reference)
    return [] if order is None else [order]


def _find(ledger: Ledger, pointer: PaymentPointer) -> Order | None:
    if pointer.reference is not None:
        return ledger.order(pointer.reference)
    id = pointer.gateway_payment_id or ""
    return ledger.order_where("$.transaction_id", id) or ledger.order_where("$.prepay_id", id)


def _id(order: Order) -> str:
    """WeChat Pay knows an order by its `prepay_id` until it is paid, and then by its `transaction_id`."""
    return order.transaction_id or order.prepay_id


def _view(order: Order) -> PaymentView:
    return PaymentView(
        gateway=GATEWAY,
        gateway_payment_id=_id(order),
        reference=order.out_trade_no,
        currency="CNY",
        amount_minor=order.total,
        captured_minor=order.total if order.is_paid else 0,
        refunded_minor=order.refunded,
        status=order.state,
    )
