"""A gateway that approves at once and in this process, so that what is measured is the service alone."""

from collections.abc import Mapping, Sequence

from gateways.dispute_lists import NoDisputes
from gateways.no_evidence import NoEvidence
from gateways.no_own_movements import NoOwnMovements
from gateways.no_payouts import NoPayouts
from server.domain.attempt import Attempt
from server.domain.callback import CallbackMessage, Check, CheckResult, Reading
from server.domain.currencies import EXPONENTS
from server.domain.gateway import Capabilities, Gateway, Gateways, Instrument, Owner, Wish
from server.domain.money import Money
from server.domain.outcomes import (
    Approved,
    Canceled,
    Card,
    KeepOutcome,
    Kept,
    Outcome,
    Refunded,
    RefundOutcome,
    Tokenised,
    TokeniseOutcome,
)
from server.domain.payment import CaptureMethod, PaymentMethodKind
from server.domain.payout import Payout
from server.domain.refund import Refund

_CARD = Card(brand="visa", last4="4242", exp_month=12, exp_year=2035, fingerprint="fp_00000000000000000000000000000000")


class InstantGateway(NoDisputes, NoEvidence, NoOwnMovements, NoPayouts):
    """Approves everything without waiting."""

    name = "stripe"
    config_version = 0
    capabilities = Capabilities(
        methods=frozenset({PaymentMethodKind.CARD}),
        capture_methods=frozenset(CaptureMethod),
        partial_capture=True,
        currencies=frozenset(EXPONENTS),
        keeps=frozenset({PaymentMethodKind.CARD}),
    )

    def check_amount(self, money: Money) -> None:
        """Every amount is one."""

    def request_for(self, wish: Wish) -> Mapping[str, str]:
        """What Stripe's adapter stores, about."""
        return {"payment_method": wish.token or "", "capture_method": wish.capture_method.value}

    async def tokenise(self, _instrument: Instrument, key: str) -> TokeniseOutcome:
        """A token and a card."""
        return Tokenised(f"pm_{key}", _CARD)

    async def keep(self, _instrument: Instrument, owner: Owner, key: str) -> KeepOutcome:
        """A token and a card."""
        return Kept(f"pm_{key}", f"cus_{owner.customer_id}", _CARD)

    async def let_go(self, _token: str) -> bool:
        """At once."""
        return True

    async def authorise(self, attempt: Attempt) -> Outcome:
        """Approved and captured, less a fee: with all that Stripe says of a payment."""
        amount_minor = attempt.money.amount_minor
        return Approved(f"pi_{attempt.id}", amount_minor, captured=True, fee_minor=amount_minor // 30)

    capture = resume = fetch = authorise

    async def void(self, attempt: Attempt) -> Outcome:
        """Ended."""
        return Canceled(f"pi_{attempt.id}")

    async def refund(self, refund: Refund, _charge: Attempt) -> RefundOutcome:
        """Returned."""
        return Refunded(f"re_{refund.id}")

    resume_refund = refund

    async def read_callback(self, message: CallbackMessage) -> Reading:
        """Whatever it has to tell it tells at once: nothing is a callback of its."""
        return Reading((Check("signature", CheckResult.FAILED, explanation="this gateway tells nothing by itself"),))


class InstantGateways:
    """Stripe answers at once for everybody; the other gateways are as they are configured, and only called for what they do by themselves."""

    def __init__(self, others: Gateways) -> None:
        self._gateway = InstantGateway()
        self._others = others

    async def enabled(self, merchant_id: str, name: str) -> Gateway:
        """The gateway for a new payment."""
        return self._gateway if name == self._gateway.name else await self._others.enabled(merchant_id, name)

    async def of_attempt(self, attempt: Attempt) -> Gateway:
        """The gateway that the attempt was made with."""
        return self._gateway if attempt.gateway == self._gateway.name else await self._others.of_attempt(attempt)

    async def of_payout(self, payout: Payout) -> Gateway:
        """The gateway that the payout was made with."""
        return self._gateway if payout.gateway == self._gateway.name else await self._others.of_payout(payout)

    async def versions(self, merchant_id: str, name: str) -> Sequence[Gateway]:
        """The gateway with each of its credentials."""
        return [self._gateway] if name == self._gateway.name else await self._others.versions(merchant_id, name)

    async def newest_version(self, merchant_id: str, name: str) -> int:
        """The version of its newest credentials."""
        if name == self._gateway.name:
            return self._gateway.config_version
        return await self._others.newest_version(merchant_id, name)
