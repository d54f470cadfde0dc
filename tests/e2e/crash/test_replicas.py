"""Several servers over one database do each piece of background work once, also when one of them comes back from the dead."""

from datetime import timedelta

from tests.e2e.crash.errands import Retry, cut_off, every_errand, prepared
from tests.e2e.crash.gateway import SimulatedGateway
from tests.e2e.crash.process import ServerProcess, news_of
from tests.e2e.crash.shop import Shop, Shops
from tests.e2e.crash.steps import GATEWAY_ANSWERED, GATEWAY_ASKED

# Longer than every lease, and than the time after which an attempt is taken for lost.
_LONGER = timedelta(minutes=2)


async def test_each_job_is_done_by_one_server(postgres_shops: Shops, gateway: SimulatedGateway) -> None:
    """Two servers that begin at once take different jobs, together all of them."""
    shop = postgres_shops()
    left = await _left_behind(shop, gateway)
    async with shop.open(_LONGER) as (first, _), shop.replica().open(_LONGER) as (second, _):
        for server in (first, second):
            server.stop_at(GATEWAY_ASKED)
            server.begin_background()
        while first.standing + second.standing < len(left):
            await news_of(first, second)
        assert sorted(_asked(first) + _asked(second)) == sorted(left)
        first.release()
        second.release()
        await shop.assert_in_order(await shop.at_rest(first, second), set())
        assert sorted(_asked(first) + _asked(second)) == sorted(left)


async def test_a_server_that_lost_its_jobs_changes_nothing(postgres_shops: Shops, gateway: SimulatedGateway) -> None:
    """One that stood still with the gateway's answers in its hand, until another one took its jobs over, finds everything settled."""
    shop = postgres_shops()
    left = await _left_behind(shop, gateway)
    async with shop.open(_LONGER) as (first, _), shop.replica().open(2 * _LONGER) as (second, _):
        first.stop_at(GATEWAY_ANSWERED)
        first.begin_background()
        while not first.standing:
            await first.news()
        second.begin_background()
        books = await shop.at_rest(second)
        assert sorted(_asked(second)) == sorted(left)
        await shop.assert_in_order(books, set())
        first.release()
        while first.under_way:
            await first.news()
        assert await shop.books() == books


async def _left_behind(shop: Shop, gateway: SimulatedGateway) -> list[str]:
    """The attempts and refunds of calls whose server died before anything was settled: more than one server takes at a time."""
    errands = every_errand(Retry.FIRST, Retry.LAST)
    async with shop.open() as (server, caller):
        await prepared(errands, caller, gateway)
        await cut_off(server, caller, errands, GATEWAY_ANSWERED)
    books = await shop.books()
    attempts = [str(attempt.id) for attempt in books.attempts if attempt.status == "in_flight"]
    return attempts + [str(refund.id) for refund in books.refunds if refund.status == "pending"]


def _asked(server: ServerProcess) -> list[str]:
    """The attempts and refunds that a server asked the gateway about."""
    return [step.of for step in server.steps if step.name == GATEWAY_ASKED]
