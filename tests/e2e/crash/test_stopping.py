"""A server that is asked to end lets the calls that change something run to their end, and answers them."""

import asyncio
import os
import signal

from server.processes.group import STOPPED_WITHIN_SECONDS
from tests.e2e.crash.faces import served
from tests.e2e.crash.gateway import SimulatedGateway
from tests.e2e.crash.shop import Shops

_CALLS = 8


async def test_sigterm_lets_calls_under_way_end(postgres_shops: Shops, gateway: SimulatedGateway) -> None:
    """Charges that the gateway still works on are answered, over both faces, and kept; the process ends by itself."""
    shop = postgres_shops()
    async with served(shop) as (group, faces):
        await gateway.control.fault("pay", "slow", count=_CALLS, delay_ms=1_000)
        keys = [f"under way {number}".replace(" ", "-") for number in range(_CALLS)]
        calls = [asyncio.ensure_future(faces.pay(key, rest=number % 2 == 0)) for number, key in enumerate(keys)]
        await gateway.reached()
        os.kill(group.pid("server"), signal.SIGTERM)
        assert {(await call).outcome for call in calls} == {"succeeded 59.49"}
        async with asyncio.timeout(STOPPED_WITHIN_SECONDS):
            assert await group._running["server"].wait() == 0
    await shop.assert_in_order(await shop.books(), set(keys))
