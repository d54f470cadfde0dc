"""An order from its creation to its end: the customer approves it, and nobody but us can take or reserve the money then."""

from datetime import datetime, timedelta

from gateways.paypal.client import PayPalApi
from gateways.paypal.failures import Failure, Why
from gateways.paypal.outcomes import failed_outcome, failed_repeat_outcome, outcome_of, unread_repeat_outcome
from gateways.paypal.replies import Order
from gateways.paypal.request import captures_at_once, order_body, request_id
from server.domain.attempt import Attempt
from server.domain.clock import Clock
from server.domain.outcomes import (
    Canceled,
    NextAction,
    NextActionKind,
    Outcome,
    Unknown,
    Unpaid,
    Waiting,
)

# PayPal keeps a request id of an order for six hours and then takes the call for a new one.
_CREATED_WITHIN = timedelta(hours=5)

# An approval that was given in time may be found late: the background looks once a minute by then.
_COMPLETED_AFTER = timedelta(minutes=1)

# Between the look at a payment that is wanted and the end of the call that completes its order, at PayPal too, lie a look and a call with its token, each of which may have
# to wait for a thread: half of this. The rest is for clocks that differ.
_TIMEOUTS_UNTIL_ENDED = 6

# What says that the customer has still to do something, rather than that the payment cannot be.
_CUSTOMERS_TURN = frozenset({"ORDER_NOT_APPROVED", "PAYER_ACTION_REQUIRED"})

_NO_NUMBER = "PayPal has not told the order's number yet."


class Orders:
    """PayPal has no call that ends an order which nobody has paid. None is needed: an approval moves no money, and an order that we decide never to complete is ended by that.

    So an order is completed only while its payment is wanted and its time is not over, and called ended only when no call that completes it can be under way any more.
    A means of payment that is declined ends the payment, as it does with a card, though PayPal would let the customer choose another one for the same order: nobody tells us
    that they have, and PayPal locks out who tries again and again. The customer pays anew with a new payment.
    """

    def __init__(self, api: PayPalApi, clock: Clock, pay_within: timedelta, timeout_seconds: float) -> None:
        self._api = api
        self._clock = clock
        self._pay_within = pay_within
        self._call_ends_after = timedelta(seconds=_TIMEOUTS_UNTIL_ENDED * timeout_seconds)

    async def open(self, attempt: Attempt) -> Outcome:
        """A new order, which waits for the customer."""
        reply = await self._api.create_order(order_body(attempt), request_id(attempt, "create"))
        return failed_outcome(reply) if isinstance(reply, Failure) else self._opened(attempt, reply)

    async def resume(self, attempt: Attempt) -> Outcome:
        """Opens again what may not have been opened, and completes what the customer has approved."""
        if attempt.gateway_payment_id is not None:
            return await self._completed(attempt, attempt.gateway_payment_id)
        if self._is_forgotten(attempt):
            return Canceled(None)
        reply = await self._api.create_order(order_body(attempt), request_id(attempt, "create"))
        if isinstance(reply, Failure):
            return failed_repeat_outcome(reply)
        return await self._completed(attempt, reply.id) if reply.approval_url is None else self._opened(attempt, reply)

    async def fetch(self, attempt: Attempt) -> Outcome:
        """Where the order stands."""
        if attempt.gateway_payment_id is None:
            return Canceled(None) if self._is_forgotten(attempt) else Unknown(_NO_NUMBER)
        order = await self._api.order(attempt.gateway_payment_id)
        return self._unread(attempt, order) if isinstance(order, Failure) else self._standing(attempt, order)

    def closed(self, void: Attempt, order: Order) -> Outcome:
        """An order that nobody has paid, when it is not to be paid any more. Nothing completes it once the void is recorded; what was begun before has to end first.

        Should the customer approve in the very moment between two replicas' looks, the money is taken after all, and counts: settlement takes it in.
        """
        if order.status == "APPROVED" and self._clock.now() < void.created_at + self._call_ends_after:
            return Unknown("The customer has approved the order, which may just be completed.")
        return Canceled(order.id)

    async def _completed(self, attempt: Attempt, order_id: str) -> Outcome:
        order = await self._api.order(order_id)
        if isinstance(order, Failure):
            return self._unread(attempt, order)
        standing = self._standing(attempt, order)
        in_time = self._clock.now() < self._ends_at(attempt) + _COMPLETED_AFTER
        if not isinstance(standing, Unpaid) or order.status != "APPROVED" or not in_time:
            return standing
        send = self._api.capture_order if captures_at_once(attempt) else self._api.authorize_order
        reply = await send(order_id, request_id(attempt, "complete"))
        if isinstance(reply, Failure):
            return await self._not_completed(attempt, order_id, reply)
        return outcome_of(reply, attempt.money.currency)

    async def _not_completed(self, attempt: Attempt, order_id: str, failure: Failure) -> Outcome:
        """A refusal counts only if the order is as it was: an earlier call may have completed it."""
        refused = failed_repeat_outcome(failure, order_id)
        if isinstance(refused, Unknown):
            return refused
        order = await self._api.order(order_id)
        if isinstance(order, Failure):
            return unread_repeat_outcome(order)
        standing = self._standing(attempt, order)
        if isinstance(standing, Unpaid) and failure.issue not in _CUSTOMERS_TURN:
            return refused
        return standing

    def _opened(self, attempt: Attempt, order: Order) -> Outcome:
        if order.approval_url is None:
            return Unknown("PayPal does not say where the customer can approve the order.")
        return Waiting(order.id, NextAction(NextActionKind.REDIRECT, order.approval_url), self._ends_at(attempt))

    def _standing(self, attempt: Attempt, order: Order) -> Outcome:
        outcome = outcome_of(order, attempt.money.currency)
        return Canceled(order.id) if isinstance(outcome, Unpaid) and self._is_over(attempt) else outcome

    def _unread(self, attempt: Attempt, failure: Failure) -> Outcome:
        """PayPal forgets an order that nobody approves after some hours. One that is unknown before its time is over is not proof: then our credentials are another account's."""
        if failure.why is Why.MISSING and self._is_over(attempt):
            return Canceled(attempt.gateway_payment_id)
        return unread_repeat_outcome(failure)

    def _ends_at(self, attempt: Attempt) -> datetime:
        return attempt.created_at + self._pay_within

    def _is_over(self, attempt: Attempt) -> bool:
        """Whether nothing completes the order any more, here or in another replica."""
        return self._clock.now() >= self._ends_at(attempt) + _COMPLETED_AFTER + self._call_ends_after

    def _is_forgotten(self, attempt: Attempt) -> bool:
        """An order whose number never came is known to nobody: no customer can approve it, and we cannot complete it."""
        return self._clock.now() >= min(self._ends_at(attempt), attempt.created_at + _CREATED_WITHIN)
