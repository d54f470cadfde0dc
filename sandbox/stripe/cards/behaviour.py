"""What a test card does when it is attached, charged, refunded."""

from dataclasses import dataclass, field
from typing import Literal

Challenge = Literal["never", "always", "unless_set_up", "only_on_session", "when_requested"]


@dataclass(frozen=True)
class Behaviour:
    """An ordinary card does none of this.

    `decline` and `decline_after_challenge` name an entry of `DECLINES`. A failing check is one of `cvc_check`,
    `address_line1_check`, `address_postal_code_check`. `blocked` means refused by Stripe's own fraud rules.
    """

    decline: str | None = None
    attaches: bool = True
    challenge: Challenge = "never"
    decline_after_challenge: str | None = None
    risk_level: str = "normal"
    blocked: bool = False
    checks: dict[str, str] = field(default_factory=dict)
    dispute_reason: str | None = None
    dispute_is_inquiry: bool = False
    refund: Literal["at_once", "pending_then_succeeds", "succeeds_then_fails"] = "at_once"
    available_at_once: bool = False
