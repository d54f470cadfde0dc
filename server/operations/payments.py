"""Payments: create, read, list, capture, cancel. Every change goes record, call, settle, and the call is outside any transaction."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from uuid import UUID

from server.domain.access import Call, Caller
from server.domain.attempt import Attempt, AttemptKind
from server.domain.clock import Clock, whole_seconds
from server.domain.errors import GatewayUnavailable, InvalidCurrency, InvalidPaymentMethod, NotSupported
from server.domain.gateway import Gateway, Gateways, Instrument, Wish
from server.domain.ids import Ids, reference_of
from server.domain.jobs import Job, JobKind
from server.domain.listing import Page, PaymentQuery
from server.domain.money import Money
from server.domain.outcomes import Declined, NotSent, Outcome, Refused, Tokenised, Unusable
from server.domain.payment import Change, Payment, PaymentMethodKind, PaymentStatus
from server.domain.ports import Store, Transaction, UniqueViolation
from server.operations.asking import IN_FLIGHT_FOR
from server.operations.commands import CapturePayment, CreatePayment
from server.operations.journal import Journal
from server.operations.settling import Settling, answer

# The gateway that takes a kind of payment method when the caller names none.
_GATEWAY_OF = {
    PaymentMethodKind.CARD: "stripe",
    PaymentMethodKind.ALIPAY: "alipay",
    PaymentMethodKind.WECHAT: "wechat",
    PaymentMethodKind.PAYPAL: "paypal",
}


class PaymentOperations:
    """What callers do with payments."""

    def __init__(
        self, *, store: Store, gateways: Gateways, settling: Settling, journal: Journal, clock: Clock, ids: Ids
    ) -> None:
        self._store = store
        self._gateways = gateways
        self._settling = settling
        self._journal = journal
        self._clock = clock
        self._ids = ids

    async def create(self, call: Call, command: CreatePayment) -> Payment:
        """Records a payment, sends it to its gateway and settles the answer. A resumed call goes on with what it had recorded, under the same gateway key."""
        if call.resumed and (earlier := await self._found(call)) is not None:
            return await self._go_on(earlier)
        money = Money.parse(command.amount, command.currency)
        gateway = await self._gateways.enabled(
            call.caller.merchant_id, command.gateway or _GATEWAY_OF[command.instrument.kind]
        )
        _check(gateway, command, money)
        tokenised = await gateway.tokenise(command.instrument, _token_key(call, command.instrument))
        match tokenised:
            case Unusable(field=field, message=message):
                raise InvalidPaymentMethod(f"payment_method.{field}", message)
            case NotSent(message=message):
                raise GatewayUnavailable(message)
            case Tokenised() | Declined() | Refused():
                pass
        change, attempt = self._first(call, command, money, gateway, tokenised)
        try:
            payment, recorded = await self._store.transaction(
                lambda tx: self._record_first(tx, change, attempt, tokenised)
            )
        except UniqueViolation:
            if (others := await self._found(call)) is None:
                raise
            return await self._go_on(others)
        if recorded.final:
            return answer(payment, recorded)
        return answer(*await self._settling.settle(attempt, await gateway.authorise(attempt)))

    async def get(self, caller: Caller, payment_id: UUID) -> Payment:
        """One payment. Raises PaymentNotFound."""
        return await self._store.look_up(lambda tx: tx.payments.get(caller.merchant_id, payment_id))

    async def list(self, caller: Caller, query: PaymentQuery) -> Page[Payment]:
        """A page of the caller's payments."""
        return await self._store.read(lambda tx: tx.payments.list(caller.merchant_id, query))

    async def capture(self, call: Call, command: CapturePayment) -> Payment:
        """Takes the money of an authorised payment, or a part of it. Raises AlreadyCaptured, InvalidState, InvalidAmount, NotSupported."""
        gateway = await self._gateway_of(call.caller, command.payment_id)

        def begin(payment: Payment) -> tuple[Change, Money]:
            amount = None if command.amount is None else Money.parse(command.amount, payment.money.currency)
            change, wanted = payment.begin_capture(amount, whole_seconds(self._clock.now()))
            if wanted != payment.money and not gateway.capabilities.partial_capture:
                raise NotSupported(gateway.name, "partial capture")
            gateway.check_amount(wanted)
            return change, wanted

        return await self._operate(call, command.payment_id, AttemptKind.CAPTURE, begin, gateway.capture)

    async def cancel(self, call: Call, payment_id: UUID) -> Payment:
        """Ends a payment before capture. Raises AlreadyCaptured, InvalidState."""
        gateway = await self._gateway_of(call.caller, payment_id)

        def begin(payment: Payment) -> tuple[Change, Money]:
            return payment.begin_cancel(whole_seconds(self._clock.now())), payment.money

        return await self._operate(call, payment_id, AttemptKind.VOID, begin, gateway.void)

    async def expire(self, job: Job) -> None:
        """Closes a pending payment whose time is over; the job's id is the payment's. A payment that has gone on meanwhile is left alone."""

        def record(tx: Transaction) -> Attempt | None:
            payment = tx.payments.lock(job.merchant_id, job.id)
            now = self._clock.now()
            ends_at = payment.expires_at if payment.status is PaymentStatus.PENDING else None
            if ends_at is not None and ends_at > now:
                tx.jobs.retry(job, ends_at)
                return None
            tx.jobs.finish(job)
            if ends_at is None:
                return None
            change = payment.begin_cancel(whole_seconds(now))
            return self._record(tx, self._ids.new(), change, AttemptKind.VOID, payment.money)

        attempt = await self._store.transaction(record)
        if attempt is not None:
            gateway = await self._gateways.of_attempt(attempt)
            await self._settling.settle(attempt, await gateway.void(attempt))

    async def _operate(
        self,
        call: Call,
        payment_id: UUID,
        kind: AttemptKind,
        begin: Callable[[Payment], tuple[Change, Money]],
        send: Callable[[Attempt], Awaitable[Outcome]],
    ) -> Payment:
        """Does something with a payment, once however often the call is executed: two executions see each other by the payment's lock."""

        def record(tx: Transaction) -> tuple[Attempt, bool]:
            payment = tx.payments.lock(call.caller.merchant_id, payment_id)
            if (recorded := tx.attempts.find(call.caller.merchant_id, call.operation_id)) is not None:
                return recorded, False
            change, money = begin(payment)
            return self._record(tx, call.operation_id, change, kind, money), True

        attempt, is_new = await self._store.transaction(record)
        if not is_new:
            return await self._go_on(attempt)
        return answer(*await self._settling.settle(attempt, await send(attempt)))

    async def _found(self, call: Call) -> Attempt | None:
        """What another execution of this very call has recorded."""
        return await self._store.look_up(lambda tx: tx.attempts.find(call.caller.merchant_id, call.operation_id))

    async def _go_on(self, attempt: Attempt) -> Payment:
        if attempt.final:
            payment = await self._store.look_up(lambda tx: tx.payments.get(attempt.merchant_id, attempt.payment_id))
            return answer(payment, attempt)
        return answer(*await self._settling.resume(attempt))

    def _first(
        self,
        call: Call,
        command: CreatePayment,
        money: Money,
        gateway: Gateway,
        tokenised: Tokenised | Declined | Refused,
    ) -> tuple[Change, Attempt]:
        """The payment and its first attempt, both named by the operation, so that a second execution cannot make another."""
        now, merchant_id = whole_seconds(self._clock.now()), call.caller.merchant_id
        known = tokenised if isinstance(tokenised, Tokenised) else Tokenised(token=None)
        payment = Payment(
            id=call.operation_id,
            merchant_id=merchant_id,
            money=money,
            gateway=gateway.name,
            reference=reference_of(call.operation_id),
            method=command.instrument.kind,
            created_at=now,
            updated_at=now,
            capture_method=command.capture_method,
            confirmation_method=command.confirmation_method,
            order_id=command.order_id,
            customer_id=command.customer_id,
            card=known.card,
            description=command.description,
            receipt_email=command.receipt_email,
            metadata=command.metadata,
        )
        attempt = Attempt(
            id=call.operation_id,
            merchant_id=merchant_id,
            payment_id=payment.id,
            kind=AttemptKind.AUTHORISE,
            gateway=gateway.name,
            config_version=gateway.config_version,
            reference=payment.reference,
            money=money,
            request=gateway.request_for(_wish(command, known)),
            created_at=now,
            updated_at=now,
        )
        return payment.begin(), attempt

    def _record_first(
        self, tx: Transaction, change: Change, attempt: Attempt, tokenised: Tokenised | Declined | Refused
    ) -> tuple[Payment, Attempt]:
        self._journal.open(tx, change)
        tx.attempts.insert(attempt)
        self._watch(tx, attempt, self._clock.now())
        if isinstance(tokenised, Tokenised):
            return change.payment, attempt
        return self._settling.settle_in(tx, attempt, tokenised)

    async def _gateway_of(self, caller: Caller, payment_id: UUID) -> Gateway:
        """The gateway that a payment was made through. Raises PaymentNotFound."""

        def authorisation(tx: Transaction) -> Attempt:
            payment = tx.payments.get(caller.merchant_id, payment_id)
            return tx.attempts.latest_authorisation(caller.merchant_id, payment.id)

        return await self._gateways.of_attempt(await self._store.look_up(authorisation))

    def _record(self, tx: Transaction, attempt_id: UUID, change: Change, kind: AttemptKind, money: Money) -> Attempt:
        payment = change.payment
        authorisation = tx.attempts.latest_authorisation(payment.merchant_id, payment.id)
        attempt = Attempt(
            id=attempt_id,
            merchant_id=payment.merchant_id,
            payment_id=payment.id,
            kind=kind,
            gateway=payment.gateway,
            config_version=authorisation.config_version,
            reference=authorisation.reference,
            money=money,
            request=authorisation.request,
            created_at=payment.updated_at,
            updated_at=payment.updated_at,
            gateway_payment_id=payment.gateway_payment_id,
        )
        self._journal.write(tx, change)
        tx.attempts.insert(attempt)
        self._watch(tx, attempt, self._clock.now())
        return attempt

    def _watch(self, tx: Transaction, attempt: Attempt, now: datetime) -> None:
        """A job finds the attempt if this execution is cut off before it settles."""
        tx.jobs.enqueue(Job(attempt.id, JobKind.SETTLE_ATTEMPT, attempt.merchant_id, now + IN_FLIGHT_FOR, now))


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


def _wish(command: CreatePayment, known: Tokenised) -> Wish:
    return Wish(
        kind=command.instrument.kind,
        token=known.token,
        capture_method=command.capture_method,
        confirmation_method=command.confirmation_method,
        description=command.description,
        receipt_email=command.receipt_email,
        return_url=command.return_url,
        cancel_url=command.cancel_url,
        metadata=command.metadata,
        details=command.instrument.details or {},
    )
