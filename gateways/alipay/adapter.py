"""Alipay behind the gateway port: pages where the money is taken at once, codes where it is captured later."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from gateways.alipay.amounts import to_alipay
from gateways.alipay.callback import read_callback
from gateways.alipay.capabilities import CAPABILITIES
from gateways.alipay.client import AlipayApi
from gateways.alipay.complaint_api import ComplaintApi
from gateways.alipay.config import Credentials
from gateways.alipay.consumer_api import ConsumerApi
from gateways.alipay.consumer_complaints import complaint_id_of
from gateways.alipay.consumer_pleading import ConsumerPleading
from gateways.alipay.messages import Messages, is_message
from gateways.alipay.outcomes import afterwards
from gateways.alipay.pages import Pages
from gateways.alipay.pleading import LIMITS, Pleading
from gateways.alipay.preauthorisations import Preauthorisations
from gateways.alipay.refunds import Refunds
from gateways.alipay.request import is_preauthorised, stored_request
from gateways.alipay.telling import Telling
from gateways.keeps_nothing import KeepsNothing
from gateways.no_own_movements import NoOwnMovements
from gateways.no_payouts import NoPayouts
from gateways.setup import Setup
from server.domain.attempt import Attempt
from server.domain.callback import CallbackMessage, Reading
from server.domain.channels import unfit
from server.domain.dispute import Dispute
from server.domain.dispute_list import DisputeSighting, ListedDispute
from server.domain.evidence import Evidence, Submission
from server.domain.evidence_outcomes import EvidenceOutcome
from server.domain.file import Document, StoredFile
from server.domain.gateway import Capabilities, Instrument, Wish
from server.domain.money import Money
from server.domain.outcomes import Outcome, RefundOutcome, Tokenised, TokeniseOutcome, Unusable
from server.domain.payment import PaymentMethodKind
from server.domain.refund import Refund


class AlipayGateway(KeepsNothing, NoOwnMovements, NoPayouts):
    """Alipay with one merchant's application."""

    name = "alipay"
    capabilities: Capabilities = CAPABILITIES

    def __init__(self, setup: Setup) -> None:
        """Raises Misconfigured for settings that make no credentials."""
        self.config_version = setup.config_version
        self._clock = setup.clock
        self._pay_within = setup.pay_within
        self._default_return_url = setup.default_return_url
        self._credentials = Credentials.read(setup.config)
        self._api = AlipayApi(setup, self._credentials)
        self._pages = Pages(self._api, setup.clock)
        self._preauthorisations = Preauthorisations(self._api, setup.clock)
        self._refunds = Refunds(self._api)
        complaints = ComplaintApi(self._api)
        seller_id = self._credentials.seller_id
        consumers = ConsumerApi(self._api, seller_id, setup.clock)
        self._pleading = Pleading(complaints)
        self._consumer_pleading = ConsumerPleading(consumers)
        self._telling = Telling(complaints, consumers, seller_id, setup.clock)
        self._messages = Messages(self._credentials, complaints)

    async def aclose(self) -> None:
        self._api.close()

    def check_amount(self, money: Money) -> None:
        to_alipay(money)

    def request_for(self, wish: Wish) -> Mapping[str, str]:
        return stored_request(wish, self._default_return_url, self._clock.now(), self._pay_within)

    async def tokenise(self, instrument: Instrument, _key: str) -> TokeniseOutcome:
        """The customer's account is known once they have paid: there is nothing to make a token of."""
        if instrument.kind is not PaymentMethodKind.ALIPAY or instrument.card is not None or instrument.token:
            return Unusable("type", "must be alipay, without a card or a token")
        wrong = unfit(instrument.kind, instrument.details or {})
        return Tokenised(None) if wrong is None else Unusable(f"alipay.{wrong[0]}", wrong[1])

    async def authorise(self, attempt: Attempt) -> Outcome:
        if is_preauthorised(attempt):
            return await self._preauthorisations.authorise(attempt)
        return self._pages.authorise(attempt)

    async def capture(self, attempt: Attempt) -> Outcome:
        return await self._preauthorisations.capture(attempt)

    async def void(self, attempt: Attempt) -> Outcome:
        return await self._way_of(attempt).void(attempt)

    async def resume(self, attempt: Attempt) -> Outcome:
        return afterwards(await self._way_of(attempt).resume(attempt))

    async def fetch(self, attempt: Attempt) -> Outcome:
        return afterwards(await self._way_of(attempt).fetch(attempt))

    async def refund(self, refund: Refund, charge: Attempt) -> RefundOutcome:
        return await self._refunds.refund(refund, charge)

    async def resume_refund(self, refund: Refund, charge: Attempt) -> RefundOutcome:
        return await self._refunds.resume(refund, charge)

    def check_evidence(self, evidence: Evidence, file: StoredFile | None) -> None:
        LIMITS.check(evidence, file)

    async def submit_evidence(
        self, submission: Submission, dispute: Dispute, document: Document | None
    ) -> EvidenceOutcome:
        return await self._pleading_of(dispute).submit(submission, dispute, document)

    async def resume_evidence(
        self, submission: Submission, dispute: Dispute, document: Document | None
    ) -> EvidenceOutcome:
        return await self._pleading_of(dispute).resume(submission, dispute, document)

    async def disputes(self, since: datetime) -> Sequence[ListedDispute] | None:
        return await self._telling.listed(since)

    async def dispute(self, gateway_dispute_id: str) -> DisputeSighting | None:
        return await self._telling.shown(gateway_dispute_id)

    async def read_callback(self, message: CallbackMessage) -> Reading:
        if is_message(message):
            return await self._messages.read(message)
        return read_callback(message, self._credentials)

    def _pleading_of(self, dispute: Dispute) -> Pleading | ConsumerPleading:
        is_consumers = complaint_id_of(dispute.gateway_dispute_id) is not None
        return self._consumer_pleading if is_consumers else self._pleading

    def _way_of(self, attempt: Attempt) -> Pages | Preauthorisations:
        return self._preauthorisations if is_preauthorised(attempt) else self._pages
