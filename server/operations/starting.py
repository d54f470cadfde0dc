"""Starts payments: tokenise, record, send, settle. A resumed call goes on with what it had recorded, under the same gateway key."""

from uuid import UUID

from server.domain.access import Call
from server.domain.attempt import Attempt, AttemptKind
from server.domain.clock import Clock, whole_seconds
from server.domain.errors import InvalidPaymentMethod
from server.domain.gateway import Gateway, Gateways
from server.domain.ids import reference_of
from server.domain.money import Money
from server.domain.outcomes import Declined, Refused, Tokenised
from server.domain.payment import Change, Payment
from server.domain.ports import Store, Transaction, UniqueViolation
from server.domain.saved_method import SavedMethod, usable
from server.operations.commands import CreatePayment, SavedInstrument
from server.operations.gateway_choosing import GATEWAY_OF, check_taken
from server.operations.means import Means, means_of, wish_of
from server.operations.places import IntentPlace, OrderPlace, Take
from server.operations.recording import Recorder
from server.operations.settling import Settling


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
        means = await means_of(gateway, call, command.instrument, saved)
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
        means = await means_of(gateway, call, command.instrument, saved)

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
        check_taken(gateway, command, money)
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
        means: Means,
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


def _attempt(call: Call, command: CreatePayment, gateway: Gateway, means: Means, payment: Payment) -> Attempt:
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
        request=gateway.request_for(wish_of(command, means)),
        created_at=payment.updated_at,
        updated_at=payment.updated_at,
    )
