"""Looks up at the gateway what a callback tells without saying it, or without proof."""

from dataclasses import replace

from server.domain.attempt import Attempt
from server.domain.callback import LookUp
from server.domain.inbox import Decision, Judgement, ReceivedCallback
from server.domain.ledger import Posting, PostingKind
from server.domain.outcomes import NotSent, Unknown
from server.domain.payment import Payment
from server.domain.ports import Store, Transaction
from server.operations.callback_inbox import CallbackInbox
from server.operations.callback_reading import Read
from server.operations.callback_recording import CallbackRecording, Decided, about, attempt_of
from server.operations.settling import Settling
from server.operations.surplus import money_of
from server.operations.taking_turns import TakingTurns

_TOO_MANY = "too many that nothing proves came at once"
_NOT_TOLD = "the gateway has not told yet; it is asked again in the background"


class CallbackLooking:
    """Asks once for all callbacks of a payment that come at a time."""

    def __init__(self, store: Store, settling: Settling, inbox: CallbackInbox, recording: CallbackRecording) -> None:
        self._store = store
        self._settling = settling
        self._inbox = inbox
        self._recording = recording
        self._looking: TakingTurns[bool | None] = TakingTurns()

    async def look(self, callback: ReceivedCallback, read: Read, news: LookUp) -> Decided:
        """Asks the gateway, unless too many that nothing proves came at once."""
        if news.proven or self._inbox.has_room_for(callback):
            return await self._look_up(callback, read, settled_too=news.settled_too)
        # One of a flood, which would become one at the gateway.
        return self._recording.turn_away(callback, read, _TOO_MANY)

    async def _look_up(self, callback: ReceivedCallback, read: Read, *, settled_too: bool) -> Decided:
        """Asks the gateway. The callback is stored before, unless it is a repeat: what it asks for is not lost with this process."""
        pending = about(callback, read)
        if not callback.stored:
            stored = await self._store.transaction(lambda tx: self._inbox.keep_undecided(tx, about(callback, read)))
            pending = replace(pending, stored=stored)
        attempt = attempt_of(read)
        changed = await self._looking.ask(attempt.id, lambda: self._asked(attempt, settled_too=settled_too))
        if changed is None:
            return await self._recording.keep(pending, read, Judgement(Decision.PENDING, _NOT_TOLD))
        return await self._store.transaction(lambda tx: self._recording.settled(tx, pending, read, changed=changed))

    async def _asked(self, attempt: Attempt, *, settled_too: bool) -> bool | None:
        """Whether the gateway's word changed the payment or told of its fee; None when it gave none."""

        def look(tx: Transaction) -> tuple[Payment, Attempt, Payment | None, Posting | None]:
            payment = tx.payments.get(attempt.merchant_id, attempt.payment_id)
            # What is spoken of, which need not be the payment's latest try, as it is by now.
            stored = tx.attempts.find(attempt.merchant_id, attempt.id) or attempt
            booked = money_of(tx, stored)
            return payment, stored, booked, _fee_of(tx, booked) if settled_too and booked is not None else None

        before, stored, booked, known = await self._store.look_up(look)
        # A try that was over can have taken money beside the one whose money the payment has.
        if stored.final and before.captured and booked is not None and not settled_too:
            return False
        outcome = await self._settling.ask(stored)
        await self._settling.settle(stored, outcome)
        after, _, booked_after, known_after = await self._store.look_up(look)
        if (after, booked_after, known_after) != (before, booked, known):
            return True
        return None if isinstance(outcome, Unknown | NotSent) else False


def _fee_of(tx: Transaction, booked: Payment) -> Posting | None:
    """What was posted later than its charge. Money that a try took beside the one whose money its payment has is another payment's, and so is its fee."""
    return tx.ledger.find(booked.merchant_id, PostingKind.CHARGE_FEE, booked.id)
