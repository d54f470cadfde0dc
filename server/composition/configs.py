"""What saves gateways' configurations."""

from gateways.registry import FORMS
from server.composition.choices import Configuring
from server.composition.following import FOLLOWED
from server.domain.clock import Clock
from server.domain.ids import Ids
from server.domain.ports import Store
from server.operations.config_secrets import ConfigSecrets
from server.operations.config_settings import SettingsCheck
from server.operations.configuring import ConfigOperations


def config_operations(store: Store, clock: Clock, ids: Ids, configuring: Configuring) -> ConfigOperations:
    """What saves configurations, for callers and for commands."""
    return ConfigOperations(
        store=store,
        secrets=ConfigSecrets(configuring.vault, ids),
        forms=FORMS,
        check=SettingsCheck(configuring.local_urls),
        clock=clock,
        followed=FOLLOWED,
    )
