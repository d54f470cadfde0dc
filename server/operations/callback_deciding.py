"""Decides about a callback and settles what it tells of: the decision is stored in the transaction of what it changes."""

import logging
from typing import assert_never

from server.domain.callback import Check, DisputeNews, LookUp, NoNews, PaymentNews, PayoutNews, RefundNews
from server.domain.inbox import Decision, Judgement, ReceivedCallback
from server.domain.ports import Store, Transaction
from server.operations.callback_forms import Recognised
from server.operations.callback_judging import (
    Verdict,
    dispute_checks,
    payment_checks,
    payout_checks,
    refund_checks,
)
from server.operations.callback_looking import CallbackLooking
from server.operations.callback_reading import CallbackReading, Read
from server.operations.callback_recording import CallbackRecording, Decided, attempt_of
from server.operations.dispute_following import DisputeFollowing
from server.operations.payout_following import PayoutFollowing
from server.operations.payout_settling import payout_of
from server.operations.refund_settling import RefundSettling
from server.operations.settling import Settling
from server.operations.surplus import money_of

_LOG = logging.getLogger(__name__)

_UNASKED = "a refund that was not asked for here; compare the gateway's records"
_UNKNOWN_DISPUTE = "a dispute of a payment that is not known here; look it up at the gateway, and replay this when the payment is known"


class CallbackDeciding:
    """The one way from a callback to a change."""

    def __init__(
        self,
        *,
        store: Store,
        reading: CallbackReading,
        settling: Settling,
        refunds: RefundSettling,
        disputes: DisputeFollowing,
        payouts: PayoutFollowing,
        recording: CallbackRecording,
        looking: CallbackLooking,
    ) -> None:
        self._store = store
        self._reading = reading
        self._settling = settling
        self._refunds = refunds
        self._disputes = disputes
        self._payouts = payouts
        self._recording = recording
        self._looking = looking

    async def decide(self, callback: ReceivedCallback, recognised: Recognised) -> Decided:
        """Reads, checks, settles and stores. Raises Unreadable, and nothing is stored then."""
        read = await self._reading.read(callback.merchant_id, recognised)
        if read.is_unknown_dispute:
            return await self._set_aside(callback, read)
        if not read.believed:
            return await self._recording.disbelieve(callback, read)
        match read.reading.news:
            case PaymentNews() as news:
                return await self._tell_payment(callback, read, news)
            case RefundNews() as news:
                return await self._tell_refund(callback, read, news)
            case DisputeNews() as news:
                return await self._tell_dispute(callback, read, news)
            case PayoutNews() as news:
                return await self._tell_payout(callback, read, news)
            case LookUp() as news:
                return await self._looking.look(callback, read, news)
            case NoNews(why=why):
                return await self._recording.keep(callback, read, Judgement(Decision.IGNORED, why))
            case None:
                raise AssertionError("what is believed says something")
        assert_never(read.reading.news)

    async def explain(self, callback: ReceivedCallback, recognised: Recognised) -> tuple[Check, ...]:
        """Every check that is made of a callback, with the configuration as it is now; changes nothing. Raises Unreadable."""
        read = await self._reading.read(callback.merchant_id, recognised)
        news, attempt, refund = read.reading.news, read.attempt, read.refund
        if isinstance(news, PaymentNews) and attempt is not None:
            payment = await self._store.look_up(lambda tx: tx.payments.get(attempt.merchant_id, attempt.payment_id))
            return (*read.checks, *payment_checks(payment, news))
        if isinstance(news, DisputeNews) and attempt is not None:
            disputed = await self._store.look_up(lambda tx: tx.payments.get(attempt.merchant_id, attempt.payment_id))
            return (*read.checks, *dispute_checks(disputed, news))
        if isinstance(news, RefundNews) and refund is not None:
            return (*read.checks, *refund_checks(refund, news))
        if isinstance(news, PayoutNews):
            return (*read.checks, *await self._payout_checks(callback, news))
        return read.checks

    async def _tell_payment(self, callback: ReceivedCallback, read: Read, news: PaymentNews) -> Decided:
        attempt = attempt_of(read)

        def apply(tx: Transaction) -> Decided:
            before = tx.payments.lock(attempt.merchant_id, attempt.payment_id)
            verdict = Verdict(payment_checks(before, news))
            if verdict.failed is not None:
                return self._recording.quarantine(tx, callback, read, verdict)
            booked = money_of(tx, attempt)
            after, _ = self._settling.settle_in(tx, attempt, news.outcome)
            changed = after != before or money_of(tx, attempt) != booked
            return self._recording.settled(tx, callback, read, changed=changed)

        return await self._store.transaction(apply)

    async def _tell_refund(self, callback: ReceivedCallback, read: Read, news: RefundNews) -> Decided:
        refund = read.refund
        if refund is None:
            return await self._recording.keep(callback, read, Judgement(Decision.IGNORED, _UNASKED))

        def apply(tx: Transaction) -> Decided:
            verdict = Verdict(refund_checks(refund, news))
            if verdict.failed is not None:
                return self._recording.quarantine(tx, callback, read, verdict)
            before = tx.payments.lock(refund.merchant_id, refund.payment_id).refund(refund.id)
            after = self._refunds.settle_in(tx, refund, news.outcome)
            return self._recording.settled(tx, callback, read, changed=after != before)

        return await self._store.transaction(apply)

    async def _tell_dispute(self, callback: ReceivedCallback, read: Read, news: DisputeNews) -> Decided:
        attempt = attempt_of(read)

        def apply(tx: Transaction) -> Decided:
            payment = tx.payments.lock(attempt.merchant_id, attempt.payment_id)
            verdict = Verdict(dispute_checks(payment, news))
            if verdict.failed is not None:
                return self._recording.quarantine(tx, callback, read, verdict)
            return self._recording.settled(
                tx, callback, read, changed=self._disputes.follow_in(tx, payment, news.report)
            )

        return await self._store.transaction(apply)

    async def _tell_payout(self, callback: ReceivedCallback, read: Read, news: PayoutNews) -> Decided:
        merchant_id, gateway = callback.merchant_id, callback.gateway or ""

        def apply(tx: Transaction) -> Decided:
            known = payout_of(tx, merchant_id, gateway, news.report)
            verdict = Verdict(() if known is None else payout_checks(known, news))
            if verdict.failed is not None:
                return self._recording.quarantine(tx, callback, read, verdict)
            changed = self._payouts.follow_in(tx, merchant_id, gateway, read.version, news.report)
            return self._recording.settled(tx, callback, read, changed=changed)

        return await self._payouts.tell(apply)

    async def _payout_checks(self, callback: ReceivedCallback, news: PayoutNews) -> tuple[Check, ...]:
        known = await self._store.look_up(
            lambda tx: payout_of(tx, callback.merchant_id, callback.gateway or "", news.report)
        )
        return () if known is None else payout_checks(known, news)

    async def _set_aside(self, callback: ReceivedCallback, read: Read) -> Decided:
        """The gateway's own word on money that is disputed is never dropped, whoever's payment it may be."""
        judgement = Judgement(Decision.QUARANTINED, _UNKNOWN_DISPUTE)
        facts = {"callback": str(callback.id), "gateway": callback.gateway}
        _LOG.error("a payment is disputed that is not known here; look into it", extra=facts)
        return await self._recording.keep(callback, read, judgement)
