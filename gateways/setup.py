"""What the composition root hands to a gateway when it opens one for a merchant."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Protocol

from server.domain.clock import Clock
from server.domain.config_form import ConfigForm, Misconfigured
from server.domain.gateway import Gateway

__all__ = ["ConfigForm", "Misconfigured", "OpenGateway", "Setup"]


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Setup:
    """One merchant's credentials at a gateway with everything around them; it has no representation that could reach a log.

    `config` holds the merchant's settings, secrets included, under the names of the configuration API. `base_url` is the gateway's own address when None.
    `fingerprint` turns the gateway's fingerprint of a card into ours: a keyed hash with `fp_` in front. `default_return_url` is where a customer lands after a
    challenge when the caller named no page. Every call ends after `timeout_seconds`; one that the gateway turns away as too busy, or that moves no money, is repeated
    after each of `pauses_seconds`. A customer may pay within `pay_within` of the attempt's creation. `ca_file` holds the authorities (PEM) by which the gateway's own
    certificates are trusted; the public ones when None.
    """

    config: Mapping[str, str]
    config_version: int
    clock: Clock
    fingerprint: Callable[[str], str]
    default_return_url: str
    base_url: str | None = None
    timeout_seconds: float = 10.0
    pauses_seconds: tuple[float, ...] = (0.2, 0.5, 1.0)
    pay_within: timedelta = timedelta(minutes=15)
    ca_file: Path | None = None


class OpenGateway(Gateway, Protocol):
    """A gateway that holds connections open. It belongs to the event loop that first uses it."""

    async def aclose(self) -> None:
        """Closes the connections; the gateway cannot be used afterwards."""
        ...
