"""What a gateway says of payouts: values, as all of a gateway's answers are."""

from dataclasses import dataclass
from datetime import date, datetime

from server.domain.money import Money
from server.domain.outcomes import NotSent, Unknown
from server.domain.payout import PayoutStatus


@dataclass(frozen=True, slots=True)
class PayoutReport:
    """A payout as its gateway has it. `reference` is our number, where the payout was asked for here; `created_at` the gateway's own time, in whole seconds."""

    gateway_payout_id: str
    money: Money
    status: PayoutStatus
    created_at: datetime
    reference: str | None = None
    arrival_date: date | None = None
    failure_reason: str | None = None


@dataclass(frozen=True, slots=True)
class PayoutRefused:
    """The gateway does not make the payout, or does not stop it. `insufficient` says that it holds less than that. `message` is for people and quotes no secret."""

    message: str
    insufficient: bool = False


PayoutOutcome = PayoutReport | PayoutRefused | NotSent | Unknown
