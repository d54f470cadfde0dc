"""What gateways there are: those that a customer of the mall is offered, and what each can do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from server.domain.access import DEFAULT_MERCHANT, Caller
from server.domain.gateway import Capabilities
from server.domain.ports import Store

OFFERED = ("alipay", "wechat", "paypal")
"""The mall's gateways, in the order in which it offers them."""


@dataclass(frozen=True, slots=True)
class GatewayStanding:
    """What a gateway can do, and whether new payments can be made through it."""

    name: str
    enabled: bool
    capabilities: Capabilities


class Offering:
    """What everybody sees of the configurations. `from_environment` are the gateways that the default merchant has without a saved one."""

    def __init__(
        self, store: Store, capabilities: Mapping[str, Capabilities], from_environment: frozenset[str]
    ) -> None:
        self._store = store
        self._capabilities = capabilities
        self._from_environment = from_environment

    async def offered(self, caller: Caller) -> Sequence[str]:
        """The gateways that a customer of the mall can pay with, in the order in which they are offered."""
        on = await self._switched(caller)
        return [name for name in OFFERED if on.get(name, False) and name in self._capabilities]

    async def capabilities(self, caller: Caller) -> Sequence[GatewayStanding]:
        """Every gateway, configured or not, by name."""
        on = await self._switched(caller)
        return [
            GatewayStanding(name, on.get(name, False), self._capabilities[name]) for name in sorted(self._capabilities)
        ]

    async def _switched(self, caller: Caller) -> Mapping[str, bool]:
        """Which gateways are on and off; a saved configuration wins over the environment."""
        saved = await self._store.read(lambda tx: tx.payment_configs.list(caller.merchant_id))
        on = dict.fromkeys(self._from_environment, True) if caller.merchant_id == DEFAULT_MERCHANT else {}
        return on | {config.gateway: config.enabled for config in saved}
