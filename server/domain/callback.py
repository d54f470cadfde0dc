"""A gateway's callback: the message as it came, what was checked about it, and the news that it brings once every check has passed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, StrEnum, auto
from typing import Protocol

from server.domain.dispute import DisputeReport
from server.domain.money import Money
from server.domain.outcomes import Outcome, RefundOutcome
from server.domain.payout_outcomes import PayoutReport


class CallbackFormat(StrEnum):
    """In which form a callback came."""

    DOCUMENTED_JSON = "documented_json"
    FORM = "form"
    XML = "xml"
    SIGNED_JSON = "signed_json"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, repr=False)
class CallbackMessage:
    """A callback as it came over HTTP, not believed yet. Headers' names are in lower case. `documented` are the fields of the documented JSON, without `gateway`.

    Whether a signed time is too old or too new is measured against `received_at`, so that a stored callback can be decided about again.
    """

    format: CallbackFormat
    content_type: str
    headers: Mapping[str, str]
    body: bytes
    received_at: datetime
    documented: Mapping[str, str] | None = None


class CheckResult(StrEnum):
    """How a check ended."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"
    """Not made: an earlier check failed, or the format does not carry what it needs."""


@dataclass(frozen=True, slots=True)
class Check:
    """One check of a callback, as an operator reads it. Nothing in it is a secret; texts that came from outside are cut short."""

    name: str
    result: CheckResult
    expected: str | None = None
    actual: str | None = None
    explanation: str | None = None


@dataclass(frozen=True, slots=True)
class PaymentNews:
    """What a callback says of a payment. `money` is what it says was paid, to be compared with what was asked for; None where it names no amount."""

    outcome: Outcome
    money: Money | None = None


@dataclass(frozen=True, slots=True)
class RefundNews:
    """What a callback says of a refund, which `reference` names by our number or `gateway_refund_id` by the gateway's."""

    outcome: RefundOutcome
    reference: str | None = None
    gateway_refund_id: str | None = None
    money: Money | None = None


@dataclass(frozen=True, slots=True)
class DisputeNews:
    """What a callback says of a dispute. The reading's `reference` or `gateway_payment_id` names the payment that is disputed."""

    report: DisputeReport


@dataclass(frozen=True, slots=True)
class PayoutNews:
    """What a callback says of a payout, asked for here or not."""

    report: PayoutReport


@dataclass(frozen=True, slots=True)
class LookUp:
    """Nothing in the callback itself is believed, or it says too little: the gateway must be asked where the payment stands.

    `proven` says whether it is the gateway's own at all; what carries no proof can be anybody's. `settled_too` asks even where the money was taken long ago, as the
    gateway has more to say of it.
    """

    proven: bool = True
    settled_too: bool = False


@dataclass(frozen=True, slots=True)
class NoNews:
    """A kind of callback that changes nothing of ours; `why` says so to an operator."""

    why: str


News = PaymentNews | RefundNews | DisputeNews | PayoutNews | LookUp | NoNews


@dataclass(frozen=True, slots=True)
class Reading:
    """What a gateway made of a callback: its own checks in the order in which they were made, and what it says; `news` is None unless every check passed.

    `reference` is our number for the payment, `gateway_payment_id` and `event_id` are the gateway's for the payment and for this notification.
    `later` says that a check could not be made now (the gateway could not be asked): not refused, and to be tried again.
    """

    checks: tuple[Check, ...]
    news: News | None = None
    reference: str | None = None
    gateway_payment_id: str | None = None
    event_id: str | None = None
    later: bool = False


class Reply(Enum):
    """What a gateway is told about its callback."""

    ACCEPTED = auto()
    """It is taken note of for good; do not send it again."""

    REFUSED = auto()
    """It is not believed."""

    LATER = auto()
    """Nothing is decided, through no fault of the gateway's: send it again."""


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """An HTTP answer in a gateway's own form."""

    status: int
    content_type: str = ""
    body: bytes = b""


class Unreadable(Exception):
    """A callback that is not of the form that it claims to be; the message says why and quotes nothing of it."""


class CallbackDialect(Protocol):
    """How a gateway's own notifications look: what can be told of them before anything is believed, without anybody's credentials."""

    @property
    def secret_fields(self) -> frozenset[str]:
        """The names of what is secret in them: never shown whole, whoever reads them."""
        ...

    def recognises(self, message: CallbackMessage) -> bool:
        """Whether the message has this gateway's form."""
        ...

    def reference_in(self, message: CallbackMessage) -> str | None:
        """Our number for the payment, as the message claims it: to find the credentials by which it is checked. None where only those can tell. Raises Unreadable."""
        ...

    def acknowledgement(self, message: CallbackMessage, reply: Reply) -> Acknowledgement:
        """The answer in the gateway's own form."""
        ...
