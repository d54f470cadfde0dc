"""Customers' payment methods: save, list, make the default, delete. What is kept at the gateway is kept before it is recorded here, and let go of after it is deleted here."""

from datetime import datetime, timedelta
from uuid import UUID

from server.domain.access import Call, Caller
from server.domain.clock import Clock, whole_seconds
from server.domain.errors import (
    GatewayError,
    GatewayUnavailable,
    InvalidPaymentMethod,
    NotSupported,
)
from server.domain.gateway import Gateway, Gateways, Owner
from server.domain.jobs import Job, JobKind
from server.domain.listing import Page, SavedMethodQuery
from server.domain.outcomes import Declined, Kept, NotSent, Refused, Unusable
from server.domain.ports import Store, Transaction, UniqueViolation
from server.domain.saved_method import SavedMethod, usable
from server.operations.asking import IN_FLIGHT_FOR, ask_again_after
from server.operations.commands import SaveMethod
from server.operations.gateway_choosing import GATEWAY_OF
from server.operations.settling import decline

# How often a save starts over because another one has made a default meanwhile.
_ROUNDS = 5
_RARELY = timedelta(days=1)


class SavedMethodOperations:
    """What callers do with payment methods, and what the background owes their gateways."""

    def __init__(self, store: Store, gateways: Gateways, clock: Clock) -> None:
        self._store = store
        self._gateways = gateways
        self._clock = clock

    async def save(self, call: Call, command: SaveMethod) -> SavedMethod:
        """Keeps a payment method at its gateway and records it; the default where the customer has none yet or it is asked for. The same token saved again is the same method.

        Raises InvalidPaymentMethod, NotSupported, GatewayNotEnabled, a decline, GatewayError, GatewayUnavailable.
        """
        merchant_id, kind = call.caller.merchant_id, command.instrument.kind
        if call.resumed and (earlier := await self._found(call)) is not None:
            return earlier
        gateway = await self._gateways.enabled(merchant_id, GATEWAY_OF[kind])
        if kind not in gateway.capabilities.keeps:
            raise NotSupported(gateway.name, f"saving payment methods of the kind {kind.value}")
        kept = await self._keep(call, command, gateway)
        method = SavedMethod(
            id=call.operation_id,
            merchant_id=merchant_id,
            customer_id=command.customer_id,
            gateway=gateway.name,
            kind=kind,
            token=kept.token,
            gateway_customer_id=kept.gateway_customer_id,
            created_at=whole_seconds(self._clock.now()),
            card=kept.card,
        )
        for _ in range(_ROUNDS):
            try:
                return await self._store.transaction(lambda tx: _record(tx, method, command))
            except UniqueViolation:
                if (others := await self._found(call)) is not None:
                    return others
        raise GatewayUnavailable("the customer's payment methods are being changed by other calls; repeat later")

    async def list(self, caller: Caller, query: SavedMethodQuery) -> Page[SavedMethod]:
        """A page of what a customer can pay with."""
        return await self._store.read(lambda tx: tx.saved_methods.list(caller.merchant_id, query))

    async def make_default(self, call: Call, customer_id: UUID, method_id: UUID) -> SavedMethod:
        """Makes one the customer's default, and the former one not. Raises PaymentMethodNotFound."""

        def change(tx: Transaction) -> SavedMethod:
            method = usable(tx.saved_methods.lock(call.caller.merchant_id, method_id), customer_id)
            return method if method.is_default else _as_default(tx, method)

        for _ in range(_ROUNDS):
            try:
                return await self._store.transaction(change)
            except UniqueViolation:
                # Another call has made another one the default in between; whoever is later has the say.
                continue
        raise GatewayUnavailable("the customer's payment methods are being changed by other calls; repeat later")

    async def delete(self, call: Call, customer_id: UUID, method_id: UUID) -> None:
        """Deletes one here, then at its gateway; the background does the latter where this execution is cut off. Raises PaymentMethodNotFound."""
        merchant_id, now = call.caller.merchant_id, self._clock.now()

        def record(tx: Transaction) -> SavedMethod:
            stored = tx.saved_methods.lock(merchant_id, method_id)
            if call.resumed and stored is not None and stored.customer_id == customer_id and stored.deleted_at:
                # An earlier execution of this call had deleted it.
                return stored
            method = usable(stored, customer_id).delete(whole_seconds(now))
            tx.saved_methods.update(method)
            tx.jobs.enqueue(_release_job(method, now))
            return method

        method = await self._store.transaction(record)
        if await self._let_go(method):
            await self._store.transaction(lambda tx: tx.jobs.cancel(JobKind.RELEASE_METHOD, method.id))

    async def release(self, job: Job) -> None:
        """Does a job of this kind: the gateway is told until it has said that nobody can pay with the method any more."""
        method = await self._store.look_up(lambda tx: tx.saved_methods.find(job.merchant_id, job.id))
        gone = method is None or await self._let_go(method)
        due_at = self._clock.now() + (ask_again_after(job.tries, self._clock.now() - job.created_at) or _RARELY)
        await self._store.transaction(lambda tx: tx.jobs.finish(job) if gone else tx.jobs.retry(job, due_at))

    async def _keep(self, call: Call, command: SaveMethod, gateway: Gateway) -> Kept:
        merchant_id, customer_id = call.caller.merchant_id, command.customer_id
        known = await self._store.look_up(
            lambda tx: tx.saved_methods.gateway_customer(merchant_id, customer_id, gateway.name)
        )
        # A request that is made anew, as nothing was sent, is the same one to the gateway.
        key = call.request or str(call.operation_id)
        outcome = await gateway.keep(command.instrument, Owner(merchant_id, customer_id, known), key)
        match outcome:
            case Kept():
                return outcome
            case Unusable(field=field, message=message):
                raise InvalidPaymentMethod(field, message)
            case Declined(reason=reason, message=message):
                raise decline(reason, message)
            case Refused(message=message):
                raise GatewayError(message)
            case NotSent(message=message):
                raise GatewayUnavailable(message)

    async def _let_go(self, method: SavedMethod) -> bool:
        """By the newest credentials: a method belongs to the account, whatever key it was saved with."""
        versions = await self._gateways.versions(method.merchant_id, method.gateway)
        return bool(versions) and await versions[0].let_go(method.token)

    async def _found(self, call: Call) -> SavedMethod | None:
        """What another execution of this very call has saved."""
        return await self._store.look_up(lambda tx: tx.saved_methods.find(call.caller.merchant_id, call.operation_id))


def _record(tx: Transaction, method: SavedMethod, command: SaveMethod) -> SavedMethod:
    tx.saved_methods.name_customer(method.merchant_id, method.customer_id, method.gateway, method.gateway_customer_id)
    saved = tx.saved_methods.by_token(method.merchant_id, method.gateway, method.token)
    default = tx.saved_methods.default_of(method.merchant_id, method.customer_id)
    wanted = command.set_as_default or default is None
    if saved is not None:
        return _as_default(tx, saved) if wanted and not saved.is_default else saved
    if not wanted:
        tx.saved_methods.insert(method)
        return method
    if default is not None:
        tx.saved_methods.update(default.as_one_of_many())
    tx.saved_methods.insert(method.as_default())
    return method.as_default()


def _as_default(tx: Transaction, method: SavedMethod) -> SavedMethod:
    former = tx.saved_methods.default_of(method.merchant_id, method.customer_id)
    if former is not None:
        tx.saved_methods.update(former.as_one_of_many())
    default = method.as_default()
    tx.saved_methods.update(default)
    return default


def _release_job(method: SavedMethod, now: datetime) -> Job:
    """What finds the method if this execution is cut off before its gateway has let go of it."""
    due_at = now + IN_FLIGHT_FOR
    return Job(method.id, JobKind.RELEASE_METHOD, method.merchant_id, method.gateway, due_at, now)
