"""Posts what gateways have moved on a merchant's balance by themselves: their lists alone tell of it."""

import logging
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import assert_never

from server.domain.clock import Clock, whole_seconds
from server.domain.gateway import Capabilities, Gateway
from server.domain.jobs import Job
from server.domain.own_movement import ListedMovement, OwnMovement, UnreadableMovement, own_movement_id
from server.domain.ports import Store, UniqueViolation
from server.operations.heard import Heard
from server.operations.journal import Journal

_LOG = logging.getLogger(__name__)

# What such a list did not tell for so long, because we were not allowed to read it say, is not posted any more.
_LOOKED_BACK_FOR = timedelta(days=30)
_LOOKED_FOR_AT_ONCE = 128


class OwnMovementLists:
    """Each is posted once, whoever reads of it and however often: its id is made of the gateway's number, which the database has once."""

    # Nobody waits for one: gateways reckon their fees up once a day or less often.
    every = timedelta(minutes=10)

    def __init__(self, store: Store, journal: Journal, clock: Clock) -> None:
        self._store = store
        self._journal = journal
        self._clock = clock
        self._heard = Heard()

    def kept_by(self, capabilities: Capabilities) -> bool:
        """Whether such a gateway lists what it moves by itself."""
        return capabilities.own_movements

    def since(self, job: Job, now: datetime) -> datetime:
        """What was moved before the list was first followed is left alone: the books know nothing of the balance that it was moved on."""
        return max(now - _LOOKED_BACK_FOR, job.created_at)

    async def take_in(self, merchant_id: str, gateway: Gateway, since: datetime, *, newest: bool) -> bool:
        """Posts what is not known. The newest credentials alone speak: nothing that others list was made with them."""
        if not newest:
            return True
        listed = await gateway.own_movements(since)
        for news in _in_parts(self._readable(merchant_id, gateway, listed or ())):
            ids = {own_movement_id(gateway.name, each.gateway_transaction_id): each for each in news}
            known = await self._store.read(lambda tx, ids=ids: tx.own_movements.known(merchant_id, list(ids)))  # type: ignore[misc]
            for movement_id, movement in ids.items():
                if movement_id not in known:
                    await self._post(merchant_id, gateway, movement)
        return listed is not None

    def _readable(self, merchant_id: str, gateway: Gateway, listed: Sequence[ListedMovement]) -> Iterator[OwnMovement]:
        for each in listed:
            match each:
                case OwnMovement():
                    yield each
                case UnreadableMovement(gateway_transaction_id=number):
                    if self._heard.note((merchant_id, gateway.name, number), 0):
                        facts = {"gateway": gateway.name, "gateway_transaction": number}
                        _LOG.warning("a gateway's own movement cannot be posted; look into it", extra=facts)
                case _:
                    assert_never(each)

    async def _post(self, merchant_id: str, gateway: Gateway, movement: OwnMovement) -> None:
        at = whole_seconds(self._clock.now())
        try:
            await self._store.transaction(
                lambda tx: self._journal.open_own_movement(tx, merchant_id, gateway.name, movement, at)
            )
        except UniqueViolation:
            movement_id = own_movement_id(gateway.name, movement.gateway_transaction_id)
            # Another replica was first; anything else that is there already is a fault.
            if not await self._store.read(lambda tx: tx.own_movements.known(merchant_id, [movement_id])):
                raise


def _in_parts(movements: Iterator[OwnMovement]) -> Iterator[Sequence[OwnMovement]]:
    """One statement has places for so many."""
    everything = list(movements)
    for first in range(0, len(everything), _LOOKED_FOR_AT_ONCE):
        yield everything[first : first + _LOOKED_FOR_AT_ONCE]
