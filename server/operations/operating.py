"""Does something with a payment that is there: record, call, settle, once however often the call is executed."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from uuid import UUID

from server.domain.access import Call
from server.domain.attempt import Attempt, AttemptKind
from server.domain.money import Money
from server.domain.outcomes import Outcome
from server.domain.payment import Change, Payment, PaymentStatus
from server.domain.ports import Store, Transaction
from server.operations.recording import Recorder
from server.operations.settling import Settling, answer
from server.operations.starting import Starting


class Operating:
    """The way of every capture and cancel."""

    def __init__(self, store: Store, settling: Settling, starting: Starting, recorder: Recorder) -> None:
        self._store = store
        self._settling = settling
        self._starting = starting
        self._recorder = recorder

    async def operate(
        self,
        call: Call,
        payment_id: UUID,
        kind: AttemptKind,
        begin: Callable[[Payment], tuple[Change, Money]],
        send: Callable[[Attempt], Awaitable[Outcome]],
    ) -> Payment:
        """The payment afterwards, or the error that the outcome is. Two executions see each other by the payment's lock. Raises what `begin` raises."""

        def record(tx: Transaction) -> tuple[Attempt, bool]:
            payment = tx.payments.lock(call.caller.merchant_id, payment_id)
            if (recorded := tx.attempts.find(call.caller.merchant_id, call.operation_id)) is not None:
                return recorded, False
            change, money = begin(payment)
            return self._recorder.further(tx, call.operation_id, change, kind, money), True

        attempt, is_new = await self._store.transaction(record)
        if not is_new:
            return answer(*await self._starting.go_on(attempt))
        return answer(*await self._settling.settle(attempt, await send(attempt)))

    async def end_between_tries(self, call: Call, payment_id: UUID, at: datetime) -> Payment | None:
        """The payment, canceled, where a try at it has failed and nothing is at the gateway that could be ended; None where that is not so.

        A resumed call that had canceled it changes nothing more.
        """

        def is_ended(tx: Transaction, payment: Payment) -> bool:
            sent = tx.attempts.find(payment.merchant_id, call.operation_id) is not None
            return call.resumed and payment.status is PaymentStatus.CANCELED and not sent

        def look(tx: Transaction) -> bool:
            payment = tx.payments.get(call.caller.merchant_id, payment_id)
            return payment.between_tries or is_ended(tx, payment)

        def end(tx: Transaction) -> Payment | None:
            payment = tx.payments.lock(call.caller.merchant_id, payment_id)
            if is_ended(tx, payment):
                return payment
            if not payment.between_tries:
                return None
            change = payment.cancel(None, at)
            self._recorder.end(tx, change)
            return change.payment

        return await self._store.transaction(end) if await self._store.look_up(look) else None
