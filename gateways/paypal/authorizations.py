"""Money that is reserved: takes it or lets it go, and tells what became of either."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from gateways.paypal.client import PayPalApi
from gateways.paypal.failures import Failure, Why
from gateways.paypal.orders import Orders
from gateways.paypal.outcomes import (
    capture_outcome,
    failed_outcome,
    failed_repeat_outcome,
    outcome_of,
    unread_outcome,
    unread_repeat_outcome,
)
from gateways.paypal.replies import Authorization, Order
from gateways.paypal.request import capture_body, request_id
from server.domain.attempt import Attempt
from server.domain.clock import Clock
from server.domain.outcomes import Approved, Canceled, NotSent, Outcome, Refused, Unknown, Unpaid

# PayPal keeps a request id of a payment for 45 days and then takes the call for a new one. By then no authorization can be captured: it lasts 29 days.
_REPEATED_WITHIN = timedelta(days=44)


@dataclass(frozen=True, slots=True)
class _Manner:
    """What failures mean: before the operation was sent, and of the operation itself."""

    unread: Callable[[Failure], Outcome]
    failed: Callable[[Failure, str], Outcome]


_FIRST = _Manner(unread_outcome, failed_outcome)
_AGAIN = _Manner(unread_repeat_outcome, failed_repeat_outcome)


class Authorizations:
    """Each operation reads the order first, since that alone is what our number stands for; what PayPal refuses for the state that things are in is told by reading it again."""

    def __init__(self, api: PayPalApi, orders: Orders, clock: Clock) -> None:
        self._api = api
        self._orders = orders
        self._clock = clock

    async def capture(self, attempt: Attempt) -> Outcome:
        """Takes the attempt's money and releases the rest."""
        return await self._capture(attempt, _FIRST)

    async def void(self, attempt: Attempt) -> Outcome:
        """Releases what is reserved, or ends an order that is not paid."""
        return await self._void(attempt, _FIRST)

    async def resume_capture(self, attempt: Attempt) -> Outcome:
        """The same call under the same request id, if the money is not taken yet."""
        if self._clock.now() - attempt.created_at >= _REPEATED_WITHIN:
            return await self.fetch(attempt)
        return await self._capture(attempt, _AGAIN)

    async def resume_void(self, attempt: Attempt) -> Outcome:
        """An authorization is released once, however often it is asked for."""
        return await self._void(attempt, _AGAIN)

    async def fetch(self, attempt: Attempt) -> Outcome:
        """Where the payment stands."""
        order = await self._read(attempt)
        return unread_repeat_outcome(order) if isinstance(order, Failure) else outcome_of(order, attempt.money.currency)

    async def _capture(self, attempt: Attempt, manner: _Manner) -> Outcome:
        order = await self._read(attempt)
        if isinstance(order, Failure):
            return manner.unread(order)
        standing = outcome_of(order, attempt.money.currency)
        if isinstance(standing, Unpaid):
            return Refused("PayPal has reserved nothing for this payment.", order.id)
        if not _is_reserved(standing) or order.authorization is None:
            return standing
        # PayPal would take up to 115 % of what was authorised.
        if attempt.money.amount_minor > order.authorization.money.amount_minor:
            return Refused("More than was authorised cannot be captured.", order.id)
        reply = await self._api.capture_authorization(
            order.authorization.id, capture_body(attempt), request_id(attempt, "capture")
        )
        if not isinstance(reply, Failure):
            return capture_outcome(order.id, reply, attempt.money.currency)
        return await self._after_refusal(attempt, order.id, reply, manner)

    async def _void(self, attempt: Attempt, manner: _Manner) -> Outcome:
        order = await self._read(attempt)
        if isinstance(order, Failure):
            return manner.unread(order)
        standing = outcome_of(order, attempt.money.currency)
        if isinstance(standing, Unpaid):
            return self._orders.closed(attempt, order)
        if order.authorization is None or not (_is_reserved(standing) or _is_under_review(order.authorization, order)):
            return standing
        reply = await self._api.void_authorization(order.authorization.id, request_id(attempt, "void"))
        if isinstance(reply, Failure):
            return await self._after_refusal(attempt, order.id, reply, manner)
        return Canceled(order.id) if reply.status == "VOIDED" else Unknown("PayPal has not voided the payment yet.")

    async def _after_refusal(self, attempt: Attempt, order_id: str, failure: Failure, manner: _Manner) -> Outcome:
        outcome = manner.failed(failure, order_id)
        if isinstance(outcome, Unknown | NotSent):
            return outcome
        order = await self._api.order(order_id)
        if isinstance(order, Failure):
            return unread_repeat_outcome(order)
        standing = outcome_of(order, attempt.money.currency)
        if not _is_reserved(standing):
            return standing
        return Canceled(order_id) if failure.issue == "AUTHORIZATION_EXPIRED" else outcome

    async def _read(self, attempt: Attempt) -> Order | Failure:
        if attempt.gateway_payment_id is None:
            return Failure(Why.LOST)
        return await self._api.order(attempt.gateway_payment_id)


def _is_reserved(outcome: Outcome) -> bool:
    return isinstance(outcome, Approved) and not outcome.captured


def _is_under_review(authorization: Authorization, order: Order) -> bool:
    return authorization.status == "PENDING" and not order.captures
