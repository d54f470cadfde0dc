"""Keeps callbacks: each is stored with what was decided about it before its sender is answered, in the transaction of what it changed."""

import logging

from server.domain.allowance import Allowance
from server.domain.audit import AuditAction, AuditEntry, AuditObject
from server.domain.clock import Clock, whole_seconds
from server.domain.ids import Ids
from server.domain.inbox import REPEATED, Decision, ReceivedCallback
from server.domain.jobs import Job, JobKind
from server.domain.ports import Store, Transaction
from server.operations.asking import ask_again_after

_LOG = logging.getLogger(__name__)

# Whoever received it is still at work on it for some seconds: the schedule begins later.
_FIRST_ASKED = 2

_ACTIONS = {
    Decision.REJECTED: AuditAction.CALLBACK_REJECTED,
    Decision.QUARANTINED: AuditAction.CALLBACK_QUARANTINED,
}

# Anybody can post what nothing proves: so many of those are kept a second, after a burst, as the inbox and the audit log forget nothing.
_UNPROVEN_A_SECOND = 5.0
_UNPROVEN_AT_ONCE = 200.0


class CallbackInbox:
    """The inbox and the audit log's part about it."""

    def __init__(self, store: Store, clock: Clock, ids: Ids) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids
        self._unproven = Allowance(clock, at_once=_UNPROVEN_AT_ONCE, a_second=_UNPROVEN_A_SECOND)

    def keep(self, tx: Transaction, callback: ReceivedCallback) -> None:
        """Stores a callback with its newest decision, in the caller's transaction: new, or once more after it was stored. A new one that only repeats another is counted there."""
        if not callback.stored and self._is_counted(tx, callback):
            return
        if callback.stored:
            tx.callbacks.update(callback)
        else:
            tx.callbacks.insert(callback)
        if callback.judgement.decision in _ACTIONS:
            tx.audit.append(self._entry(callback, _ACTIONS[callback.judgement.decision]))
        if callback.judgement.decision is Decision.PENDING:
            self._decide_later(tx, callback)
        elif callback.stored:
            tx.jobs.cancel(JobKind.DECIDE_CALLBACK, callback.id)

    def keep_undecided(self, tx: Transaction, callback: ReceivedCallback) -> bool:
        """Stores a callback that is about to be decided; False for one whose bytes were believed before, of which enough is stored."""
        if tx.callbacks.first_alike(callback, Decision.IGNORED) is not None:
            return False
        self.keep(tx, callback)
        return True

    def _is_counted(self, tx: Transaction, callback: ReceivedCallback) -> bool:
        """Counts what only repeats another callback there, if it does."""
        decision = callback.judgement.decision
        first = tx.callbacks.first_alike(callback, decision) if decision in REPEATED else None
        if first is not None:
            tx.callbacks.count_again(callback.merchant_id, first, callback.message.received_at)
        return first is not None

    def _decide_later(self, tx: Transaction, callback: ReceivedCallback) -> None:
        """Whether the gateway sends it again or not; after a week it stays as it is, for an operator."""
        now = self._clock.now()
        delay = ask_again_after(callback.attempts + _FIRST_ASKED, now - callback.message.received_at)
        if callback.gateway is not None and delay is not None:
            job = Job(callback.id, JobKind.DECIDE_CALLBACK, callback.merchant_id, callback.gateway, now + delay, now)
            tx.jobs.enqueue(job)

    async def refuse(self, callback: ReceivedCallback) -> None:
        """Stores a callback that is not believed. Beyond what an honest mistake could cause, a flood of them is only logged."""
        judgement = callback.judgement
        facts = {"callback": str(callback.id), "gateway": callback.gateway, "reason": judgement.reason}
        _LOG.warning("a callback is not believed", extra=facts)
        if self.has_room_for(callback):
            await self._store.transaction(lambda tx: self.keep(tx, callback))

    def has_room_for(self, callback: ReceivedCallback) -> bool:
        """Whether a callback that nothing proves is kept: one that is stored already is, and of others no more than an honest mistake could cause."""
        return callback.stored or self._unproven.take()

    def _entry(self, callback: ReceivedCallback, action: AuditAction) -> AuditEntry:
        details = {"gateway": callback.gateway, "reason": callback.judgement.reason}
        return AuditEntry(
            id=self._ids.new(),
            merchant_id=callback.merchant_id,
            actor=f"gateway:{callback.gateway}" if callback.gateway else "anybody",
            action=action,
            object_type=AuditObject.CALLBACK,
            object_id=str(callback.id),
            details={name: value for name, value in details.items() if value},
            created_at=whole_seconds(self._clock.now()),
        )
