"""The gateways as merchants and the settings configure them, opened when they are first used."""

import logging
from collections.abc import Mapping, Sequence

from gateways.registry import NAMES, build
from gateways.setup import Misconfigured, OpenGateway, Setup
from server.domain.access import DEFAULT_MERCHANT
from server.domain.attempt import Attempt
from server.domain.clock import Clock
from server.domain.errors import GatewayNotEnabled, GatewayUnsupported
from server.domain.gateway import Gateway
from server.domain.payment_config import PaymentConfig
from server.domain.payout import Payout
from server.domain.ports import Store
from server.domain.vault import SealBroken, UnknownEncryptionKey
from server.fingerprints import Fingerprints
from server.open_gateways import GatewayKey, OpenGateways
from server.operations.config_secrets import ConfigSecrets
from server.settings import PREFIX, Settings, SettingsError, ca_file_setting

_LOG = logging.getLogger(__name__)

# The version of credentials that come from the environment; saved ones count from 1.
_FROM_ENVIRONMENT = 0

# Anybody's callback is tried with so many versions, and each is opened for it; who changes keys more often within a payment's life can replay a callback.
_MOST_VERSIONS = 5
_MOST_OPEN = 64

_SEALED_OTHERWISE = f"{PREFIX}HASH_KEY, or a key in {PREFIX}ENCRYPTION_KEYS, is not the one under its id that the secrets of {{gateway}} were encrypted under; or they were changed in the database"


class ConfiguredGateways:
    """Every merchant's gateways; a saved configuration wins over the environment. They belong to the event loop that uses them first."""

    def __init__(self, settings: Settings, clock: Clock, store: Store, secrets: ConfigSecrets) -> None:
        self._settings = settings
        self._clock = clock
        self._store = store
        self._secrets = secrets
        self._open = OpenGateways(clock, _MOST_OPEN)

    async def open_configured(self) -> None:
        """Opens what the default merchant pays through, so that the first payment does not wait for a gateway's library.

        Raises SettingsError when the environment's credentials cannot be used, a configuration is encrypted under a key that is not given or is another one by now, or a file of a gateway's authorities is not there.
        """
        missing = [name for name, file in self._settings.ca_files.items() if not file.is_file()]
        if missing:
            raise SettingsError([f"{PREFIX}{ca_file_setting(name)} must name a PEM file" for name in missing])
        saved = await self._store.read(lambda tx: tx.payment_configs.list(DEFAULT_MERCHANT))
        on = {config.gateway: config.version for config in saved if config.enabled and config.gateway in NAMES}
        for name in environment_gateways(self._settings) - {config.gateway for config in saved}:
            on[name] = _FROM_ENVIRONMENT
        for name, version in sorted(on.items()):
            await self._open_early(GatewayKey(DEFAULT_MERCHANT, name, version))

    async def enabled(self, merchant_id: str, name: str) -> Gateway:
        """The gateway for a new payment, as it is configured at this moment. Raises GatewayUnsupported or GatewayNotEnabled."""
        if name not in NAMES:
            raise GatewayUnsupported
        config = await self._config(merchant_id, name)
        if config is not None and not config.enabled:
            raise GatewayNotEnabled(name)
        return await self._gateway(
            GatewayKey(merchant_id, name, _FROM_ENVIRONMENT if config is None else config.version)
        )

    async def of_attempt(self, attempt: Attempt) -> Gateway:
        """The gateway with the credentials that the attempt was made with, enabled or not."""
        return await self._gateway(GatewayKey(attempt.merchant_id, attempt.gateway, attempt.config_version))

    async def of_payout(self, payout: Payout) -> Gateway:
        """The gateway with the credentials that the payout was made or first seen with, enabled or not."""
        return await self._gateway(GatewayKey(payout.merchant_id, payout.gateway, payout.config_version))

    async def versions(self, merchant_id: str, name: str) -> Sequence[Gateway]:
        """The gateway with each of the merchant's last credentials that can be used, newest first; those from the environment are the oldest."""
        if name not in NAMES:
            return []
        newest = await self.newest_version(merchant_id, name)
        numbers = list(range(newest, max(0, newest - _MOST_VERSIONS), -1))
        if merchant_id == DEFAULT_MERCHANT and name in environment_gateways(self._settings):
            numbers.append(_FROM_ENVIRONMENT)
        keys = [GatewayKey(merchant_id, name, number) for number in numbers]
        return [gateway for key in keys if (gateway := await self._usable(key)) is not None]

    async def newest_version(self, merchant_id: str, name: str) -> int:
        """The version of what the merchant has saved last, whether it can be used or not; 0 where the environment's are all that there is."""
        config = await self._config(merchant_id, name)
        return _FROM_ENVIRONMENT if config is None else config.version

    async def close(self) -> None:
        """Closes the gateways' connections."""
        await self._open.close()

    async def _usable(self, key: GatewayKey) -> Gateway | None:
        """None for old credentials that cannot be read or used any more: the others may still prove a callback."""
        try:
            return await self._gateway(key)
        except (UnknownEncryptionKey, SealBroken, Misconfigured) as error:
            facts = {"gateway": key.gateway, "version": key.version, "error": str(error)}
            _LOG.error("a configuration cannot be used for callbacks", extra=facts)
            return None

    async def _open_early(self, key: GatewayKey) -> None:
        try:
            await self._gateway(key)
        except UnknownEncryptionKey as error:
            raise SettingsError([str(error)]) from None
        except SealBroken:
            raise SettingsError([_SEALED_OTHERWISE.format(gateway=key.gateway)]) from None
        except Misconfigured as error:
            if key.version == _FROM_ENVIRONMENT:
                raise SettingsError([f"{PREFIX}{key.gateway.upper()}_{error.field.upper()} {error.message}"]) from None
            # The other gateways are of use all the same; who pays with this one is told of it.
            facts = {"gateway": key.gateway, "version": key.version, "field": error.field}
            _LOG.error("a saved configuration cannot be used any more; save it anew", extra=facts)

    async def _config(self, merchant_id: str, name: str) -> PaymentConfig | None:
        return await self._store.look_up(lambda tx: tx.payment_configs.find(merchant_id, name))

    async def _gateway(self, key: GatewayKey) -> Gateway:
        if (known := self._open.get(key)) is not None:
            return known
        config = await self._settings_of(key)
        # Another call may have opened it while this one was reading.
        return self._open.get(key) or self._opened(key, config)

    async def _settings_of(self, key: GatewayKey) -> Mapping[str, str]:
        """The merchant's settings at a gateway. Raises GatewayNotEnabled where neither the environment nor anybody has given any."""
        if key.version == _FROM_ENVIRONMENT:
            given = environment_config(self._settings, key.gateway) if key.merchant_id == DEFAULT_MERCHANT else None
            if given is None:
                raise GatewayNotEnabled(key.gateway)
            return given
        opened = await self._store.look_up(lambda tx: self._secrets.read(tx, key.merchant_id, key.gateway, key.version))
        return opened.settings

    def _opened(self, key: GatewayKey, config: Mapping[str, str]) -> OpenGateway:
        gateway = build(
            key.gateway,
            Setup(
                config=config,
                config_version=key.version,
                clock=self._clock,
                fingerprint=Fingerprints(self._settings.derived_key("card fingerprint")),
                default_return_url=self._settings.return_url,
                base_url=self._settings.base_urls.get(key.gateway),
                timeout_seconds=self._settings.gateway_timeout_seconds,
                pay_within=self._settings.pay_within,
                ca_file=self._settings.ca_files.get(key.gateway),
            ),
        )
        self._open.add(key, gateway)
        return gateway


def environment_gateways(settings: Settings) -> frozenset[str]:
    """The gateways that the environment configures."""
    return frozenset(name for name in NAMES if environment_config(settings, name) is not None)


def environment_config(settings: Settings, name: str) -> Mapping[str, str] | None:
    """The default merchant's settings at a gateway as the environment gives them."""
    stripe = settings.stripe
    if name != "stripe" or stripe is None:
        return None
    webhook = {} if stripe.webhook_secret is None else {"webhook_secret": stripe.webhook_secret}
    return {"secret_key": stripe.secret_key} | webhook
