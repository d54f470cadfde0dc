"""Every gateway of the registry with the simulated one behind it, and the attempts that the tests make."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import aiohttp
import pytest
import pytest_asyncio

from gateways.registry import CAPABILITIES, build
from gateways.setup import OpenGateway, Setup
from sandbox.settings import PaypalMerchant
from server.domain.attempt import Attempt, AttemptKind
from server.domain.clock import whole_seconds
from server.domain.gateway import Gateway, Instrument, RawCard, Wish
from server.domain.ids import reference_of
from server.domain.money import Money
from server.domain.outcomes import Approved, Outcome, Tokenised, Waiting
from server.domain.payment import CaptureMethod, ConfirmationMethod, PaymentMethodKind
from tests.integration import alipay_sandbox as alipay
from tests.integration import paypal_sandbox as paypal
from tests.integration import wechat_sandbox as wechat
from tests.integration.stripe_sandbox import SECRET_KEY, served, settings_of
from tests.sandbox_control import Controlled

# Long enough that a busy machine does not look like a lost answer, and for a fault that hangs short enough to wait for.
PATIENT_SECONDS = 10.0
HASTY_SECONDS = 0.4

RETURN_URL = "https://shop.example/return"
A_FREE_CARD = "4242424242424242"
A_DECLINED_CARD = "4000000000000002"
A_CHALLENGED_CARD = "4000002760003184"

# What no gateway knows, and nothing that is said may contain.
A_WRONG_SECRET = "sk_test_unknown_to_every_gateway_7Qx9"


class SettableClock:
    """The present, moved by what a test says."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@dataclass(frozen=True)
class Simulated:
    """What differs between the simulated gateways: settings, address, what is paid with and in which currency.

    A gateway without `cards` shows its customer a page or a code for every payment. Where that is `consent_alone`, the money is taken by us afterwards: until then a look
    sees neither a payment nor a decline, and a payment is ended by never taking it. Where the page is an `address_alone`, no call makes it: the gateway knows nothing of a
    payment before its customer opens that, and a customer who fails there can come back.
    """

    gateway: str
    config: Mapping[str, str]
    wrong_config: Mapping[str, str]
    path: str
    kind: PaymentMethodKind
    currency: str
    cards: bool = False
    consent_alone: bool = False
    address_alone: bool = False

    @property
    def money(self) -> Money:
        return Money(5949, self.currency)

    def instrument(self, number: str = A_FREE_CARD) -> Instrument:
        return Instrument(self.kind, RawCard(number, 12, 2040, "123")) if self.cards else Instrument(self.kind)


_WECHAT_V2 = {
    "app_id": wechat.APP_ID,
    "mch_id": wechat.MCH_ID,
    "api_key": wechat.API_KEY,
    "notify_url": "http://127.0.0.1:9/unused",
}
_WECHAT_V3 = _WECHAT_V2 | {
    "private_key": wechat.private_pem("merchant"),
    "cert_serial_no": wechat.SERIAL_NO,
    "apiv3_key": wechat.APIV3_KEY,
    "wechatpay_public_key": wechat.public_pem("platform"),
    "wechatpay_public_key_id": wechat.PUBLIC_KEY_ID,
}

_ALIPAY = {
    "app_id": alipay.APP_ID,
    "private_key": alipay.private_pem(alipay.MERCHANT_KEY),
    "public_key": alipay.public_pem(alipay.ALIPAY_KEY),
    "notify_url": "http://127.0.0.1:9/unused",
}

_PAYPAL = {"client_id": paypal.CLIENT_ID, "secret": paypal.SECRET, "notify_url": "http://127.0.0.1:9/unused"}

SIMULATED: Mapping[str, Simulated] = {
    "alipay": Simulated(
        "alipay",
        _ALIPAY,
        _ALIPAY | {"app_id": "2021000000000999"},
        "/alipay",
        PaymentMethodKind.ALIPAY,
        "CNY",
        address_alone=True,
    ),
    "paypal": Simulated(
        "paypal",
        _PAYPAL,
        _PAYPAL | {"secret": A_WRONG_SECRET},
        "/paypal",
        PaymentMethodKind.PAYPAL,
        "USD",
        consent_alone=True,
    ),
    "stripe": Simulated(
        "stripe",
        {"secret_key": SECRET_KEY},
        {"secret_key": A_WRONG_SECRET},
        "/stripe",
        PaymentMethodKind.CARD,
        "USD",
        cards=True,
    ),
    "wechat_v2": Simulated(
        "wechat", _WECHAT_V2, _WECHAT_V2 | {"api_key": A_WRONG_SECRET}, "/wechat", PaymentMethodKind.WECHAT, "CNY"
    ),
    "wechat_v3": Simulated(
        "wechat",
        _WECHAT_V3,
        _WECHAT_V3 | {"private_key": wechat.private_pem("another")},
        "/wechat",
        PaymentMethodKind.WECHAT,
        "CNY",
    ),
}


@dataclass
class Bench(Controlled):
    """One gateway at the sandbox, with hands on both. `name` is a key of SIMULATED."""

    name: str
    url: str
    http: aiohttp.ClientSession
    clock: SettableClock = field(default_factory=SettableClock)
    opened: list[OpenGateway] = field(default_factory=list)

    @property
    def simulated(self) -> Simulated:
        return SIMULATED[self.name]

    @property
    def gateway_name(self) -> str:
        return self.simulated.gateway

    def open(
        self,
        timeout_seconds: float = PATIENT_SECONDS,
        config: Mapping[str, str] | None = None,
        base_url: str | None = None,
    ) -> OpenGateway:
        setup = Setup(
            config=config or self.simulated.config,
            config_version=7,
            clock=self.clock,
            fingerprint="fp_{}".format,
            default_return_url=RETURN_URL,
            base_url=base_url or self.url + self.simulated.path,
            timeout_seconds=timeout_seconds,
            pauses_seconds=(0.001, 0.001),
        )
        self.opened.append(gateway := build(self.simulated.gateway, setup))
        return gateway

    async def customer(self, attempt: Attempt, outcome: str) -> None:
        pointer = {"reference": attempt.reference}
        if self.simulated.address_alone and attempt.request["capture_method"] == CaptureMethod.AUTOMATIC:
            page = await self.open().authorise(attempt)
            assert isinstance(page, Waiting)
            assert page.next_action is not None
            pointer = {"url": page.next_action.url or ""}
        await self.control("POST", "pay", {"gateway": self.simulated.gateway, "outcome": outcome, **pointer})

    async def payments(self, attempt: Attempt) -> list[dict[str, Any]]:
        """The gateway's own truth about an attempt's reference."""
        answer = await self.control("GET", f"payments?gateway={self.simulated.gateway}&reference={attempt.reference}")
        found: list[dict[str, Any]] = answer["payments"]
        return found

    async def wish(self, gateway: Gateway, number: str = A_FREE_CARD, **more: Any) -> Wish:
        """What a caller who pays by this card wants; `more` are fields of the wish."""
        tokenised = await gateway.tokenise(self.simulated.instrument(number), str(uuid4()))
        assert isinstance(tokenised, Tokenised), tokenised
        return a_wish(kind=self.simulated.kind, token=tokenised.token, **more)

    async def attempt(
        self, gateway: Gateway, number: str = A_FREE_CARD, money: Money | None = None, **more: Any
    ) -> Attempt:
        """A new attempt to authorise, not sent yet."""
        wish = await self.wish(gateway, number, **more)
        return an_attempt(
            gateway, request=gateway.request_for(wish), money=money or self.simulated.money, at=self.clock.now()
        )

    async def waiting(self, gateway: Gateway) -> tuple[Attempt, Waiting]:
        """A payment that its customer must do something for, and what that is."""
        attempt = await self.attempt(gateway, A_CHALLENGED_CARD)
        outcome = await gateway.authorise(attempt)
        assert isinstance(outcome, Waiting), outcome
        return attempt.settle(outcome, self.clock.now()), outcome

    async def paid(self, gateway: Gateway, attempt: Attempt, outcome: Outcome) -> Outcome:
        """What became of an attempt once its customer has done their part, if there is one."""
        if self.simulated.cards:
            return outcome
        assert isinstance(outcome, Waiting), outcome
        await self.customer(attempt, "succeed")
        return await gateway.resume(attempt.settle(outcome, self.clock.now()))

    def needs_cards(self) -> None:
        """Skips a test about cards where there are none."""
        if not self.simulated.cards:
            pytest.skip("takes no cards")

    def needs_a_call(self) -> None:
        """Skips a test about the call that begins a payment where there is none."""
        if self.simulated.address_alone:
            pytest.skip("begins a payment without a call")

    @property
    def reserves(self) -> bool:
        """Whether money can be reserved before it is taken."""
        return CaptureMethod.MANUAL in CAPABILITIES[self.simulated.gateway].capture_methods

    def needs_manual_capture(self) -> None:
        """Skips a test about reservations where the money is always taken at once."""
        if not self.reserves:
            pytest.skip("has no manual capture")

    async def authorised(self, gateway: Gateway, money: Money | None = None) -> Attempt:
        """An attempt whose money is reserved."""
        attempt = await self.attempt(gateway, money=money, capture_method=CaptureMethod.MANUAL)
        outcome = await self.paid(gateway, attempt, await gateway.authorise(attempt))
        assert isinstance(outcome, Approved), outcome
        assert not outcome.captured
        return attempt.settle(outcome, self.clock.now())


def a_wish(**changes: Any) -> Wish:
    wish: dict[str, Any] = {
        "kind": PaymentMethodKind.CARD,
        "token": "pm_card_visa",
        "capture_method": CaptureMethod.AUTOMATIC,
        "confirmation_method": ConfirmationMethod.AUTOMATIC,
        "description": None,
        "receipt_email": None,
        "return_url": None,
        "cancel_url": None,
        "metadata": {},
        "details": {},
    }
    return Wish(**{**wish, **changes})


def an_attempt(
    gateway: Gateway, *, request: Mapping[str, str], at: datetime, money: Money | None = None, id: UUID | None = None
) -> Attempt:
    attempt_id = id or uuid4()
    return Attempt(
        id=attempt_id,
        merchant_id="default",
        payment_id=attempt_id,
        kind=AttemptKind.AUTHORISE,
        gateway=gateway.name,
        config_version=gateway.config_version,
        reference=reference_of(attempt_id),
        money=money or Money(5949, "USD"),
        request=request,
        created_at=whole_seconds(at),
        updated_at=whole_seconds(at),
    )


def following(authorised: Attempt, kind: AttemptKind, amount_minor: int | None = None) -> Attempt:
    """The attempt to capture or to void what an earlier one authorised."""
    money = authorised.money if amount_minor is None else Money(amount_minor, authorised.money.currency)
    return Attempt(
        id=uuid4(),
        merchant_id=authorised.merchant_id,
        payment_id=authorised.payment_id,
        kind=kind,
        gateway=authorised.gateway,
        config_version=authorised.config_version,
        reference=authorised.reference,
        money=money,
        request=authorised.request,
        created_at=authorised.created_at,
        updated_at=authorised.created_at,
        gateway_payment_id=authorised.gateway_payment_id,
    )


@pytest_asyncio.fixture(scope="module")
async def sandbox_url(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """One sandbox for a whole module: its tests share nothing but the address."""
    settings = replace(
        settings_of(tmp_path_factory.mktemp("sandbox")),
        alipay=alipay.MERCHANT,
        paypal=PaypalMerchant(paypal.CLIENT_ID, paypal.SECRET),
        wechat=wechat.terms(),
    )
    async with served(settings) as url:
        yield url


@asynccontextmanager
async def opened_bench(name: str, url: str) -> AsyncIterator[Bench]:
    async with aiohttp.ClientSession() as http:
        bench = Bench(name, url, http)
        try:
            yield bench
        finally:
            await bench.heal()
            for gateway in bench.opened:
                await gateway.aclose()


@pytest_asyncio.fixture(params=sorted(SIMULATED))
async def bench(request: pytest.FixtureRequest, sandbox_url: str) -> AsyncIterator[Bench]:
    """Each gateway of the registry in turn."""
    async with opened_bench(request.param, sandbox_url) as opened:
        yield opened


@pytest_asyncio.fixture
async def stripe_bench(sandbox_url: str) -> AsyncIterator[Bench]:
    async with opened_bench("stripe", sandbox_url) as opened:
        yield opened
