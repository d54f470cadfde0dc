"""Returns money through WeChat Pay under one number for ever, and finds out what became of it."""

from typing import assert_never

from gateways.wechat.api import Api
from gateways.wechat.failures import Failure, Why
from gateways.wechat.outcomes import BUSY_MESSAGE, LOST_MESSAGE, NOT_TOLD_MESSAGE, refund_outcome, refusal_message
from gateways.wechat.replies import RefundReply
from server.domain.attempt import Attempt
from server.domain.outcomes import NotSent, RefundFailed, RefundOutcome, Unknown
from server.domain.refund import Refund


class Refunds:
    """Refunds through either API."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def refund(self, refund: Refund, charge: Attempt) -> RefundOutcome:
        """Asks for the refund, which WeChat Pay takes in and then works on."""
        reply = await self._send(refund, charge)
        return refund_outcome(reply, refund.money) if isinstance(reply, RefundReply) else _failed(reply)

    async def resume(self, refund: Refund, charge: Attempt) -> RefundOutcome:
        """Looks first; what WeChat Pay does not know is sent again under its number."""
        found = await self._api.query_refund(refund.reference)
        if isinstance(found, RefundReply):
            return refund_outcome(found, refund.money)
        if found.why is not Why.NOT_FOUND:
            return Unknown(NOT_TOLD_MESSAGE)
        again = await self._send(refund, charge)
        if isinstance(again, RefundReply):
            return refund_outcome(again, refund.money)
        if again.why not in (Why.INVALID, Why.NOT_FOUND):
            return Unknown(NOT_TOLD_MESSAGE)
        # The refusal may be of the repeat alone, as the first call was executed meanwhile.
        found = await self._api.query_refund(refund.reference)
        if isinstance(found, RefundReply):
            return refund_outcome(found, refund.money)
        return _failed(again) if found.why is Why.NOT_FOUND else Unknown(NOT_TOLD_MESSAGE)

    async def _send(self, refund: Refund, charge: Attempt) -> RefundReply | Failure:
        return await self._api.refund(
            charge.reference, refund.reference, refund.money.amount_minor, charge.money.amount_minor
        )


def _failed(failure: Failure) -> RefundOutcome:
    match failure.why:
        case Why.NOT_SENT | Why.BUSY:
            return NotSent(BUSY_MESSAGE)
        case Why.INVALID | Why.NOT_FOUND | Why.CLOSED:
            return RefundFailed(refusal_message(failure))
        case Why.DENIED:
            # Not signed by WeChat Pay: no proof, and no reason to pay back under another number. It goes on once the credentials are mended.
            return Unknown(refusal_message(failure))
        case Why.LOST | Why.PAID | Why.PAYING:
            return Unknown(LOST_MESSAGE)
    assert_never(failure.why)
