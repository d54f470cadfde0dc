"""Payouts: ask for one, stop it, read, list. What is sent goes record, call, settle, and the call is outside any transaction."""

from uuid import UUID

from server.domain.access import Call, Caller
from server.domain.clock import Clock, whole_seconds
from server.domain.errors import InvalidCurrency, NotSupported, PayoutStateRefused
from server.domain.gateway import Gateway, Gateways
from server.domain.ids import reference_of
from server.domain.listing import Page, PayoutQuery
from server.domain.money import Money
from server.domain.paying_out import PayoutChange, begin_payout
from server.domain.payout import Payout
from server.domain.ports import Store, Transaction, UniqueViolation
from server.operations.asking import IN_FLIGHT_FOR
from server.operations.commands import CreatePayout
from server.operations.journal import Journal
from server.operations.payout_settling import PayoutSettling, answer, answer_to_stop, settling_job


class PayoutOperations:
    """What callers do with payouts."""

    def __init__(
        self, *, store: Store, gateways: Gateways, settling: PayoutSettling, journal: Journal, clock: Clock
    ) -> None:
        self._store = store
        self._gateways = gateways
        self._settling = settling
        self._journal = journal
        self._clock = clock

    async def create(self, call: Call, command: CreatePayout) -> Payout:
        """Records a payout, sends it to the gateway and settles the answer. A resumed call goes on with the one that it had recorded.

        Raises InvalidAmount, InvalidCurrency, GatewayUnsupported, GatewayNotEnabled, NotSupported, GatewayError, GatewayUnavailable.
        """
        merchant_id = call.caller.merchant_id
        recorded = await self._recorded(call) if call.resumed else None
        if recorded is None:
            gateway = await self._gateways.enabled(merchant_id, command.gateway)
            money = _wanted(command, gateway)
            try:
                payout = await self._store.transaction(lambda tx: self._record(tx, call, gateway, money))
            except UniqueViolation:
                # Another execution of this very call has recorded it since it began.
                recorded = await self._store.look_up(lambda tx: tx.payouts.get(merchant_id, call.operation_id))
            else:
                return answer(await self._settling.settle(payout, await gateway.pay_out(payout)))
        return answer(await self._settling.resume(recorded) if recorded.unknown else recorded)

    async def cancel(self, call: Call, payout_id: UUID) -> Payout:
        """Has a pending payout stopped. A resumed call goes on with the order that it had recorded.

        Raises PayoutNotFound, PayoutStateRefused, NotSupported, GatewayError, GatewayUnavailable.
        """
        found = await self._store.look_up(lambda tx: tx.payouts.get(call.caller.merchant_id, payout_id))
        gateway = await self._gateways.of_payout(found)
        payout, is_new = await self._store.transaction(lambda tx: self._order_stop(tx, call, payout_id, gateway))
        if is_new:
            payout = await self._settling.settle(payout, await gateway.stop_payout(payout))
        elif payout.stopping:
            payout = await self._settling.resume(payout)
        return answer_to_stop(payout)

    async def get(self, caller: Caller, payout_id: UUID) -> Payout:
        """One payout. Raises PayoutNotFound."""
        return await self._store.look_up(lambda tx: tx.payouts.get(caller.merchant_id, payout_id))

    async def list(self, caller: Caller, query: PayoutQuery) -> Page[Payout]:
        """A page of the caller's payouts."""
        return await self._store.read(lambda tx: tx.payouts.list(caller.merchant_id, query))

    async def _recorded(self, call: Call) -> Payout | None:
        return await self._store.look_up(lambda tx: tx.payouts.find(call.caller.merchant_id, call.operation_id))

    def _record(self, tx: Transaction, call: Call, gateway: Gateway, money: Money) -> Payout:
        now = self._clock.now()
        at = whole_seconds(now)
        payout = Payout(
            id=call.operation_id,
            merchant_id=call.caller.merchant_id,
            money=money,
            gateway=gateway.name,
            config_version=gateway.config_version,
            created_at=at,
            updated_at=at,
            reference=reference_of(call.operation_id),
        )
        change = begin_payout(payout)
        self._journal.open_payout(tx, change)
        tx.jobs.enqueue(settling_job(change.payout, now + IN_FLIGHT_FOR, now))
        return change.payout

    def _order_stop(self, tx: Transaction, call: Call, payout_id: UUID, gateway: Gateway) -> tuple[Payout, bool]:
        """The payout that is to be stopped, and whether this is the first that is heard of it."""
        payout = tx.payouts.lock(call.caller.merchant_id, payout_id)
        if payout.stop is not None and payout.stop.id == call.operation_id:
            return payout, False
        _check_stop(payout, gateway)
        now = self._clock.now()
        stopping = payout.begin_stop(call.operation_id, whole_seconds(now))
        self._journal.write_payout(tx, PayoutChange(stopping))
        tx.jobs.enqueue(settling_job(stopping, now + IN_FLIGHT_FOR, now))
        return stopping, True


def _wanted(command: CreatePayout, gateway: Gateway) -> Money:
    """What is to be sent, refused before anything is where it cannot be."""
    can = gateway.capabilities
    if not can.payouts:
        raise NotSupported(gateway.name, "payouts")
    money = Money.parse(command.amount, command.currency)
    if money.currency not in can.currencies:
        raise InvalidCurrency("currency", f"{gateway.name} does not take it")
    gateway.check_amount(money)
    return money


def _check_stop(payout: Payout, gateway: Gateway) -> None:
    if not gateway.capabilities.payout_cancel:
        raise NotSupported(gateway.name, "stopping payouts")
    if not payout.pending:
        raise PayoutStateRefused(payout.id, f"a payout that is {payout.status.value} cannot be stopped")
    if payout.gateway_payout_id is None:
        raise PayoutStateRefused(payout.id, "the gateway has not told yet whether it has the payout")
    if payout.stopping:
        raise PayoutStateRefused(payout.id, "the payout is being stopped already")
