"""Reads a callback with the credentials that it must be checked with: those of the payment that it speaks of, or newer ones."""

from collections.abc import Sequence
from dataclasses import dataclass

from server.domain.attempt import Attempt
from server.domain.callback import Check, CheckResult, DisputeNews, NoNews, PayoutNews, Reading, RefundNews, Unreadable
from server.domain.gateway import Gateway, Gateways
from server.domain.payout_outcomes import PayoutReport
from server.domain.ports import Store, Transaction
from server.domain.refund import Refund
from server.operations.callback_forms import Recognised
from server.operations.callback_judging import NOT_OURS, attempt_checks, short, version_check
from server.operations.disputed_payments import disputed_attempt
from server.operations.payout_settling import payout_of


@dataclass(frozen=True, slots=True)
class Read:
    """What a callback says, the attempt and the refund that it speaks of, and every check that was made of it so far."""

    reading: Reading
    checks: tuple[Check, ...]
    attempt: Attempt | None = None
    refund: Refund | None = None
    version: int = 0
    """The version of the credentials that it was checked with, of one that speaks of a payout."""

    @property
    def believed(self) -> bool:
        """Whether it says something and every check passed."""
        return self.reading.news is not None and all(check.result is not CheckResult.FAILED for check in self.checks)

    @property
    def is_unknown_dispute(self) -> bool:
        """Whether everything about it is to be believed, and it tells of a dispute of a payment that is not known here."""
        failed = [check.name for check in self.checks if check.result is CheckResult.FAILED]
        return isinstance(self.reading.news, DisputeNews) and failed == [NOT_OURS]


class CallbackReading:
    """Finds the payment and the credentials."""

    def __init__(self, store: Store, gateways: Gateways) -> None:
        self._store = store
        self._gateways = gateways

    async def read(self, merchant_id: str, recognised: Recognised) -> Read:
        """Reads a callback; changes nothing. Raises Unreadable for one that is not of the form that it claims to be."""
        name = recognised.gateway
        claimed = recognised.dialect.reference_in(recognised.message)
        attempt = await self._attempt(merchant_id, name, claimed)
        reading, version = await self._checked(merchant_id, recognised, attempt)
        match reading.news:
            case None | NoNews():
                return Read(reading, reading.checks, attempt)
            case PayoutNews(report=report):
                oldest = await self._oldest_for(merchant_id, name, report)
                return Read(
                    reading, (*reading.checks, version_check(version, oldest, "the payout was made")), version=version
                )
            case RefundNews() as news:
                refund, charge = await self._store.look_up(lambda tx: _refund(tx, merchant_id, name, news))
                attempt = charge or attempt or await self._attempt(merchant_id, name, reading.reference)
            case DisputeNews():
                refund, attempt = None, await self._disputed(merchant_id, name, reading)
                if attempt is None:
                    oldest = await self._gateways.newest_version(merchant_id, name)
                    newest = version_check(version, oldest, "the dispute was told of")
                    missing, _ = attempt_checks(None, reading.reference or claimed, version)
                    return Read(reading, (*reading.checks, newest, missing))
            case _:
                refund = None
                if attempt is None or attempt.reference != reading.reference:
                    attempt = await self._attempt(merchant_id, name, reading.reference)
        checks = attempt_checks(attempt, reading.reference or claimed, version)
        return Read(reading, (*reading.checks, *checks), attempt, refund)

    async def _checked(self, merchant_id: str, recognised: Recognised, attempt: Attempt | None) -> tuple[Reading, int]:
        """What the first credentials make of it with which every check passes, and their version; else what the likeliest ones make of it."""
        likeliest: tuple[Reading, int] | None = None
        for gateway in await self._candidates(merchant_id, recognised.gateway, attempt):
            told = await gateway.read_callback(recognised.message), gateway.config_version
            if told[0].news is not None or told[0].later:
                return told
            likeliest = likeliest or told
        return likeliest or (Reading((_not_configured(recognised.gateway),)), 0)

    async def _candidates(self, merchant_id: str, name: str, attempt: Attempt | None) -> Sequence[Gateway]:
        """The attempt's own credentials first, then newer ones; without an attempt the newest first."""
        versions = await self._gateways.versions(merchant_id, name)
        if attempt is None:
            return versions
        own = await self._gateways.of_attempt(attempt)
        return (own, *(gateway for gateway in versions if gateway.config_version > own.config_version))

    async def _oldest_for(self, merchant_id: str, gateway: str, report: PayoutReport) -> int:
        """The oldest credentials that may speak of a payout: its own, and of one that is not known here the newest, as anybody may have the others."""
        known = await self._store.look_up(lambda tx: payout_of(tx, merchant_id, gateway, report))
        return await self._gateways.newest_version(merchant_id, gateway) if known is None else known.config_version

    async def _disputed(self, merchant_id: str, gateway: str, reading: Reading) -> Attempt | None:
        numbers = reading.reference, reading.gateway_payment_id
        return await self._store.look_up(lambda tx: disputed_attempt(tx, merchant_id, gateway, *numbers))

    async def _attempt(self, merchant_id: str, gateway: str, reference: str | None) -> Attempt | None:
        if reference is None or reference != short(reference):
            # None of ours looks like that, and a database may not be able to look for it.
            return None
        return await self._store.look_up(lambda tx: tx.attempts.by_reference(merchant_id, gateway, reference))


def _refund(tx: Transaction, merchant_id: str, gateway: str, news: RefundNews) -> tuple[Refund | None, Attempt | None]:
    """The refund that is spoken of, and what it returns the money of."""
    refund = None
    if news.reference is not None:
        refund = tx.refunds.find_by_reference(merchant_id, gateway, news.reference)
    if refund is None and news.gateway_refund_id is not None:
        refund = tx.refunds.find_by_gateway_id(merchant_id, gateway, news.gateway_refund_id)
    if refund is None:
        return None, None
    return refund, tx.attempts.paying(tx.payments.get(merchant_id, refund.payment_id))


def _not_configured(gateway: str) -> Check:
    why = f"the gateway {gateway} is not configured, so that nothing can be checked"
    return Check("configuration", CheckResult.FAILED, explanation=why)


def unreadable(error: Unreadable) -> Check:
    """The check that a callback fails which cannot be read at all."""
    return Check("format", CheckResult.FAILED, explanation=f"the body {error}")
