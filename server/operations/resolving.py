"""Resolves a payment whose outcome stayed unknown: the gateway is asked once more, and only where it does not tell, an operator's evidence decides."""

from uuid import UUID

from server.domain.access import Call
from server.domain.attempt import Attempt, AttemptKind
from server.domain.audit import AuditAction, AuditObject
from server.domain.clock import Clock
from server.domain.errors import InvalidState
from server.domain.gateway import Gateways
from server.domain.outcomes import NotSent, Outcome, Unknown, Unpaid, Waiting
from server.domain.payment import Payment
from server.domain.ports import Store, Transaction
from server.domain.resolution import Resolution, outcome_of, resolvable
from server.operations.settling import Settling
from server.operations.verdicts import Verdicts


class Resolving:
    """The way out for what no gateway tells."""

    def __init__(self, store: Store, gateways: Gateways, settling: Settling, clock: Clock) -> None:
        self._store = store
        self._gateways = gateways
        self._settling = settling
        self._clock = clock
        self._verdicts = Verdicts(clock)

    async def resolve(self, call: Call, payment_id: UUID, resolution: Resolution) -> Payment:
        """Settles a payment by the gateway's word, or else by the verdict, and keeps the evidence. A resumed call that had settled it changes nothing more.

        Raises PaymentNotFound, InvalidState, ValidationError.
        """

        def look(tx: Transaction) -> Attempt | Payment:
            payment = tx.payments.get(call.caller.merchant_id, payment_id)
            return payment if self._verdicts.is_given(tx, call) else self._resolvable(tx, payment)

        found = await self._store.look_up(look)
        if isinstance(found, Payment):
            return found
        outcome_of(resolution, found)
        told = await self._ask(found)
        return await self._store.transaction(lambda tx: self._record(tx, call, resolution, found, told))

    async def _ask(self, attempt: Attempt) -> Outcome | None:
        """What the gateway says became of the attempt; None when it does not tell. Raises InvalidState when the payment is under way there."""
        gateway = await self._gateways.of_attempt(attempt)
        outcome = await gateway.resume(attempt)
        match outcome:
            case Unknown() | NotSent():
                return None
            case Unpaid():
                raise InvalidState(attempt.payment_id, "the gateway says that the customer can still pay")
            case Waiting() if attempt.kind is not AttemptKind.AUTHORISE:
                # Neither done nor refused, and it can still be done: no verdict on it would be final.
                raise InvalidState(attempt.payment_id, "the gateway says that the payment is under way")
            case _:
                return outcome

    def _record(
        self, tx: Transaction, call: Call, resolution: Resolution, attempt: Attempt, told: Outcome | None
    ) -> Payment:
        before = tx.payments.lock(call.caller.merchant_id, attempt.payment_id)
        if self._verdicts.is_given(tx, call):
            return before
        if self._resolvable(tx, before).id != attempt.id:
            raise InvalidState(before.id, "the payment has gone on meanwhile")
        after, _ = self._settling.settle_in(tx, attempt, told or outcome_of(resolution, attempt))
        details = {
            "resolution": resolution.verdict.value,
            "evidence": resolution.evidence,
            "previous_status": before.status.value,
            "status": after.status.value,
            "attempt_id": str(attempt.id),
            "gateway_payment_id": resolution.gateway_payment_id,
        }
        about = AuditObject.PAYMENT, before.id
        self._verdicts.write(tx, call, AuditAction.PAYMENT_RESOLVE, about, by_gateway=told is not None, details=details)
        return after

    def _resolvable(self, tx: Transaction, payment: Payment) -> Attempt:
        unknown = tx.attempts.unknown(payment.merchant_id, payment.id)
        return resolvable(payment, unknown, self._clock.now())
