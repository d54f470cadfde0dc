"""Payments: create, read, list, capture, cancel. Every change goes record, call, settle, and the call is outside any transaction."""

from uuid import UUID

from server.domain.access import Call, Caller
from server.domain.attempt import Attempt, AttemptKind
from server.domain.clock import Clock, whole_seconds
from server.domain.errors import NotSupported
from server.domain.gateway import Gateway, Gateways
from server.domain.listing import Page, PaymentQuery
from server.domain.money import Money
from server.domain.payment import Change, Payment
from server.domain.ports import Store, Transaction
from server.operations.commands import CapturePayment, CreatePayment
from server.operations.operating import Operating
from server.operations.settling import answer
from server.operations.starting import Starting


class PaymentOperations:
    """What callers do with payments."""

    def __init__(
        self,
        *,
        store: Store,
        gateways: Gateways,
        starting: Starting,
        operating: Operating,
        clock: Clock,
    ) -> None:
        self._store = store
        self._gateways = gateways
        self._starting = starting
        self._operating = operating
        self._clock = clock

    async def create(self, call: Call, command: CreatePayment) -> Payment:
        """Records a payment, sends it to its gateway and settles the answer. A resumed call goes on with what it had recorded, under the same gateway key."""
        return answer(*await self._starting.start(call, command))

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

        return await self._operating.operate(call, command.payment_id, AttemptKind.CAPTURE, begin, gateway.capture)

    async def cancel(self, call: Call, payment_id: UUID) -> Payment:
        """Ends a payment before capture. Raises AlreadyCaptured, InvalidState."""
        ended = await self._operating.end_between_tries(call, payment_id, whole_seconds(self._clock.now()))
        if ended is not None:
            return ended
        gateway = await self._gateway_of(call.caller, payment_id)

        def begin(payment: Payment) -> tuple[Change, Money]:
            return payment.begin_cancel(whole_seconds(self._clock.now())), payment.money

        return await self._operating.operate(call, payment_id, AttemptKind.VOID, begin, gateway.void)

    async def _gateway_of(self, caller: Caller, payment_id: UUID) -> Gateway:
        """The gateway that a payment was made through. Raises PaymentNotFound."""

        def authorisation(tx: Transaction) -> Attempt:
            # By the payment's number: what a second try took is a payment that none of its own was made for.
            return tx.attempts.paying(tx.payments.get(caller.merchant_id, payment_id))

        return await self._gateways.of_attempt(await self._store.look_up(authorisation))
