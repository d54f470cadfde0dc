"""Resolves a refund whose outcome stayed unknown: the gateway is asked once more, and only where it does not tell, an operator's evidence decides."""

from uuid import UUID

from server.domain.access import Call
from server.domain.attempt import Attempt
from server.domain.audit import AuditAction, AuditObject
from server.domain.clock import Clock
from server.domain.errors import InvalidState, RefundNotFound
from server.domain.gateway import Gateways
from server.domain.outcomes import NotSent, RefundOutcome, RefundPending, Unknown
from server.domain.payment import Payment
from server.domain.ports import Store, Transaction
from server.domain.refund import Refund
from server.domain.refund_resolution import RefundResolution, check_resolvable, outcome_of
from server.operations.refund_settling import RefundSettling, charge_of
from server.operations.verdicts import Verdicts


class RefundResolving:
    """The way out for what no gateway tells of a refund."""

    def __init__(self, store: Store, gateways: Gateways, settling: RefundSettling, clock: Clock) -> None:
        self._store = store
        self._gateways = gateways
        self._settling = settling
        self._clock = clock
        self._verdicts = Verdicts(clock)

    async def resolve(self, call: Call, payment_id: UUID, refund_id: UUID, resolution: RefundResolution) -> Refund:
        """Settles a refund by the gateway's word, or else by the verdict, and keeps the evidence. A resumed call that had settled it changes nothing more.

        Raises PaymentNotFound, RefundNotFound, InvalidState, ValidationError.
        """

        def look(tx: Transaction) -> tuple[Refund, Attempt] | Refund:
            payment = tx.payments.get(call.caller.merchant_id, payment_id)
            refund = _of(payment, refund_id)
            if self._verdicts.is_given(tx, call):
                return refund
            check_resolvable(refund, self._clock.now())
            return refund, charge_of(tx, payment)

        found = await self._store.look_up(look)
        if isinstance(found, Refund):
            return found
        refund, charge = found
        outcome_of(resolution, refund)
        told = await self._ask(refund, charge)
        return await self._store.transaction(lambda tx: self._record(tx, call, resolution, refund, told))

    async def _ask(self, refund: Refund, charge: Attempt) -> RefundOutcome | None:
        """What the gateway says became of the refund, which it may do only now; None when it does not tell. Raises InvalidState when it is under way there."""
        gateway = await self._gateways.of_attempt(charge)
        outcome = await gateway.resume_refund(refund, charge)
        match outcome:
            case Unknown() | NotSent():
                return None
            case RefundPending():
                await self._settling.settle(refund, outcome)
                raise InvalidState(refund.payment_id, "the gateway says that the refund is under way")
            case _:
                return outcome

    def _record(
        self, tx: Transaction, call: Call, resolution: RefundResolution, refund: Refund, told: RefundOutcome | None
    ) -> Refund:
        before = _of(tx.payments.lock(refund.merchant_id, refund.payment_id), refund.id)
        if self._verdicts.is_given(tx, call):
            return before
        check_resolvable(before, self._clock.now())
        after = self._settling.settle_in(tx, before, told or outcome_of(resolution, before))
        details = {
            "resolution": resolution.verdict.value,
            "evidence": resolution.evidence,
            "previous_status": before.status.value,
            "status": after.status.value,
            "payment_id": str(before.payment_id),
            "gateway_refund_id": resolution.gateway_refund_id,
        }
        about = AuditObject.REFUND, before.id
        self._verdicts.write(tx, call, AuditAction.REFUND_RESOLVE, about, by_gateway=told is not None, details=details)
        return after


def _of(payment: Payment, refund_id: UUID) -> Refund:
    refund = payment.refund(refund_id)
    if refund is None:
        raise RefundNotFound
    return refund
