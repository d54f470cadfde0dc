"""Payments at Alipay's page: the customer opens a signed address; until then Alipay knows nothing of the trade."""

from datetime import timedelta

from gateways.alipay.client import AlipayApi
from gateways.alipay.failures import Failure, Why, unseen
from gateways.alipay.outcomes import afterwards, trade_outcome
from gateways.alipay.replies import Trade
from gateways.alipay.request import expires_at
from server.domain.attempt import Attempt, AttemptKind, AttemptStatus
from server.domain.clock import Clock
from server.domain.outcomes import Canceled, NextAction, NextActionKind, Outcome, Unknown, Unpaid, Waiting

# By so much may our clock be ahead of Alipay's, which decides when it is too late to open a page.
CLOCKS_DIFFER_BY = timedelta(minutes=1)


class Pages:
    """Nothing moves money here but the customer. Looks that fail because nothing was sent are NotSent."""

    def __init__(self, api: AlipayApi, clock: Clock) -> None:
        self._api = api
        self._clock = clock

    def authorise(self, attempt: Attempt, trade_no: str | None = None) -> Waiting:
        """The page's address, always the same one for an attempt."""
        page = NextAction(NextActionKind.REDIRECT, self._api.page_address(attempt))
        return Waiting(trade_no, page, expires_at(attempt))

    async def resume(self, attempt: Attempt) -> Outcome:
        """What became of the attempt; its page again where nobody was told of it and there is time left. A void goes on."""
        if attempt.kind is AttemptKind.VOID:
            return await self.void(attempt)
        outcome = await self.fetch(attempt)
        untold = attempt.kind is AttemptKind.AUTHORISE and attempt.status is not AttemptStatus.WAITING
        if isinstance(outcome, Unpaid) and untold and self._clock.now() < expires_at(attempt):
            return self.authorise(attempt, outcome.gateway_payment_id)
        return outcome

    async def fetch(self, attempt: Attempt) -> Outcome:
        # Before the query: only a look after the page's end proves that nothing will come of it.
        over = self._clock.now() >= expires_at(attempt) + CLOCKS_DIFFER_BY
        trade = await self._api.trade(attempt.reference)
        if isinstance(trade, Trade):
            if trade.amount_minor != attempt.money.amount_minor:
                return Unknown("Alipay has a trade of another amount under the payment's number.")
            return trade_outcome(trade)
        if trade.no_trade:
            return Canceled(None) if over else Unpaid(None)
        return unseen(trade)

    async def void(self, attempt: Attempt) -> Outcome:
        """Closes the trade, however often it is called. A page that nobody has opened cannot be closed: it ends by itself."""
        before = await self.fetch(attempt)
        if not isinstance(before, Unpaid) or before.gateway_payment_id is None:
            return before
        closed = await self._api.close_trade(attempt.reference)
        after = afterwards(await self.fetch(attempt))
        if isinstance(after, Unpaid) and not (isinstance(closed, Failure) and closed.why is Why.BUSINESS):
            # The close may be on its way still, or done and not to be seen yet.
            return unseen(Failure(Why.LOST))
        return after
