"""A call that was on its way to the gateway when the server died, and arrives when nobody waits for it any more."""

import asyncio
from datetime import timedelta

from tests.e2e.crash.errands import Errand, Retry
from tests.e2e.crash.gateway import SimulatedGateway
from tests.e2e.crash.scenes import PAY_BY_CARD
from tests.e2e.crash.shop import Shops
from tests.e2e.crash.steps import GATEWAY_ANSWERED
from tests.e2e.polling import until

# Longer than every lease, and than the time after which an attempt is taken for lost.
_LONGER = timedelta(minutes=2)


async def test_a_charge_that_arrives_after_the_death_is_found_and_not_repeated(
    sqlite_shops: Shops, gateway: SimulatedGateway
) -> None:
    """The next server asks while the gateway still works on the call, learns nothing, and asks again until it knows."""
    shop, errand = sqlite_shops(), Errand(PAY_BY_CARD, Retry.LAST)
    before = await gateway.held()
    await gateway.control.fault("pay", "slow", delay_ms=2_000)
    async with shop.open() as (server, caller):
        call = asyncio.ensure_future(errand.run_until_cut_off(caller))
        await gateway.reached()
        await server.kill()
        await call
    async with shop.open(_LONGER) as (server, _):
        server.begin_background()
        while server.under_way or all(step.name != GATEWAY_ANSWERED for step in server.steps):
            await server.news()
    await until(gateway.held, lambda held: len(held) > len(before), within_seconds=10)
    async with shop.open(2 * _LONGER) as (server, caller):
        server.begin_background()
        await shop.assert_in_order(await shop.at_rest(server), set())
        await errand.retry_now(caller)
    assert len(await gateway.held()) == len(before) + 1
