"""Refunds: create, read, list. A refund goes record, call, settle, and the call is outside any transaction."""

from collections.abc import Callable, Sequence
from uuid import UUID

from server.domain.access import Call, Caller
from server.domain.errors import NotSupported, RefundNotFound
from server.domain.gateway import Gateway, Gateways
from server.domain.listing import Cursor, Page, RefundQuery
from server.domain.money import Money
from server.domain.payment import Payment
from server.domain.ports import Store, Transaction
from server.domain.refund import Refund
from server.operations.asking import IN_FLIGHT_FOR
from server.operations.commands import CreateRefund
from server.operations.refund_recording import RefundRecording
from server.operations.refund_settling import RefundSettling, answer, charge_of

Check = Callable[[Transaction, Payment], None]
"""What a caller of this module knows about a refund beyond its payment, which is locked."""


def _nothing_more(_tx: Transaction, _payment: Payment) -> None:
    """A refund that is for no order's sake."""


class RefundOperations:
    """What callers do with refunds."""

    def __init__(
        self, *, store: Store, gateways: Gateways, recording: RefundRecording, settling: RefundSettling
    ) -> None:
        self._store = store
        self._gateways = gateways
        self._recording = recording
        self._settling = settling

    async def create(self, call: Call, command: CreateRefund, check: Check = _nothing_more) -> Refund:
        """Records a refund, sends it to the payment's gateway and settles the answer. A resumed call goes on with the one that it had recorded.

        `check` raises what else forbids it, in the transaction that records it.

        Raises PaymentNotFound, InvalidState, AlreadyRefunded, RefundAmountInvalid, InvalidAmount, NotSupported, GatewayError, GatewayUnavailable.
        """
        merchant_id = call.caller.merchant_id
        charge = await self._store.look_up(lambda tx: charge_of(tx, tx.payments.get(merchant_id, command.payment_id)))
        gateway = await self._gateways.of_attempt(charge)

        def record(tx: Transaction) -> tuple[Refund, bool]:
            payment = tx.payments.lock(merchant_id, command.payment_id)
            # Another execution of this call may have recorded it since it began.
            if (recorded := payment.refund(call.operation_id)) is not None:
                return recorded, False
            check(tx, payment)
            money = _wanted(payment, command, gateway)
            refund = self._recording.record(
                tx,
                payment,
                call.operation_id,
                money=money,
                reason=command.reason,
                metadata=command.metadata,
                due_in=IN_FLIGHT_FOR,
            )
            return refund, True

        refund, is_new = await self._store.transaction(record)
        if is_new:
            return answer(await self._settling.settle(refund, await gateway.refund(refund, charge)))
        return answer(await self._settling.resume(refund) if refund.pending else refund)

    async def get(self, caller: Caller, payment_id: UUID, refund_id: UUID) -> Refund:
        """One refund of a payment. Raises PaymentNotFound, RefundNotFound."""
        found = (await self._payment(caller, payment_id)).refund(refund_id)
        if found is None:
            raise RefundNotFound
        return found

    async def list(self, caller: Caller, query: RefundQuery) -> Page[Refund]:
        """A page of a payment's refunds, newest first. Raises PaymentNotFound."""
        return _page((await self._payment(caller, query.payment_id)).refunds, query)

    async def _payment(self, caller: Caller, payment_id: UUID) -> Payment:
        return await self._store.look_up(lambda tx: tx.payments.get(caller.merchant_id, payment_id))


def _wanted(payment: Payment, command: CreateRefund, gateway: Gateway) -> Money:
    """What is to be returned, refused before anything is sent where it cannot be."""
    amount = None if command.amount is None else Money.parse(command.amount, payment.money.currency)
    money, can = payment.check_refund(amount), gateway.capabilities
    if not can.refund:
        raise NotSupported(gateway.name, "refunds")
    if money.amount_minor != payment.captured_minor and not can.partial_refund:
        raise NotSupported(gateway.name, "partial refunds")
    gateway.check_amount(money)
    return money


def _page(refunds: Sequence[Refund], query: RefundQuery) -> Page[Refund]:
    """A payment is read with all of its refunds, so that a page is a part of them."""
    newest = refunds[::-1]
    if query.after is None:
        start = (query.page - 1) * query.per_page
    else:
        places = {refund.id: place for place, refund in enumerate(newest, start=1)}
        start = places.get(query.after.id, len(newest))
    shown, more = tuple(newest[start : start + query.per_page]), start + query.per_page < len(newest)
    return Page(shown, len(newest) if query.after is None else None, Cursor(shown[-1].id) if more else None)
