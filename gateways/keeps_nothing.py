"""What a gateway says that keeps no payment methods for customers, and whose capabilities tell so."""

from server.domain.gateway import Instrument, Owner
from server.domain.outcomes import KeepOutcome, Refused


class KeepsNothing:
    """Nobody asks such a gateway; somebody who did would learn that nothing is kept."""

    async def keep(self, _instrument: Instrument, _owner: Owner, _key: str) -> KeepOutcome:
        return Refused("This gateway keeps no payment methods.")

    async def let_go(self, _token: str) -> bool:
        return True
