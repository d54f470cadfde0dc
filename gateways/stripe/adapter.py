"""Stripe behind the gateway port: builds a request, sends it, and translates the answer."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from gateways.dispute_lists import WholeDisputes
from gateways.setup import Setup
from gateways.stripe.amounts import to_stripe
from gateways.stripe.callback import read_webhook
from gateways.stripe.capabilities import CAPABILITIES
from gateways.stripe.cards import Tokeniser
from gateways.stripe.client import StripeApi
from gateways.stripe.config import SECRET_KEY, WEBHOOK_SECRET, require_secret_key
from gateways.stripe.failures import Failure
from gateways.stripe.keeping import Keeping
from gateways.stripe.keys import first_key
from gateways.stripe.outcomes import failed_outcome, outcome_of
from gateways.stripe.payouts import PayingOut
from gateways.stripe.pleading import Pleading
from gateways.stripe.refunds import Refunding
from gateways.stripe.replies import Intent
from gateways.stripe.request import create_params, stored_request
from gateways.stripe.resuming import Resuming
from server.domain.attempt import Attempt
from server.domain.callback import CallbackMessage, Reading
from server.domain.dispute import Dispute
from server.domain.dispute_list import ListedDispute
from server.domain.evidence import Evidence, Submission
from server.domain.evidence_outcomes import EvidenceOutcome
from server.domain.file import Document, StoredFile
from server.domain.gateway import Capabilities, Instrument, Owner, Wish
from server.domain.money import Money
from server.domain.outcomes import KeepOutcome, Outcome, RefundOutcome, TokeniseOutcome
from server.domain.own_movement import ListedMovement
from server.domain.payout import Payout
from server.domain.payout_outcomes import PayoutOutcome, PayoutReport
from server.domain.refund import Refund


class StripeGateway(WholeDisputes):
    """Stripe with one merchant's secret key."""

    name = "stripe"
    capabilities: Capabilities = CAPABILITIES

    def __init__(self, setup: Setup) -> None:
        """Raises Misconfigured without a usable `secret_key`."""
        self.config_version = setup.config_version
        self._default_return_url = setup.default_return_url
        require_secret_key(setup.config)
        self._api = StripeApi(setup.config[SECRET_KEY], setup.base_url, setup.timeout_seconds, setup.pauses_seconds)
        self._tokeniser = Tokeniser(self._api, setup.clock, setup.fingerprint)
        self._keeping = Keeping(self._api, self._tokeniser)
        self._resuming = Resuming(self._api, setup.clock)
        self._refunding = Refunding(self._api, setup.clock)
        self._paying_out = PayingOut(self._api.payouts, setup.clock)
        self._pleading = Pleading(self._api)
        self._webhook_secret = setup.config.get(WEBHOOK_SECRET, "")

    async def aclose(self) -> None:
        await self._api.aclose()

    def check_amount(self, money: Money) -> None:
        to_stripe(money)

    def request_for(self, wish: Wish) -> Mapping[str, str]:
        return stored_request(wish, self._default_return_url)

    async def tokenise(self, instrument: Instrument, key: str) -> TokeniseOutcome:
        return await self._tokeniser.tokenise(instrument, f"{key}:tokenise")

    async def keep(self, instrument: Instrument, owner: Owner, key: str) -> KeepOutcome:
        return await self._keeping.keep(instrument, owner, key)

    async def let_go(self, token: str) -> bool:
        return await self._keeping.let_go(token)

    async def authorise(self, attempt: Attempt) -> Outcome:
        reply = await self._api.create_intent(create_params(attempt), first_key(attempt))
        return outcome_of(reply) if isinstance(reply, Intent) else failed_outcome(reply)

    async def capture(self, attempt: Attempt) -> Outcome:
        reply = await self._api.capture_intent(_payment_id(attempt), attempt.money, first_key(attempt))
        return await self._resuming.after_change(attempt, reply, failed_outcome)

    async def void(self, attempt: Attempt) -> Outcome:
        reply = await self._api.cancel_intent(_payment_id(attempt), first_key(attempt))
        return await self._resuming.after_change(attempt, reply, failed_outcome)

    async def resume(self, attempt: Attempt) -> Outcome:
        return await self._resuming.resume(attempt)

    async def fetch(self, attempt: Attempt) -> Outcome:
        return await self._resuming.fetch(attempt)

    async def refund(self, refund: Refund, charge: Attempt) -> RefundOutcome:
        return await self._refunding.refund(refund, charge)

    async def resume_refund(self, refund: Refund, charge: Attempt) -> RefundOutcome:
        return await self._refunding.resume(refund, charge)

    def check_evidence(self, evidence: Evidence, file: StoredFile | None) -> None:
        """Stripe takes everything that the contract lets through, and each kind of file that we keep."""

    async def submit_evidence(
        self, submission: Submission, dispute: Dispute, document: Document | None
    ) -> EvidenceOutcome:
        return await self._pleading.submit(submission, dispute, document)

    async def resume_evidence(
        self, submission: Submission, dispute: Dispute, document: Document | None
    ) -> EvidenceOutcome:
        return await self._pleading.resume(submission, dispute, document)

    async def disputes(self, since: datetime) -> Sequence[ListedDispute] | None:
        listed = await self._api.disputes.list(since)
        return None if isinstance(listed, Failure) else listed[::-1]

    async def pay_out(self, payout: Payout) -> PayoutOutcome:
        return await self._paying_out.pay_out(payout)

    async def stop_payout(self, payout: Payout) -> PayoutOutcome:
        return await self._paying_out.stop(payout)

    async def resume_payout(self, payout: Payout) -> PayoutOutcome:
        return await self._paying_out.resume(payout)

    async def payouts(self, since: datetime) -> Sequence[PayoutReport] | None:
        return await self._paying_out.made(since)

    async def own_movements(self, since: datetime) -> Sequence[ListedMovement] | None:
        listed = await self._api.own_movements.list(since)
        return None if isinstance(listed, Failure) else listed

    async def read_callback(self, message: CallbackMessage) -> Reading:
        return read_webhook(message, self._webhook_secret)


def _payment_id(attempt: Attempt) -> str:
    """A capture or a void is only ever recorded for a payment that the gateway has numbered."""
    assert attempt.gateway_payment_id is not None
    return attempt.gateway_payment_id
