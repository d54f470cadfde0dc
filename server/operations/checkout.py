"""Pays an order at a gateway: an order has one payment at a time, and another one is opened only when the former can be paid no more."""

from server.domain.access import Call
from server.domain.attempt import Attempt
from server.domain.channels import unfit, usual_channel
from server.domain.clock import Clock
from server.domain.errors import (
    GatewayTimedOut,
    GatewayUnavailable,
    GatewayUnsupported,
    OrderStateRefused,
    ValidationError,
)
from server.domain.gateway import Instrument
from server.domain.order import Order, OrderStatus, order_reference
from server.domain.outcomes import NotSent, Unknown, Waiting
from server.domain.payment import Payment, PaymentStatus
from server.domain.ports import Store, Transaction, UniqueViolation
from server.operations.closing import Closing
from server.operations.commands import CheckoutOrder, CreatePayment
from server.operations.gateway_choosing import GATEWAY_OF
from server.operations.offering import OFFERED
from server.operations.owners import order_of
from server.operations.places import OrderPlace
from server.operations.settling import answer
from server.operations.starting import Starting

_KINDS = {gateway: kind for kind, gateway in GATEWAY_OF.items() if gateway in OFFERED}

# How often an order is looked at anew because somebody else has changed it meanwhile.
_ROUNDS = 5


class _Overtaken(Exception):
    """The order is not as it was when the payment was prepared."""


class Checkout:
    """The way from an order to the place where its customer pays."""

    def __init__(self, store: Store, starting: Starting, closing: Closing, clock: Clock) -> None:
        self._store = store
        self._starting = starting
        self._closing = closing
        self._clock = clock

    async def check_out(self, call: Call, command: CheckoutOrder) -> tuple[Order, Payment]:
        """The order and the payment that its customer can pay now: the one that is open at this gateway, or a new one.

        Raises GatewayUnsupported, ValidationError, OrderNotFound, OrderStateRefused, GatewayNotEnabled and what a new payment raises; GatewayTimedOut when a gateway has
        not told in time, which the same call resumes; GatewayUnavailable when the former payment could not be closed because nothing could be sent.
        """
        instrument = _instrument(command)
        for _ in range(_ROUNDS):
            order, current = await self._look(call, command)
            wish = _wish(command, instrument, order)
            # What the gateway does not take is refused before the former payment is closed for it.
            await self._starting.gateway_for(call, wish)
            if current is not None and current.open:
                if self._wanted(current, command):
                    shown = await self._shown(current)
                    if shown.open:
                        return order, shown
                    continue
                closed = current
                await self._close(closed)
                order, current = await self._look(call, command)
                if current is None or current.id != closed.id or current.status is PaymentStatus.PENDING:
                    # Somebody else has opened another one meanwhile, or this one anew.
                    continue
            try:
                payment, attempt = await self._start(call, command.gateway, wish, order)
            except (_Overtaken, UniqueViolation):
                continue
            opened = _payable(answer(payment, attempt))
            if opened.status is PaymentStatus.CANCELED:
                raise OrderStateRefused(
                    order.id, "the payment that was opened for it can be paid no more; check out anew"
                )
            return order, opened
        raise GatewayTimedOut("the order is being paid by another call at this moment; repeat later")

    async def _look(self, call: Call, command: CheckoutOrder) -> tuple[Order, Payment | None]:
        """The order and its payment. Raises OrderNotFound, OrderStateRefused."""

        def look(tx: Transaction) -> tuple[Order, Payment | None]:
            order = order_of(tx, call.caller, command.order_id, command.user_id)
            order.require(OrderStatus.PENDING, "paid")
            payment = None if order.payment_id is None else tx.payments.get(order.merchant_id, order.payment_id)
            return order, payment

        return await self._store.look_up(look)

    def _wanted(self, current: Payment, command: CheckoutOrder) -> bool:
        """Whether the payment that is open is the one to pay: at this gateway, in time, and not being closed."""
        in_time = current.expires_at is None or current.expires_at > self._clock.now()
        return current.gateway == command.gateway and in_time and not current.operated_on

    async def _shown(self, current: Payment) -> Payment:
        """An open payment with what its customer is shown; one whose answer was lost is asked for."""
        if current.next_action is not None:
            return current

        def authorisation(tx: Transaction) -> Attempt:
            return tx.attempts.latest_authorisation(current.merchant_id, current.id)

        attempt = await self._store.look_up(authorisation)
        return _payable(answer(*await self._starting.go_on(attempt)))

    async def _close(self, current: Payment) -> None:
        """The payment is closed afterwards, has been paid, or can be closed by nobody and expires: what arrives through it then goes back."""
        closed, outcome = await self._closing.close(current)
        match outcome:
            case NotSent(message=message):
                raise GatewayUnavailable(message)
            case Unknown():
                raise GatewayTimedOut(f"{current.gateway} has not told yet whether the former payment is closed")
            case Waiting() if closed.status is PaymentStatus.PROCESSING:
                raise GatewayTimedOut(f"{current.gateway} works on the former payment; repeat later")
            case _:
                return

    async def _start(self, call: Call, gateway: str, wish: CreatePayment, order: Order) -> tuple[Payment, Attempt]:
        tries = await self._store.look_up(lambda tx: tx.payments.count_of_order(order.merchant_id, order.id, gateway))

        def take(tx: Transaction, payment: Payment) -> None:
            locked = tx.orders.lock(order.merchant_id, order.id)
            if locked.payment_id != order.payment_id:
                raise _Overtaken
            tx.orders.update(locked.check_out(payment, payment.created_at))

        place = OrderPlace(order.id, order_reference(order.order_no, tries + 1), take)
        return await self._starting.start(call, wish, place)


def _wish(command: CheckoutOrder, instrument: Instrument, order: Order) -> CreatePayment:
    return CreatePayment(
        amount=str(order.total),
        currency=order.total.currency,
        instrument=instrument,
        gateway=command.gateway,
        order_id=order.uuid,
        description=order.subject,
        return_url=command.return_url,
        cancel_url=command.cancel_url,
        metadata={},
    )


def _instrument(command: CheckoutOrder) -> Instrument:
    """Where the customer pays. Raises GatewayUnsupported, or ValidationError for a channel that the gateway lacks or that needs more."""
    kind = _KINDS.get(command.gateway)
    if kind is None:
        raise GatewayUnsupported
    told = {
        "channel": command.channel or usual_channel(kind),
        "openid": command.openid,
        "client_ip": command.client_ip,
    }
    details = {name: value for name, value in told.items() if value}
    if (wrong := unfit(kind, details)) is not None:
        raise ValidationError(*wrong)
    return Instrument(kind, details=details)


def _payable(payment: Payment) -> Payment:
    """A payment that a customer can pay now. Raises GatewayTimedOut where the gateway has not told yet how."""
    if payment.status is PaymentStatus.PROCESSING:
        raise GatewayTimedOut(f"{payment.gateway} has not told yet where the order can be paid; repeat the call")
    return payment
