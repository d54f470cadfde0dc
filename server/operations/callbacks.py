"""Callbacks: kept as they came, believed only when everything agrees, and settled in the same way as any other answer of a gateway."""

from dataclasses import dataclass, replace
from uuid import UUID

from server.domain.access import DEFAULT_MERCHANT, Call, Caller
from server.domain.audit import AuditAction, AuditEntry, AuditObject
from server.domain.callback import Acknowledgement, CallbackFormat, Check, CheckResult, LookUp, Reply, Unreadable
from server.domain.clock import Clock, whole_seconds
from server.domain.errors import (
    DomainError,
    GatewayUnavailable,
    GatewayUnsupported,
    OrderNotFound,
    SignatureInvalid,
    ValidationError,
)
from server.domain.ids import Ids
from server.domain.inbox import Decision, Judgement, ReceivedCallback
from server.domain.jobs import Job
from server.domain.listing import CallbackQuery, Page
from server.domain.masking import SecretFields
from server.domain.order import Order
from server.domain.ports import Store, Transaction
from server.operations.callback_deciding import CallbackDeciding
from server.operations.callback_forms import Dialects, Post, Recognised, message_of, recognise
from server.operations.callback_inbox import CallbackInbox
from server.operations.callback_judging import NOT_OURS
from server.operations.callback_reading import unreadable
from server.operations.callback_recording import Decided


@dataclass(frozen=True, slots=True)
class CallbackAnswer:
    """What a callback's sender gets: its gateway's own acknowledgement, or for the documented JSON the order."""

    acknowledgement: Acknowledgement | None = None
    order: Order | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a callback was believed or not: every check, against the configuration as it is now."""

    callback: ReceivedCallback
    checks: tuple[Check, ...]


class CallbackOperations:
    """What gateways do with callbacks, and operators afterwards."""

    def __init__(
        self,
        *,
        store: Store,
        dialects: Dialects,
        deciding: CallbackDeciding,
        inbox: CallbackInbox,
        clock: Clock,
        ids: Ids,
    ) -> None:
        self._store = store
        self._dialects = dialects
        # Everybody's at once: a message can be posted to another gateway's address, and is shown there as well.
        self._secrets = SecretFields(name for dialect in dialects.values() for name in dialect.secret_fields)
        self._deciding = deciding
        self._inbox = inbox
        self._clock = clock
        self._ids = ids

    async def receive(self, post: Post) -> CallbackAnswer:
        """Stores a callback, decides about it and answers in its sender's form.

        Raises, for what is not in a gateway's own form: GatewayUnsupported, ValidationError, SignatureInvalid, OrderNotFound, GatewayUnavailable.
        """
        message = message_of(post, self._clock.now())
        callback = ReceivedCallback(self._ids.new(), DEFAULT_MERCHANT, post.gateway or None, message)
        recognised: Recognised | None = None
        try:
            recognised = recognise(message, post.gateway, self._dialects)
            callback = replace(callback, gateway=recognised.gateway, message=recognised.message)
            decided = await self._deciding.decide(callback, recognised)
        except (Unreadable, GatewayUnsupported) as error:
            await self._inbox.refuse(self._unread(callback, error))
            if isinstance(error, GatewayUnsupported):
                raise
            return self._refusal_of(post, recognised, error)
        if recognised.message.format is CallbackFormat.DOCUMENTED_JSON:
            return CallbackAnswer(order=await self._order(decided))
        return CallbackAnswer(recognised.dialect.acknowledgement(recognised.message, decided.reply))

    async def get(self, caller: Caller, callback_id: UUID) -> ReceivedCallback:
        """One callback, its secrets masked. Raises CallbackNotFound."""
        return (await self._kept(caller, callback_id)).shown(self._secrets)

    async def list(self, caller: Caller, query: CallbackQuery) -> Page[ReceivedCallback]:
        """A page of the caller's callbacks, their secrets masked."""
        page = await self._store.read(lambda tx: tx.callbacks.list(caller.merchant_id, query))
        return replace(page, items=tuple(callback.shown(self._secrets) for callback in page.items))

    async def explain(self, caller: Caller, callback_id: UUID) -> Explanation:
        """Checks a stored callback again and changes nothing. Raises CallbackNotFound."""
        callback = await self._kept(caller, callback_id)
        try:
            recognised = recognise(callback.message, callback.gateway or "", self._dialects)
            return Explanation(callback, await self._deciding.explain(callback, recognised))
        except Unreadable as error:
            return Explanation(callback, (unreadable(error),))
        except GatewayUnsupported as error:
            return Explanation(callback, (Check("gateway", CheckResult.FAILED, explanation=error.violation),))

    async def replay(self, call: Call, callback_id: UUID) -> ReceivedCallback:
        """Decides about a stored callback again, with every check of the first time; its secrets masked. Raises CallbackNotFound."""
        replayed = await self._decide_anew(await self._kept(call.caller, callback_id))
        await self._store.transaction(lambda tx: self._account_for(tx, call, replayed))
        return replayed.shown(self._secrets)

    async def decide_again(self, job: Job) -> None:
        """Decides about a callback that could not be decided about before; keeping the decision ends the job, or puts it back where there still is none."""
        callback = await self._store.look_up(lambda tx: tx.callbacks.get(job.merchant_id, job.id))
        if callback.judgement.decision is Decision.PENDING:
            await self._decide_anew(callback)
        else:
            await self._store.transaction(lambda tx: tx.jobs.cancel(job.kind, job.id))

    async def _kept(self, caller: Caller, callback_id: UUID) -> ReceivedCallback:
        """The callback as it came, which its checks need."""
        return await self._store.look_up(lambda tx: tx.callbacks.get(caller.merchant_id, callback_id))

    async def _decide_anew(self, callback: ReceivedCallback) -> ReceivedCallback:
        try:
            recognised = recognise(callback.message, callback.gateway or "", self._dialects)
            return (await self._deciding.decide(callback, recognised)).callback
        except (Unreadable, GatewayUnsupported) as error:
            unread = self._unread(callback, error)
            await self._inbox.refuse(unread)
            return unread

    def _account_for(self, tx: Transaction, call: Call, replayed: ReceivedCallback) -> None:
        if tx.audit.find(call.caller.merchant_id, call.operation_id) is not None:
            # An earlier execution of this very call had got this far.
            return
        entry = AuditEntry(
            id=call.operation_id,
            merchant_id=call.caller.merchant_id,
            actor=call.caller.credential,
            action=AuditAction.CALLBACK_REPLAYED,
            object_type=AuditObject.CALLBACK,
            object_id=str(replayed.id),
            details={"decision": replayed.judgement.decision.value},
            created_at=whole_seconds(self._clock.now()),
            request_id=call.request_id or None,
        )
        tx.audit.append(entry)

    def _unread(self, callback: ReceivedCallback, error: Unreadable | GatewayUnsupported) -> ReceivedCallback:
        reason = f"the body {error}" if isinstance(error, Unreadable) else error.violation
        return callback.judged(Judgement(Decision.REJECTED, reason), self._clock.now())

    def _refusal_of(self, post: Post, recognised: Recognised | None, error: Unreadable) -> CallbackAnswer:
        """Who posts in a gateway's own form, or to its own address, gets that gateway's own refusal."""
        if recognised is not None and recognised.message.format is not CallbackFormat.DOCUMENTED_JSON:
            return CallbackAnswer(recognised.dialect.acknowledgement(recognised.message, Reply.REFUSED))
        if recognised is None and post.gateway in self._dialects:
            message = message_of(post, self._clock.now())
            return CallbackAnswer(self._dialects[post.gateway].acknowledgement(message, Reply.REFUSED))
        raise ValidationError("body", str(error))

    async def _order(self, decided: Decided) -> Order:
        """The order that a documented callback is about. Raises what the callback was refused for."""
        match decided.reply:
            case Reply.LATER:
                raise GatewayUnavailable("the gateway cannot be asked at the moment; send the callback again")
            case Reply.REFUSED:
                raise _refusal(decided)
            case Reply.ACCEPTED:
                return await self._store.look_up(lambda tx: _order_of(tx, decided))


def _order_of(tx: Transaction, decided: Decided) -> Order:
    attempt = decided.read.attempt
    if attempt is None:
        raise OrderNotFound
    payment = tx.payments.get(attempt.merchant_id, attempt.payment_id)
    if payment.mall_order_id is None:
        raise OrderNotFound
    order = tx.orders.get(attempt.merchant_id, payment.mall_order_id)
    if isinstance(decided.read.reading.news, LookUp):
        # Nobody has proven who they are: order numbers can be guessed, and whose the order is and what is bought is for its owner.
        return replace(order, user_id="", subject=None)
    return order


def _refusal(decided: Decided) -> DomainError:
    failed = next((check for check in decided.read.checks if check.result is CheckResult.FAILED), None)
    if failed is not None and failed.name == NOT_OURS:
        return OrderNotFound()
    return SignatureInvalid(decided.callback.judgement.reason or "the callback is not believed")
