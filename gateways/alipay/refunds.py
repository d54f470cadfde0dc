"""Money on its way back: every call under the refund's own number, which Alipay pays back once."""

from gateways.alipay.client import AlipayApi
from gateways.alipay.failures import Failure, Why, failed_outcome
from gateways.alipay.replies import RefundReply
from server.domain.attempt import Attempt
from server.domain.outcomes import NotSent, Refunded, RefundFailed, RefundOutcome, Refused, Unknown
from server.domain.refund import Refund

# The no that stands: under this number nothing was returned and, unless it is sent again, nothing will be. Source: alipay.trade.refund, business codes.
_DEFINITIVE = frozenset(
    {
        "ACQ.BUYER_ERROR",
        "ACQ.CUSTOMER_VALIDATE_ERROR",
        "ACQ.ENTERPRISE_PAY_BIZ_ERROR",
        "ACQ.INVALID_PARAMETER",
        "ACQ.NOT_ALLOW_PARTIAL_REFUND",
        "ACQ.ONLINE_TRADE_VOUCHER_NOT_ALLOW_REFUND",
        "ACQ.REASON_TRADE_BEEN_FREEZEN",
        "ACQ.REASON_TRADE_REFUND_FEE_ERR",
        "ACQ.REASON_TRADE_STATUS_INVALID",
        "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL",
        "ACQ.REFUND_CHARGE_ERROR",
        "ACQ.REFUND_FEE_ERROR",
        "ACQ.SELLER_BALANCE_NOT_ENOUGH",
        "ACQ.TRADE_HAS_CLOSE",
        "ACQ.TRADE_HAS_FINISHED",
        "ACQ.TRADE_NOT_ALLOW_REFUND",
        "ACQ.TRADE_STATUS_ERROR",
        "ACQ.USER_NOT_MATCH_ERR",
    }
)


class Refunds:
    """Alipay numbers no refund itself: ours is its only name there."""

    def __init__(self, api: AlipayApi) -> None:
        self._api = api

    async def refund(self, refund: Refund, charge: Attempt) -> RefundOutcome:
        """Returns the money, or says for certain that it did not."""
        reason = None if refund.reason is None else refund.reason.value
        made = await self._api.refund(charge.reference, refund.reference, refund.money, reason)
        if isinstance(made, RefundReply):
            # A call that moved nothing repeated one that may have; only a query tells.
            return _refunded(refund) if made.done else await self._found(refund, charge)
        if made.why is Why.BUSINESS and made.code in _DEFINITIVE:
            return _failed(made)
        if made.why is Why.INVALID:
            return _failed(made)
        outcome = failed_outcome(made)
        return Unknown(outcome.message) if isinstance(outcome, Refused) else outcome

    async def resume(self, refund: Refund, charge: Attempt) -> RefundOutcome:
        """Looks first, as a refund of what is all returned may be refused again; then sends the same number. What was refused is looked for once more before that is believed."""
        found = await self._found(refund, charge)
        if isinstance(found, Refunded):
            return found
        again = await self.refund(refund, charge)
        if isinstance(again, RefundFailed):
            return await self._confirmed(refund, charge, again)
        return Unknown(again.message) if isinstance(again, NotSent) else again

    async def _confirmed(self, refund: Refund, charge: Attempt, failed: RefundFailed) -> RefundOutcome:
        found = await self._api.find_refund(charge.reference, refund.reference)
        if isinstance(found, Failure):
            return _not_told()
        return _read(refund, found) if found.done else failed

    async def _found(self, refund: Refund, charge: Attempt) -> Refunded | Unknown:
        found = await self._api.find_refund(charge.reference, refund.reference)
        return _not_told() if isinstance(found, Failure) else _read(refund, found)


def _read(refund: Refund, found: RefundReply) -> Refunded | Unknown:
    if not found.done:
        # Alipay asks for ten seconds between a refund and its query: no proof of failure.
        return _not_told()
    if found.amount_minor != refund.money.amount_minor:
        return Unknown("Alipay has returned another amount under the refund's number.")
    return _refunded(refund)


def _refunded(refund: Refund) -> Refunded:
    return Refunded(refund.reference)


def _failed(failure: Failure) -> RefundFailed:
    return RefundFailed(f"Alipay refused the refund ({failure.code}).")


def _not_told() -> Unknown:
    return Unknown("Alipay has not told yet what became of the refund.")
