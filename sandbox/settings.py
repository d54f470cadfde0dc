"""How a sandbox is set up: where it keeps its state, who its first merchant is, how fast its time goes."""

from dataclasses import dataclass, field
from pathlib import Path

from sandbox.courier import CourierSettings


@dataclass(frozen=True)
class StripeMerchant:
    """The merchant that the sandbox's Stripe knows from the start; without a URL and a secret it gets no webhooks.

    `webhook_events` are the types of events that it asked for; `*` is all of them.
    """

    secret_key: str = field(repr=False)
    webhook_secret: str | None = field(default=None, repr=False)
    webhook_url: str | None = None
    webhook_events: tuple[str, ...] = ("*",)


@dataclass(frozen=True)
class SandboxSettings:
    """`later_seconds` is how long the gateways' "some time later" takes; `seed` makes faults by chance repeatable."""

    data_dir: Path
    stripe: StripeMerchant | None = None
    public_url: str | None = None
    later_seconds: float = 0.5
    seed: int | None = None
    most_waiting_callbacks: int = 10_000
    courier: CourierSettings = field(default_factory=CourierSettings)
