"""The gateways as the settings configure them, opened when they are first used."""

import hmac
from collections.abc import Sequence
from hashlib import sha256

from gateways.registry import build
from gateways.setup import OpenGateway, Setup
from server.domain.attempt import Attempt
from server.domain.clock import Clock
from server.domain.errors import GatewayNotEnabled, GatewayUnsupported
from server.domain.gateway import Gateway
from server.settings import Settings

# The version of credentials that come from the environment; saved ones count from 1.
_FROM_ENVIRONMENT = 0

# The contract's gateways. One that has no adapter here is, to a caller, one that is not configured.
_NAMES = frozenset({"stripe", "alipay", "wechat", "paypal"})


class ConfiguredGateways:
    """The default merchant's gateways. They belong to the event loop that uses them first."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._open: dict[str, OpenGateway] = {}

    def open_configured(self) -> None:
        """Opens what is configured, so that the first payment does not wait for a gateway's library."""
        if self._settings.stripe is not None:
            self._gateway("stripe")

    async def enabled(self, _merchant_id: str, name: str) -> Gateway:
        """The gateway for a new payment. Raises GatewayUnsupported or GatewayNotEnabled."""
        if name not in _NAMES:
            raise GatewayUnsupported
        return self._gateway(name)

    async def of_attempt(self, attempt: Attempt) -> Gateway:
        """The gateway that the attempt was made with."""
        return self._gateway(attempt.gateway)

    async def versions(self, _merchant_id: str, name: str) -> Sequence[Gateway]:
        """The gateway with every credential that something may still be signed with."""
        return [self._gateway(name)] if name == "stripe" and self._settings.stripe is not None else []

    async def close(self) -> None:
        """Closes the gateways' connections."""
        while self._open:
            _, gateway = self._open.popitem()
            await gateway.aclose()

    def _gateway(self, name: str) -> Gateway:
        if name not in self._open:
            self._open[name] = build(name, self._setup(name))
        return self._open[name]

    def _setup(self, name: str) -> Setup:
        stripe = self._settings.stripe
        if name != "stripe" or stripe is None:
            raise GatewayNotEnabled(name)
        return Setup(
            config={"secret_key": stripe.secret_key},
            config_version=_FROM_ENVIRONMENT,
            clock=self._clock,
            fingerprint=Fingerprints(self._settings.derived_key("card fingerprint")),
            default_return_url=self._settings.return_url,
            base_url=stripe.base_url,
            timeout_seconds=self._settings.gateway_timeout_seconds,
        )


class Fingerprints:
    """Turns a gateway's fingerprint of a card into ours: the same for the same card, and nothing that another service could compare."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def __call__(self, theirs: str) -> str:
        """`fp_` and 32 hexadecimal digits of a keyed hash."""
        return "fp_" + hmac.digest(self._key, theirs.encode(), sha256).hex()[:32]
