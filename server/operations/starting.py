"""Starts payments: tokenise, record, send, settle. A resumed call goes on with what it had recorded, under the same gateway key."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import assert_never
from uuid import UUID

from server.domain.access import Call
from server.domain.attempt import Attempt, AttemptKind
from server.domain.clock import Clock, whole_seconds
from server.domain.errors import GatewayUnavailable, InvalidCurrency, InvalidPaymentMethod, NotSupported
from server.domain.gateway import Gateway, Gateways, Instrument, Wish
from server.domain.ids import reference_of
from server.domain.money import Money
from server.domain.outcomes import Declined, NotSent, Refused, Tokenised, Unusable
from server.domain.payment import Change, Payment, PaymentMethodKind
from server.domain.ports import Store, Transaction, UniqueViolation
from server.domain.saved_method import SavedMethod, usable
from server.operations.commands import CreatePayment, SavedInstrument
from server.operations.recording import Recorder
from server.operations.settling import Settling

GATEWAY_OF = {
    PaymentMethodKind.CARD: "stripe",
    PaymentMethodKind.ALIPAY: "alipay",
    PaymentMethodKind.WECHAT: "wechat",
    PaymentMethodKind.PAYPAL: "paypal",
}
"""The gateway that takes a kind of payment method when the caller names none."""


Take = Callable[[Transaction, Payment], None]
"""Makes a payment that of what it is for, in the transaction that records it, and raises what forbids that."""


@dataclass(frozen=True, slots=True)
class OrderPlace:
    """The mall order that a payment is for."""

    mall_order_id: int
    reference: str
    take: Take


@dataclass(frozen=True, slots=True)
class IntentPlace:
    """The payment intent that a payment is for; the payment is called `payment_id`."""

    intent_id: UUID
    payment_id: UUID
    take: Take


@dataclass(frozen=True, slots=True)
class _Means:
    """What a payment is made with, as the gateway knows it or does not want it; `saved` where the customer had saved it."""

    tokenised: Tokenised | Declined | Refused
    saved: SavedMethod | None = None

    @property
    def known(self) -> Tokenised:
        """What the gateway knows it by; nothing where it does not want it."""
        return self.tokenised if isinstance(self.tokenised, Tokenised) else Tokenised(token=None)


class Starting:
    """The way of every new payment."""

    def __init__(self, store: Store, gateways: Gateways, settling: Settling, recorder: Recorder, clock: Clock) -> None:
        self._store = store
        self._gateways = gateways
        self._settling = settling
        self._recorder = recorder
        self._clock = clock

    async def start(
        self, call: Call, command: CreatePayment, place: OrderPlace | IntentPlace | None = None
    ) -> tuple[Payment, Attempt]:
        """Records a payment, sends it to its gateway and settles the answer; `answer` says what its caller is told of it.

        Raises what was wrong before anything was recorded: InvalidAmount, InvalidCurrency, InvalidPaymentMethod, NotSupported, GatewayUnsupported,
        GatewayNotEnabled, GatewayUnavailable.
        """
        if call.resumed and (earlier := await self.found(call)) is not None:
            return await self.go_on(earlier)
        gateway = await self.gateway_for(call, command)
        saved = await self._saved(call, command)
        means = await _means(gateway, call, command.instrument, saved)
        change, attempt = self._first(call, command, gateway, means, place)
        try:
            payment, recorded = await self._store.transaction(
                lambda tx: self._record(tx, change, attempt, means.tokenised, place)
            )
        except UniqueViolation:
            if (others := await self.found(call)) is None:
                raise
            return await self.go_on(others)
        if recorded.final:
            return payment, recorded
        return await self._settling.settle(attempt, await gateway.authorise(attempt))

    async def try_again(
        self, call: Call, command: CreatePayment, payment_id: UUID, take: Take
    ) -> tuple[Payment, Attempt]:
        """Another try at a payment whose last one has failed, under a reference of its own; otherwise like `start`. Raises InvalidState unless the payment waits for one."""
        if call.resumed and (earlier := await self.found(call)) is not None:
            return await self.go_on(earlier)
        gateway = await self.gateway_for(call, command)
        saved = await self._saved(call, command)
        means = await _means(gateway, call, command.instrument, saved)

        def record(tx: Transaction) -> tuple[Payment, Attempt, bool]:
            payment = tx.payments.lock(call.caller.merchant_id, payment_id)
            # Another execution of this call may have recorded it since it began.
            if (recorded := tx.attempts.find(payment.merchant_id, call.operation_id)) is not None:
                return payment, recorded, False
            reference = reference_of(payment.id, tx.attempts.tries(payment.merchant_id, payment.id) + 1)
            change = payment.try_again(means.known.card, reference, whole_seconds(self._clock.now()))
            attempt = _attempt(call, command, gateway, means, change.payment)
            take(tx, change.payment)
            self._recorder.another(tx, change, attempt)
            if isinstance(means.tokenised, Tokenised):
                return change.payment, attempt, True
            return *self._settling.settle_in(tx, attempt, means.tokenised), True

        payment, attempt, is_new = await self._store.transaction(record)
        if not is_new:
            return await self.go_on(attempt)
        if attempt.final:
            return payment, attempt
        return await self._settling.settle(attempt, await gateway.authorise(attempt))

    async def gateway_for(self, call: Call, command: CreatePayment) -> Gateway:
        """The gateway that takes such a payment. Raises InvalidAmount, InvalidCurrency, NotSupported, GatewayUnsupported, GatewayNotEnabled; changes and sends nothing."""
        money = Money.parse(command.amount, command.currency)
        gateway = await self._gateways.enabled(
            call.caller.merchant_id, command.gateway or GATEWAY_OF[command.instrument.kind]
        )
        _check(gateway, command, money)
        return gateway

    async def found(self, call: Call) -> Attempt | None:
        """What another execution of this very call has recorded."""
        return await self._store.look_up(lambda tx: tx.attempts.find(call.caller.merchant_id, call.operation_id))

    async def go_on(self, attempt: Attempt) -> tuple[Payment, Attempt]:
        """What became of an attempt that is recorded; finds out first where that is not known."""
        if not attempt.final:
            return await self._settling.resume(attempt)
        payment = await self._store.look_up(lambda tx: tx.payments.get(attempt.merchant_id, attempt.payment_id))
        return payment, attempt

    async def _saved(self, call: Call, command: CreatePayment) -> SavedMethod | None:
        """What the customer has saved, where that is what is paid with. Raises PaymentMethodNotFound, also for another customer's."""
        instrument = command.instrument
        if not isinstance(instrument, SavedInstrument):
            return None
        merchant_id = call.caller.merchant_id
        stored = await self._store.look_up(lambda tx: tx.saved_methods.find(merchant_id, instrument.method_id))
        method = usable(stored, command.customer_id)
        if method.kind is not instrument.kind or command.gateway not in (None, method.gateway):
            raise InvalidPaymentMethod("payment_method.id", "is of another kind, or kept by another gateway")
        return method

    def _first(
        self,
        call: Call,
        command: CreatePayment,
        gateway: Gateway,
        means: _Means,
        place: OrderPlace | IntentPlace | None,
    ) -> tuple[Change, Attempt]:
        """The payment and its first attempt, named by the operation, so that a second execution cannot make another."""
        now, merchant_id = whole_seconds(self._clock.now()), call.caller.merchant_id
        order = place if isinstance(place, OrderPlace) else None
        intent = place if isinstance(place, IntentPlace) else None
        payment_id = intent.payment_id if intent else call.operation_id
        payment = Payment(
            id=payment_id,
            merchant_id=merchant_id,
            money=Money.parse(command.amount, command.currency),
            gateway=gateway.name,
            reference=order.reference if order else reference_of(payment_id),
            method=command.instrument.kind,
            created_at=now,
            updated_at=now,
            capture_method=command.capture_method,
            confirmation_method=command.confirmation_method,
            order_id=command.order_id,
            mall_order_id=order.mall_order_id if order else None,
            intent_id=intent.intent_id if intent else None,
            customer_id=means.saved.customer_id if means.saved else command.customer_id,
            card=means.known.card,
            description=command.description,
            receipt_email=command.receipt_email,
            metadata=command.metadata,
        )
        return payment.begin(), _attempt(call, command, gateway, means, payment)

    def _record(
        self,
        tx: Transaction,
        change: Change,
        attempt: Attempt,
        tokenised: Tokenised | Declined | Refused,
        place: OrderPlace | IntentPlace | None,
    ) -> tuple[Payment, Attempt]:
        self._recorder.first(tx, change, attempt)
        if place is not None:
            # The order refers to the payment, which must be there before.
            place.take(tx, change.payment)
        if isinstance(tokenised, Tokenised):
            return change.payment, attempt
        return self._settling.settle_in(tx, attempt, tokenised)


async def _means(
    gateway: Gateway, call: Call, instrument: Instrument | SavedInstrument, saved: SavedMethod | None
) -> _Means:
    """What the gateway is to be told to pay with. Raises InvalidPaymentMethod, GatewayUnavailable."""
    if saved is not None:
        return _Means(Tokenised(saved.token, saved.card), saved)
    assert isinstance(instrument, Instrument), "what is saved was looked up"
    tokenised = await gateway.tokenise(instrument, _token_key(call, instrument))
    match tokenised:
        case Unusable(field=field, message=message):
            raise InvalidPaymentMethod(f"payment_method.{field}", message)
        case NotSent(message=message):
            raise GatewayUnavailable(message)
        case Tokenised() | Declined() | Refused():
            return _Means(tokenised)
    assert_never(tokenised)


def _attempt(call: Call, command: CreatePayment, gateway: Gateway, means: _Means, payment: Payment) -> Attempt:
    """The operation as an attempt to authorise a payment as it stands."""
    return Attempt(
        id=call.operation_id,
        merchant_id=payment.merchant_id,
        payment_id=payment.id,
        kind=AttemptKind.AUTHORISE,
        gateway=gateway.name,
        config_version=gateway.config_version,
        reference=payment.reference,
        money=payment.money,
        request=gateway.request_for(_wish(command, means)),
        created_at=payment.updated_at,
        updated_at=payment.updated_at,
    )


def _token_key(call: Call, instrument: Instrument) -> str:
    """The key under which a token is made of what the caller gave.

    A gateway's own token may be used up by that: a request that is made anew gets what was made of it before. A card gives a new token at any time, and must, as the one
    that an earlier payment used up is good for no other.
    """
    anew = str(call.operation_id)
    return anew if instrument.token is None else call.request or anew


def _check(gateway: Gateway, command: CreatePayment, money: Money) -> None:
    """Refuses what the gateway lacks, before anything is sent or stored."""
    can = gateway.capabilities
    if command.instrument.kind not in can.methods:
        raise NotSupported(gateway.name, f"payments by {command.instrument.kind.value}")
    if command.capture_method not in can.capture_methods:
        raise NotSupported(gateway.name, f"{command.capture_method.value} capture")
    if money.currency not in can.currencies:
        raise InvalidCurrency("currency", f"the gateway {gateway.name} does not take it")
    gateway.check_amount(money)


def _wish(command: CreatePayment, means: _Means) -> Wish:
    saved, instrument = means.saved, command.instrument
    return Wish(
        kind=instrument.kind,
        token=means.known.token,
        capture_method=command.capture_method,
        confirmation_method=command.confirmation_method,
        description=command.description,
        receipt_email=command.receipt_email,
        return_url=command.return_url,
        cancel_url=command.cancel_url,
        metadata=command.metadata,
        details=(instrument.details or {}) if isinstance(instrument, Instrument) else {},
        gateway_customer_id=saved.gateway_customer_id if saved else None,
        setup_future_usage=command.setup_future_usage,
        off_session=saved is not None and saved.off_session and not _present(command),
    )


def _present(command: CreatePayment) -> bool:
    """Whether the customer is there: they have a page to return to, or agree to something."""
    return command.return_url is not None or command.setup_future_usage is not None
