"""PayPal behind the gateway port: each operation at the place that knows its part of an order's life."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import assert_never

from gateways.keeps_nothing import KeepsNothing
from gateways.no_own_movements import NoOwnMovements
from gateways.no_payouts import NoPayouts
from gateways.paypal.addresses import Addresses
from gateways.paypal.amounts import to_paypal
from gateways.paypal.authorizations import Authorizations
from gateways.paypal.callback import Callbacks
from gateways.paypal.capabilities import CAPABILITIES
from gateways.paypal.client import PayPalApi
from gateways.paypal.config import CLIENT_ID, SECRET, check_credentials
from gateways.paypal.orders import Orders
from gateways.paypal.pleading import Pleading, check_evidence
from gateways.paypal.refunds import Refunds
from gateways.paypal.request import stored_request
from gateways.paypal.telling import Telling
from gateways.paypal.web import Web
from gateways.setup import Setup
from server.domain.attempt import Attempt, AttemptKind
from server.domain.callback import CallbackMessage, Reading
from server.domain.dispute import Dispute
from server.domain.dispute_list import DisputeSighting, ListedDispute
from server.domain.evidence import Evidence, Submission
from server.domain.evidence_outcomes import EvidenceOutcome
from server.domain.file import Document, StoredFile
from server.domain.gateway import Capabilities, Instrument, Wish
from server.domain.money import Money
from server.domain.outcomes import Outcome, RefundOutcome, Tokenised, TokeniseOutcome
from server.domain.refund import Refund


class PayPalGateway(KeepsNothing, NoOwnMovements, NoPayouts):
    """PayPal with one merchant's client. A payment's number at PayPal is always its order's."""

    name = "paypal"
    capabilities: Capabilities = CAPABILITIES

    def __init__(self, setup: Setup) -> None:
        """Raises Misconfigured without usable credentials."""
        self.config_version = setup.config_version
        self._default_return_url = setup.default_return_url
        check_credentials(setup.config)
        addresses = Addresses.of(setup.base_url)
        self._api = PayPalApi(
            client_id=setup.config[CLIENT_ID],
            secret=setup.config[SECRET],
            address=addresses.api,
            timeout_seconds=setup.timeout_seconds,
            pauses_seconds=setup.pauses_seconds,
        )
        self._web = Web(setup.timeout_seconds)
        self._orders = Orders(self._api, setup.clock, setup.pay_within, setup.timeout_seconds)
        self._authorizations = Authorizations(self._api, self._orders, setup.clock)
        self._refunds = Refunds(self._api, setup.clock)
        self._pleading = Pleading(self._api)
        self._telling = Telling(self._api, setup.config)
        self._callbacks = Callbacks(setup, addresses, self._web, self._api)

    async def aclose(self) -> None:
        self._api.close()
        await self._web.aclose()

    def check_amount(self, money: Money) -> None:
        to_paypal(money)

    def request_for(self, wish: Wish) -> Mapping[str, str]:
        return stored_request(wish, self._default_return_url)

    async def tokenise(self, instrument: Instrument, key: str) -> TokeniseOutcome:
        """There is nothing to be made a token of: the customer chooses on PayPal's pages."""
        return Tokenised(token=None)

    async def authorise(self, attempt: Attempt) -> Outcome:
        return await self._orders.open(attempt)

    async def capture(self, attempt: Attempt) -> Outcome:
        return await self._authorizations.capture(attempt)

    async def void(self, attempt: Attempt) -> Outcome:
        return await self._authorizations.void(attempt)

    async def resume(self, attempt: Attempt) -> Outcome:
        match attempt.kind:
            case AttemptKind.AUTHORISE:
                return await self._orders.resume(attempt)
            case AttemptKind.CAPTURE:
                return await self._authorizations.resume_capture(attempt)
            case AttemptKind.VOID:
                return await self._authorizations.resume_void(attempt)
        assert_never(attempt.kind)

    async def fetch(self, attempt: Attempt) -> Outcome:
        match attempt.kind:
            case AttemptKind.AUTHORISE:
                return await self._orders.fetch(attempt)
            case AttemptKind.CAPTURE | AttemptKind.VOID:
                return await self._authorizations.fetch(attempt)
        assert_never(attempt.kind)

    async def refund(self, refund: Refund, charge: Attempt) -> RefundOutcome:
        return await self._refunds.refund(refund, charge)

    async def resume_refund(self, refund: Refund, charge: Attempt) -> RefundOutcome:
        return await self._refunds.resume(refund, charge)

    def check_evidence(self, evidence: Evidence, file: StoredFile | None) -> None:
        check_evidence(evidence)

    async def submit_evidence(
        self, submission: Submission, dispute: Dispute, document: Document | None
    ) -> EvidenceOutcome:
        return await self._pleading.submit(submission, dispute, document)

    async def resume_evidence(
        self, submission: Submission, dispute: Dispute, document: Document | None
    ) -> EvidenceOutcome:
        return await self._pleading.resume(submission, dispute, document)

    async def disputes(self, since: datetime) -> Sequence[ListedDispute] | None:
        return await self._telling.listed(since)

    async def dispute(self, gateway_dispute_id: str) -> DisputeSighting | None:
        return await self._telling.shown(gateway_dispute_id)

    async def read_callback(self, message: CallbackMessage) -> Reading:
        return await self._callbacks.read(message)
