"""Payments that are captured later: the customer scans a code, which freezes the money; a trade is then paid out of it, or all of it is unfrozen."""

from typing import assert_never

from gateways.alipay.amounts import CURRENCY
from gateways.alipay.client import AlipayApi
from gateways.alipay.failures import Failure, Why, failed_outcome, refused, unseen
from gateways.alipay.outcomes import afterwards, authorisation_outcome, trade_outcome
from gateways.alipay.pages import CLOCKS_DIFFER_BY
from gateways.alipay.replies import Authorisation, Closed, Trade
from gateways.alipay.request import code_dies_at, expires_at
from server.domain.attempt import Attempt, AttemptKind, AttemptStatus
from server.domain.clock import Clock
from server.domain.money import Money
from server.domain.outcomes import (
    Approved,
    Canceled,
    NextAction,
    NextActionKind,
    Outcome,
    Unknown,
    Unpaid,
    Waiting,
)


class Preauthorisations:
    """One order per reference: the freeze has its number, and so has the trade that is paid out of it. Looks that fail because nothing was sent are NotSent."""

    def __init__(self, api: AlipayApi, clock: Clock) -> None:
        self._api = api
        self._clock = clock

    async def authorise(self, attempt: Attempt) -> Outcome:
        """A code for the customer to scan; nothing is frozen before that."""
        code = await self._api.create_code(attempt)
        if not isinstance(code, Failure):
            return _shown(attempt, code.value, None)
        # A code that was not given to us is scanned by nobody: any refusal may be believed, even one that is not signed.
        return refused(code) if code.why is Why.UNPROVEN else failed_outcome(code)

    async def resume(self, attempt: Attempt) -> Outcome:
        """What became of the attempt, and what it still takes: the code where nobody was shown it, the payment, the release."""
        match attempt.kind:
            case AttemptKind.AUTHORISE:
                return await self._resume_code(attempt)
            case AttemptKind.CAPTURE:
                return await self.capture(attempt)
            case AttemptKind.VOID:
                return await self.void(attempt)
        assert_never(attempt.kind)

    async def fetch(self, attempt: Attempt) -> Outcome:
        return (await self._look(attempt))[1]

    async def capture(self, attempt: Attempt) -> Outcome:
        """Pays the attempt's money out of what is frozen, once however often it is called: the trade has the order's number."""
        found, before = await self._look(attempt)
        if isinstance(before, Unpaid):
            return Unknown("Alipay knows of no money that is frozen for the payment.")
        if not isinstance(found, Authorisation) or not _is_frozen(before):
            return before
        paid = await self._api.pay(attempt, found)
        if isinstance(paid, Trade):
            return trade_outcome(paid)
        if paid.why is not Why.BUSINESS:
            return failed_outcome(paid)
        # The refusal may have come of an earlier call's success, or of a release meanwhile.
        after = afterwards(await self.fetch(attempt))
        return refused(paid) if _is_frozen(after) else after

    async def void(self, attempt: Attempt) -> Outcome:
        """Takes back the code, or releases what is frozen, once however often it is called."""
        found, before = await self._look(attempt)
        if isinstance(before, Unpaid):
            return await self._withdrawn(attempt, before)
        if not isinstance(found, Authorisation) or not _is_frozen(before):
            return before
        released = await self._api.unfreeze(attempt.reference, found.auth_no, Money(found.rest_minor, CURRENCY))
        after = afterwards(await self.fetch(attempt))
        if not _is_frozen(after):
            return after
        return failed_outcome(released) if isinstance(released, Failure) else unseen(Failure(Why.LOST))

    async def _withdrawn(self, attempt: Attempt, before: Unpaid) -> Outcome:
        """Nobody has accepted the order: Alipay can close it even while it only waits to be scanned. Whether it did, its own word tells or a look."""
        closed = await self._api.cancel_code(attempt.reference)
        match closed:
            case Closed(number=number):
                after = afterwards(await self.fetch(attempt))
                return Canceled(number) if isinstance(after, Unpaid) else after
            case Failure(no_authorisation=True) | Failure(why=Why.NOT_SENT):
                return before
            case Failure():
                return failed_outcome(closed)
        assert_never(closed)

    async def _resume_code(self, attempt: Attempt) -> Outcome:
        outcome = await self.fetch(attempt)
        told = attempt.status is AttemptStatus.WAITING
        if not isinstance(outcome, Unpaid) or told or self._clock.now() >= expires_at(attempt):
            return outcome
        code = await self._api.create_code(attempt)
        return unseen(code) if isinstance(code, Failure) else _shown(attempt, code.value, outcome.gateway_payment_id)

    async def _look(self, attempt: Attempt) -> tuple[Authorisation | Failure, Outcome]:
        """What Alipay knows of the order, and what that means."""
        # Before the query: only a look after the code's end proves that nothing will come of it.
        over = self._clock.now() >= code_dies_at(attempt) + CLOCKS_DIFFER_BY
        found = await self._api.authorisation(attempt.reference)
        if isinstance(found, Failure):
            missing: Outcome = Canceled(None) if over else Unpaid(None)
            return found, missing if found.no_authorisation else unseen(found)
        if not found.paid_minor:
            return found, authorisation_outcome(found)
        trade = await self._api.trade(attempt.reference)
        return found, trade_outcome(trade) if isinstance(trade, Trade) else unseen(trade)


def _shown(attempt: Attempt, code: str, auth_no: str | None) -> Waiting:
    return Waiting(auth_no, NextAction(NextActionKind.DISPLAY_QR_CODE, code), expires_at(attempt))


def _is_frozen(outcome: Outcome) -> bool:
    return isinstance(outcome, Approved) and not outcome.captured
