"""The port that every gateway is behind."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from server.domain.attempt import Attempt
from server.domain.callback import CallbackMessage, Reading
from server.domain.dispute import Dispute
from server.domain.dispute_list import DisputeSighting, ListedDispute
from server.domain.evidence import Evidence, Submission
from server.domain.evidence_outcomes import EvidenceOutcome
from server.domain.file import Document, StoredFile
from server.domain.money import Money
from server.domain.outcomes import KeepOutcome, Outcome, RefundOutcome, TokeniseOutcome
from server.domain.own_movement import ListedMovement
from server.domain.payment import CaptureMethod, ConfirmationMethod, FutureUsage, PaymentMethodKind
from server.domain.payout import Payout
from server.domain.payout_outcomes import PayoutOutcome, PayoutReport
from server.domain.refund import Refund


@dataclass(frozen=True, slots=True, repr=False)
class RawCard:
    """A card as the caller gave it. It lives in memory until the gateway has it, and has no representation that could reach a log."""

    number: str
    exp_month: int
    exp_year: int
    cvc: str | None


@dataclass(frozen=True, slots=True, repr=False)
class Instrument:
    """What the caller wants to pay with: a raw card, the gateway's own token, or details of another kind (an Alipay channel, say)."""

    kind: PaymentMethodKind
    card: RawCard | None = None
    token: str | None = None
    details: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose payment method it is: a merchant's customer, with the gateway's own number for them once it has given one."""

    merchant_id: str
    customer_id: UUID
    gateway_customer_id: str | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """What an authorisation is to say at the gateway, beside amount and reference.

    `gateway_customer_id` is whose the token is, where the gateway keeps it for a customer; `off_session` says that the customer is not there to be asked.
    """

    kind: PaymentMethodKind
    token: str | None
    capture_method: CaptureMethod
    confirmation_method: ConfirmationMethod
    description: str | None
    receipt_email: str | None
    return_url: str | None
    cancel_url: str | None
    metadata: Mapping[str, str]
    details: Mapping[str, str]
    gateway_customer_id: str | None = None
    setup_future_usage: FutureUsage | None = None
    off_session: bool = False


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a gateway can do; what it lacks is absent. The table that validation uses and GetCapabilities shows."""

    methods: frozenset[PaymentMethodKind]
    capture_methods: frozenset[CaptureMethod]
    partial_capture: bool
    currencies: frozenset[str]
    refund: bool = True
    partial_refund: bool = True
    keeps: frozenset[PaymentMethodKind] = frozenset()
    """The kinds of payment methods that it keeps for customers."""
    disputes: bool = False
    dispute_evidence: bool = False
    payouts: bool = False
    payout_cancel: bool = False
    own_movements: bool = False
    """It tells of the fees and adjustments that belong to nothing else."""


class Refunder(Protocol):
    """The part of a gateway that returns money. `charge` is the payment's authorisation, with its reference and the gateway's number."""

    async def refund(self, refund: Refund, charge: Attempt) -> RefundOutcome:
        """Returns `refund.money` under `refund.reference`; the same number is never paid back twice, however often it is sent. NotSent only when provably nothing was."""
        ...

    async def resume_refund(self, refund: Refund, charge: Attempt) -> RefundOutcome:
        """Finds out, or completes, a refund whose outcome is not known or not final, under the same number: an earlier call may have been executed, so never NotSent.

        That the gateway knows no such refund is no proof of failure: the same number is sent again.
        """
        ...


class Keeper(Protocol):
    """The part of a gateway that keeps payment methods, so that customers can pay with them again; only asked of a gateway whose capabilities say so."""

    async def keep(self, instrument: Instrument, owner: Owner, key: str) -> KeepOutcome:
        """Makes a token of what the caller gave and keeps it for its owner, whom the gateway gets to know first. No money moves. `key` makes a repeated call the same call."""
        ...

    async def let_go(self, token: str) -> bool:
        """Nobody can pay with the token any more; False when the gateway has not told so yet, and must be asked again."""
        ...


class Pleader(Protocol):
    """The part of a gateway that takes evidence for disputes. Never called where `capabilities.dispute_evidence` is False."""

    def check_evidence(self, evidence: Evidence, file: StoredFile | None) -> None:
        """Raises ValidationError for what the gateway would not take, before anything is recorded. `file` is the one that the evidence names."""
        ...

    async def submit_evidence(
        self, submission: Submission, dispute: Dispute, document: Document | None
    ) -> EvidenceOutcome:
        """Sends evidence for the first time. NotSent only when provably nothing was; it moves no money."""
        ...

    async def resume_evidence(
        self, submission: Submission, dispute: Dispute, document: Document | None
    ) -> EvidenceOutcome:
        """Finds out whether the gateway has this very evidence, and sends it again when it does not: an earlier call may have been executed, so never NotSent."""
        ...


class DisputeTeller(Protocol):
    """The part of a gateway that tells of disputes when asked; only asked of a gateway whose capabilities say that it has disputes."""

    async def disputes(self, since: datetime) -> Sequence[ListedDispute] | None:
        """Every dispute that the gateway has opened since, oldest first, and maybe older ones that have changed since; of a thousand and more the newest. None when it does not tell."""
        ...

    async def dispute(self, gateway_dispute_id: str) -> DisputeSighting | None:
        """All of a dispute that `disputes` gave a summary of; None when the gateway does not tell."""
        ...


class Payer(Protocol):
    """The part of a gateway that sends money to the merchant's bank when asked, and tells of what it sends; only asked of a gateway whose capabilities say so."""

    async def pay_out(self, payout: Payout) -> PayoutOutcome:
        """Sends `payout.money` under `payout.reference`, for the first time. NotSent only when provably nothing was."""
        ...

    async def stop_payout(self, payout: Payout) -> PayoutOutcome:
        """Stops a payout that the gateway has, for the first time under this order; what it stands at instead where that cannot be stopped any more."""
        ...

    async def resume_payout(self, payout: Payout) -> PayoutOutcome:
        """Finds out, or completes, a payout or the order to stop it whose outcome is not known: an earlier call may have been executed, so never NotSent.

        The same payout is never made twice. PayoutRefused only when it was not made and will not be any more, or stands unstopped.
        """
        ...

    async def payouts(self, since: datetime) -> Sequence[PayoutReport] | None:
        """Every payout that the gateway has made since, whoever asked for it, oldest first; None when it does not tell."""
        ...


class OwnMover(Protocol):
    """The part of a gateway that tells what it moves on the merchant's balance by itself; only asked of a gateway whose capabilities say so."""

    async def own_movements(self, since: datetime) -> Sequence[ListedMovement] | None:
        """Every fee and every adjustment since that belongs to no payment, refund, dispute or payout, oldest first; of very many the newest. None when it does not tell."""
        ...


class Gateway(Refunder, Keeper, Pleader, DisputeTeller, Payer, OwnMover, Protocol):
    """A gateway with one merchant's credentials. Every answer is an outcome; a call never raises for what the gateway or the network does, and is bounded in time."""

    @property
    def name(self) -> str:
        """The registry's key, such as `stripe`."""
        ...

    @property
    def config_version(self) -> int:
        """The version of the credentials it was made with; attempts keep it."""
        ...

    @property
    def capabilities(self) -> Capabilities:
        """What it can do."""
        ...

    def check_amount(self, money: Money) -> None:
        """Raises InvalidAmount for an amount that the gateway cannot express."""
        ...

    def request_for(self, wish: Wish) -> Mapping[str, str]:
        """What an attempt stores, so that byte-identical parameters can be sent again at any time. Holds tokens, never a card number."""
        ...

    async def tokenise(self, instrument: Instrument, key: str) -> TokeniseOutcome:
        """Makes a token of what the caller gave; moves no money. `key` makes a repeated call the same call."""
        ...

    async def authorise(self, attempt: Attempt) -> Outcome:
        """Reserves the money, and takes it where the payment captures automatically."""
        ...

    async def capture(self, attempt: Attempt) -> Outcome:
        """Takes `attempt.money` of an authorised payment and releases the rest; what is captured already is Approved."""
        ...

    async def void(self, attempt: Attempt) -> Outcome:
        """Ends a payment before capture; what has been captured meanwhile is Approved."""
        ...

    async def resume(self, attempt: Attempt) -> Outcome:
        """Finds out, or completes, an attempt whose outcome is not known or that waits for the customer, by the gateway's own safe way; never starts a second one.

        A payment that waits for us after the customer's part is confirmed. An earlier call may have been executed: never NotSent.
        """
        ...

    async def fetch(self, attempt: Attempt) -> Outcome:
        """Reads where the attempt's payment stands at the gateway; sends nothing that changes it."""
        ...

    async def read_callback(self, message: CallbackMessage) -> Reading:
        """Checks the signature and every number that names the merchant, and reads what the callback says. Never raises for what came from outside.

        Whether amount and payment agree with what was asked for is the caller's to check. Bounded in time where the gateway must be asked.
        """
        ...


class Gateways(Protocol):
    """The gateways of every merchant, as they are configured."""

    async def enabled(self, merchant_id: str, name: str) -> Gateway:
        """The gateway for a new payment. Raises GatewayUnsupported or GatewayNotEnabled."""
        ...

    async def of_attempt(self, attempt: Attempt) -> Gateway:
        """The gateway with the credentials that the attempt was made with, enabled or not."""
        ...

    async def of_payout(self, payout: Payout) -> Gateway:
        """The gateway with the credentials that the payout was made or first seen with, enabled or not."""
        ...

    async def versions(self, merchant_id: str, name: str) -> Sequence[Gateway]:
        """A gateway with each of the merchant's credentials that something may still be signed with, newest first, enabled or not; a bounded number of them, and none that cannot be used."""
        ...

    async def newest_version(self, merchant_id: str, name: str) -> int:
        """The version of the merchant's newest credentials, though nothing can be done with them at the moment: older ones do not take their place."""
        ...
