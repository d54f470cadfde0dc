"""An idempotency key whose time is over stands for nothing any more: the same call under it is a new one."""

from datetime import timedelta

from tests.e2e.crash.errands import Errand, Retry
from tests.e2e.crash.scenes import PAY_BY_CARD
from tests.e2e.crash.shop import Shops

_KEYS_ARE_KEPT = timedelta(hours=24)
_FORGOTTEN = "after Housekeeping.tidy committed"


async def test_a_forgotten_key_pays_anew(sqlite_shops: Shops) -> None:
    """The gateway may keep its own keys for longer than we keep ours; that must not be in the way of a card that is good."""
    shop, errand = sqlite_shops(), Errand(PAY_BY_CARD, Retry.LAST)
    async with shop.open() as (_, caller):
        await errand.run(caller)
        first = errand.answer
    async with shop.open(_KEYS_ARE_KEPT + timedelta(minutes=1)) as (server, caller):
        server.begin_background()
        while all(step.name != _FORGOTTEN for step in server.steps):
            await server.news()
        await errand.run(caller)
        second = errand.answer
    assert first is not None
    assert second is not None
    assert (first.outcome, second.outcome) == (errand.scene.outcome,) * 2
    assert first.payment_id != second.payment_id
