"""An order's way at WeChat Pay: asked for, looked at, closed. The order's number is the key: whatever is lost is found or repeated under it."""

from datetime import timedelta
from typing import assert_never

from gateways.wechat.api import Api
from gateways.wechat.failures import Failure, Why
from gateways.wechat.next_actions import next_action
from gateways.wechat.outcomes import (
    BUSY_MESSAGE,
    LOST_MESSAGE,
    NOT_TOLD_MESSAGE,
    refusal_message,
    trade_outcome,
)
from gateways.wechat.replies import Closed, Prepaid, Trade
from gateways.wechat.request import expiry_of, order_of
from server.domain.attempt import Attempt, AttemptKind, AttemptStatus
from server.domain.clock import Clock
from server.domain.outcomes import Canceled, Declined, NotSent, Outcome, Refused, Unknown, Unpaid, Waiting

# Our clock may differ from WeChat Pay's, and a request may still be on its way when its answer is given up.
_MARGIN = timedelta(minutes=5)


class Trades:
    """Authorises, finds out about and ends payments through either API."""

    def __init__(self, api: Api, clock: Clock) -> None:
        self._api = api
        self._clock = clock

    async def authorise(self, attempt: Attempt) -> Outcome:
        """Asks for the order that the customer can pay; moves no money."""
        reply = await self._prepay(attempt)
        if isinstance(reply, Failure):
            return await self._not_prepaid(attempt, reply)
        return reply

    async def resume(self, attempt: Attempt) -> Outcome:
        """Finds out where the payment stands, and completes what an earlier call may not have done."""
        match attempt.kind:
            case AttemptKind.AUTHORISE if attempt.status is AttemptStatus.WAITING:
                return await self.fetch(attempt)
            case AttemptKind.AUTHORISE:
                return await self._asked_for(attempt)
            case AttemptKind.VOID:
                return _never_not_sent(await self.void(attempt))
            case AttemptKind.CAPTURE:
                return await self.fetch(attempt)
        assert_never(attempt.kind)

    async def fetch(self, attempt: Attempt) -> Outcome:
        """Reads where the order stands."""
        reply = await self._api.query(attempt.reference)
        return self._found(attempt, reply)

    async def void(self, attempt: Attempt) -> Outcome:
        """Query, close, query: canceled only when WeChat Pay says that the order is closed."""
        reply = await self._api.query(attempt.reference)
        if isinstance(reply, Failure) and reply.why in (Why.NOT_SENT, Why.BUSY):
            return NotSent(BUSY_MESSAGE)
        before = self._found(attempt, reply)
        may_exist = isinstance(reply, Failure) and reply.why is Why.NOT_FOUND and not isinstance(before, Canceled)
        # One that failed to be paid is still open.
        return await self._close(attempt) if isinstance(before, Unpaid | Declined) or may_exist else before

    async def _close(self, attempt: Attempt) -> Outcome:
        closing = await self._api.close(attempt.reference)
        if isinstance(closing, Failure) and closing.why in (Why.LOST, Why.NOT_SENT, Why.BUSY):
            return Unknown(LOST_MESSAGE)
        done = isinstance(closing, Closed) or closing.why is Why.CLOSED
        after = self._found(attempt, await self._api.query(attempt.reference))
        # That it is not paid yet, although it was closed, is an answer from before the closing.
        return Unknown(NOT_TOLD_MESSAGE) if done and isinstance(after, Unpaid | Declined) else after

    async def _asked_for(self, attempt: Attempt) -> Outcome:
        """The order of an attempt whose answer was lost: made now if it is not there, shown to the customer if it is."""
        reply = await self._api.query(attempt.reference)
        before = self._found(attempt, reply)
        payable = isinstance(before, Unpaid) or (isinstance(reply, Failure) and reply.why is Why.NOT_FOUND)
        if not payable or isinstance(before, Canceled):
            return before
        if self._clock.now() >= expiry_of(attempt):
            return await self._close(attempt)
        again = await self._prepay(attempt)
        if not isinstance(again, Failure):
            return again
        if again.why is not Why.INVALID:
            return _never_not_sent(await self._not_prepaid(attempt, again))
        # An earlier call with the same parameters failed the same way, unless something changed in between: so that is looked at first.
        reply = await self._api.query(attempt.reference)
        if isinstance(reply, Failure) and reply.why is Why.NOT_FOUND:
            return Refused(refusal_message(again))
        after = self._found(attempt, reply)
        return Unknown(refusal_message(again)) if isinstance(after, Unpaid) else after

    async def _prepay(self, attempt: Attempt) -> Waiting | Failure:
        order = order_of(attempt)
        reply = await self._api.prepay(order)
        if not isinstance(reply, Prepaid):
            return reply
        action = next_action(self._api, attempt, order, reply)
        return Failure(Why.LOST) if action is None else Waiting(None, action, order.expires_at)

    async def _not_prepaid(self, attempt: Attempt, failure: Failure) -> Outcome:
        match failure.why:
            case Why.NOT_SENT | Why.BUSY:
                return NotSent(BUSY_MESSAGE)
            case Why.DENIED | Why.INVALID | Why.NOT_FOUND:
                return Refused(refusal_message(failure))
            case Why.PAID | Why.CLOSED | Why.PAYING:
                return await self.fetch(attempt)
            case Why.LOST:
                return Unknown(LOST_MESSAGE)
        assert_never(failure.why)

    def _found(self, attempt: Attempt, reply: Trade | Failure) -> Outcome:
        match reply:
            case Trade():
                return trade_outcome(reply, attempt.money)
            case Failure(why=Why.NOT_FOUND):
                return self._not_found(attempt)
            case Failure():
                return Unknown(NOT_TOLD_MESSAGE)
        assert_never(reply)

    def _not_found(self, attempt: Attempt) -> Outcome:
        """No proof while a request may still be on its way or the customer may pay; afterwards WeChat Pay would not take the order any more."""
        if self._clock.now() >= expiry_of(attempt) + _MARGIN:
            return Canceled(None)
        if attempt.status is AttemptStatus.WAITING:
            return Unpaid()
        return Unknown("WeChat Pay knows no order under the number yet, which is no proof that there will be none.")


def _never_not_sent(outcome: Outcome) -> Outcome:
    """An earlier call may have been executed, and what became of this one says nothing of it."""
    match outcome:
        case NotSent():
            return Unknown(NOT_TOLD_MESSAGE)
        case Refused(message=message):
            return Unknown(message)
        case _:
            return outcome
