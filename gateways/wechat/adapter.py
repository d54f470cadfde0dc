"""WeChat Pay behind the gateway port: one of its two APIs, as the merchant's settings have it."""

from collections.abc import Mapping

from gateways.checklist import Checklist
from gateways.keeps_nothing import KeepsNothing
from gateways.no_evidence import NoEvidence
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
from server.domain.attempt import Attempt
from server.domain.callback import CallbackFormat, CallbackMessage, Reading
from server.domain.gateway import Capabilities, Instrument, Wish
from server.domain.money import Money
from server.domain.outcomes import Outcome, RefundOutcome, Refused, TokeniseOutcome
from server.domain.refund import Refund


class WechatGateway(KeepsNothing, NoEvidence, NoPayouts):
    """WeChat Pay with one merchant's credentials."""

    name = "wechat"
    capabilities: Capabilities = CAPABILITIES

    def __init__(self, setup: Setup) -> None:
        """Raises Misconfigured for settings that cannot be used; reaches no network."""
        self.config_version = setup.config_version
        self._pay_within = setup.pay_within
        self._default_return_url = setup.default_return_url
        merchant = read_credentials(setup.config)
        self._api, self._v3_notifications = _opened(merchant, setup)
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


def _opened(merchant: Credentials, setup: Setup) -> tuple[Api, V3Notifications | None]:
    line = Line((setup.base_url or REAL_URL).rstrip("/"), setup.timeout_seconds, setup.ca_file)
    repeating = Repeating(setup.pauses_seconds)
    if merchant.v3 is None:
        return V2Api(merchant, V2Client(merchant, line), repeating), None
    client = V3Client(merchant, merchant.v3, line, setup.clock)
    return V3Api(merchant, client, repeating), V3Notifications(merchant, client)
