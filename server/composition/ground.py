"""What every part stands on."""

from dataclasses import dataclass

from server.domain.clock import Clock
from server.domain.gateway import Gateways
from server.domain.ids import Ids
from server.domain.ports import Store
from server.operations.journal import Journal


@dataclass(frozen=True, slots=True)
class Ground:
    """Storage and gateways, time and ids, and the one journal of what changes."""

    store: Store
    gateways: Gateways
    clock: Clock
    ids: Ids
    journal: Journal
