"""Writes down what was decided about a callback, beside what it changes."""

import logging
from dataclasses import dataclass, replace

from server.domain.attempt import Attempt
from server.domain.callback import Reply
from server.domain.clock import Clock
from server.domain.inbox import Decision, Judgement, ReceivedCallback
from server.domain.ports import Store, Transaction
from server.operations.callback_inbox import CallbackInbox
from server.operations.callback_judging import Verdict, in_words, short
from server.operations.callback_reading import Read

_LOG = logging.getLogger(__name__)

_REPEAT = "it tells nothing that was not known"
_NOT_ASKED = "the gateway could not be asked whether it is genuine"


@dataclass(frozen=True, slots=True)
class Decided:
    """A callback with its decision, everything that was checked, and what its gateway is told."""

    callback: ReceivedCallback
    read: Read
    reply: Reply


class CallbackRecording:
    """Every way in which a decision about a callback is kept, and what its gateway is told of it."""

    def __init__(self, store: Store, inbox: CallbackInbox, clock: Clock) -> None:
        self._store = store
        self._inbox = inbox
        self._clock = clock

    def settled(self, tx: Transaction, callback: ReceivedCallback, read: Read, *, changed: bool) -> Decided:
        """What the callback tells is settled in this transaction."""
        judgement = Judgement(Decision.APPLIED) if changed else Judgement(Decision.IGNORED, _REPEAT)
        judged = self._judged(callback, read, judgement)
        self._inbox.keep(tx, judged)
        return Decided(judged, read, Reply.ACCEPTED)

    def quarantine(self, tx: Transaction, callback: ReceivedCallback, read: Read, verdict: Verdict) -> Decided:
        """What the callback tells cannot be: nothing is settled, and somebody is to look into it."""
        checked = replace(read, checks=(*read.checks, *verdict.checks))
        judgement = Judgement(Decision.QUARANTINED, in_words(verdict.checks))
        quarantined = self._judged(callback, checked, judgement)
        self._inbox.keep(tx, quarantined)
        facts = {"callback": str(callback.id), "gateway": callback.gateway, "reason": judgement.reason}
        _LOG.error("a signed callback does not agree with what was asked for; look into it", extra=facts)
        return Decided(quarantined, checked, Reply.ACCEPTED)

    async def keep(self, callback: ReceivedCallback, read: Read, judgement: Judgement) -> Decided:
        """The callback is stored with that decision, and settles nothing."""
        judged = self._judged(callback, read, judgement)
        await self._store.transaction(lambda tx: self._inbox.keep(tx, judged))
        return Decided(judged, read, Reply.ACCEPTED)

    async def disbelieve(self, callback: ReceivedCallback, read: Read) -> Decided:
        """The callback is refused; or asked for again, where its gateway could not be asked whether it is genuine."""
        if read.reading.later:
            undecided = self._judged(callback, read, Judgement(Decision.PENDING, _NOT_ASKED))
            if self._inbox.has_room_for(callback):
                await self._store.transaction(lambda tx: self._inbox.keep(tx, undecided))
            return Decided(undecided, read, Reply.LATER)
        judgement = Judgement(Decision.REJECTED, in_words(read.checks) or "it says nothing")
        refused = self._judged(callback, read, judgement)
        await self._inbox.refuse(refused)
        return Decided(refused, read, Reply.REFUSED)

    def turn_away(self, callback: ReceivedCallback, read: Read, why: str) -> Decided:
        """The callback is asked for again, and not kept."""
        return Decided(self._judged(callback, read, Judgement(Decision.PENDING, why)), read, Reply.LATER)

    def _judged(self, callback: ReceivedCallback, read: Read, judgement: Judgement) -> ReceivedCallback:
        known = about(callback, read).judgement
        named = replace(judgement, event_id=known.event_id, reference=known.reference, payment_id=known.payment_id)
        return callback.judged(named, self._clock.now())


def about(callback: ReceivedCallback, read: Read) -> ReceivedCallback:
    """The callback with what it speaks of, and nothing decided."""
    reading, attempt = read.reading, read.attempt
    judgement = Judgement(
        Decision.PENDING,
        event_id=short(reading.event_id),
        reference=attempt.reference if attempt else short(reading.reference),
        payment_id=attempt.payment_id if attempt else None,
    )
    return replace(callback, judgement=judgement)


def attempt_of(read: Read) -> Attempt:
    """The payment's attempt that a callback speaks of, which one that is believed has."""
    assert read.attempt is not None, "what is believed speaks of a payment of ours"
    return read.attempt
