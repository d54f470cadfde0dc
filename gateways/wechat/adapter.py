"""WeChat Pay behind the gateway port: one of its two APIs, as the merchant's settings have it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from gateways.checklist import Checklist
from gateways.dispute_lists import WholeDisputes
from gateways.keeps_nothing import KeepsNothing
from gateways.no_own_movements import NoOwnMovements
from gateways.no_payouts import NoPayouts
from gateways.setup import Setup
from gateways.wechat.amounts import to_fen
from gateways.wechat.api import Api
from gateways.wechat.capabilities import CAPABILITIES
from gateways.wechat.credentials import Credentials, read_credentials
from gateways.wechat.instrument import checked
from gateways.wechat.line import REAL_URL, Line
from gateways.wechat.refunds import Refunds
from gateways.wechat.repeating import Repeating
from gateways.wechat.request import stored_request
from gateways.wechat.trades import Trades
from gateways.wechat.v2.api import V2Api
from gateways.wechat.v2.client import Client as V2Client
from gateways.wechat.v2.notifications import V2Notifications
from gateways.wechat.v3.api import V3Api
from gateways.wechat.v3.client import Client as V3Client
from gateways.wechat.v3.notifications import V3Notifications
from gateways.wechat.v3.pleading import LIMITS, Pleading
from gateways.wechat.v3.telling import Telling
from server.domain.attempt import Attempt
from server.domain.callback import CallbackFormat, CallbackMessage, Reading
from server.domain.dispute import Dispute
from server.domain.dispute_list import ListedDispute
from server.domain.errors import NotSupported
from server.domain.evidence import Evidence, Submission
from server.domain.evidence_outcomes import EvidenceOutcome
from server.domain.file import Document, StoredFile
from server.domain.gateway import Capabilities, Instrument, Wish
from server.domain.money import Money
from server.domain.outcomes import Outcome, RefundOutcome, Refused, TokeniseOutcome
from server.domain.refund import Refund


class WechatGateway(KeepsNothing, WholeDisputes, NoOwnMovements, NoPayouts):
    """WeChat Pay with one merchant's credentials."""

    name = "wechat"

    def __init__(self, setup: Setup) -> None:
        """Raises Misconfigured for settings that cannot be used; reaches no network."""
        self.config_version = setup.config_version
        self._pay_within = setup.pay_within
        self._default_return_url = setup.default_return_url
        merchant = read_credentials(setup.config)
        self._api, self._v3_notifications, self._pleading, self._telling = _opened(merchant, setup)
        # API v2 knows no complaints.
        told = self._pleading is not None
        self.capabilities: Capabilities = replace(CAPABILITIES, disputes=told, dispute_evidence=told)
        self._v2_notifications = V2Notifications(merchant, self._api)
        self._trades = Trades(self._api, setup.clock)
        self._refunds = Refunds(self._api)

    async def aclose(self) -> None:
        await self._api.aclose()

    def check_amount(self, money: Money) -> None:
        to_fen(money)

    def request_for(self, wish: Wish) -> Mapping[str, str]:
        return stored_request(wish, self._default_return_url, self._pay_within)

    async def tokenise(self, instrument: Instrument, key: str) -> TokeniseOutcome:
        """Asks nobody: there is nothing to make a token of."""
        return checked(instrument.details or {})

    async def authorise(self, attempt: Attempt) -> Outcome:
        return await self._trades.authorise(attempt)

    async def capture(self, attempt: Attempt) -> Outcome:
        """Never called, as the capabilities have no manual capture."""
        return Refused("WeChat Pay takes the money when the customer pays.")

    async def void(self, attempt: Attempt) -> Outcome:
        return await self._trades.void(attempt)

    async def resume(self, attempt: Attempt) -> Outcome:
        return await self._trades.resume(attempt)

    async def fetch(self, attempt: Attempt) -> Outcome:
        return await self._trades.fetch(attempt)

    async def refund(self, refund: Refund, charge: Attempt) -> RefundOutcome:
        return await self._refunds.refund(refund, charge)

    async def resume_refund(self, refund: Refund, charge: Attempt) -> RefundOutcome:
        return await self._refunds.resume(refund, charge)

    def check_evidence(self, evidence: Evidence, file: StoredFile | None) -> None:
        LIMITS.check(evidence, file)

    async def submit_evidence(
        self, submission: Submission, dispute: Dispute, document: Document | None
    ) -> EvidenceOutcome:
        return await self._pleader.submit(submission, dispute, document)

    async def resume_evidence(
        self, submission: Submission, dispute: Dispute, document: Document | None
    ) -> EvidenceOutcome:
        return await self._pleader.resume(submission, dispute, document)

    async def disputes(self, since: datetime) -> Sequence[ListedDispute] | None:
        return [] if self._telling is None else await self._telling.listed(since)

    @property
    def _pleader(self) -> Pleading:
        if self._pleading is None:
            raise NotSupported(self.name, "evidence for disputes without API v3")
        return self._pleading

    async def read_callback(self, message: CallbackMessage) -> Reading:
        """A merchant of API v3 still has a key of API v2: what is signed by it is read as well, the documented JSON above all."""
        match message.format:
            case CallbackFormat.DOCUMENTED_JSON:
                return self._v2_notifications.read_documented(message.documented or {})
            case CallbackFormat.XML:
                return await self._v2_notifications.read_xml(message.body)
            case CallbackFormat.SIGNED_JSON if self._v3_notifications is not None:
                return await self._v3_notifications.read(message)
            case _:
                checks = Checklist("format")
                checks.check("format", False, explanation="The configuration has no settings for such notifications.")
                return Reading(checks.made)


def _opened(merchant: Credentials, setup: Setup) -> tuple[Api, V3Notifications | None, Pleading | None, Telling | None]:
    line = Line((setup.base_url or REAL_URL).rstrip("/"), setup.timeout_seconds, setup.ca_file)
    repeating = Repeating(setup.pauses_seconds)
    if merchant.v3 is None:
        return V2Api(merchant, V2Client(merchant, line), repeating), None, None, None
    client = V3Client(merchant, merchant.v3, line, setup.clock)
    api = V3Api(merchant, client, repeating)
    return (
        api,
        V3Notifications(merchant, client, api, setup.clock),
        Pleading(api, setup.clock),
        Telling(api, setup.clock),
    )
