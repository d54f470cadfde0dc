"""What every gateway lists of disputes: each that was opened since, with what names its payment, however many there are; and what it tells where the list does not tell all."""

from datetime import timedelta
from typing import Any

import pytest

from gateways.setup import OpenGateway
from server.domain.attempt import Attempt
from server.domain.dispute import DisputeStatus
from server.domain.dispute_list import DisputeSighting, DisputeSummary, ListedDispute
from server.domain.outcomes import Approved
from tests.contract.gateways import HASTY_SECONDS, Bench, bench, sandbox_url

__all__ = ["bench", "sandbox_url"]

AN_HOUR = timedelta(hours=1)

# The most that a gateway gives at once, where that is not 50.
_PAGES = {"stripe": 100}


async def charged(bench: Bench, gateway: OpenGateway) -> Attempt:
    """An attempt whose money was taken, at a gateway with disputes."""
    if not gateway.capabilities.disputes:
        pytest.skip("has no disputes")
    attempt = await bench.attempt(gateway)
    outcome = await bench.paid(gateway, attempt, await gateway.authorise(attempt))
    if isinstance(outcome, Approved) and not outcome.captured:
        outcome = await gateway.capture(attempt.settle(outcome, bench.clock.now()))
    assert isinstance(outcome, Approved), outcome
    return attempt.settle(outcome, bench.clock.now())


async def disputed(bench: Bench, charge: Attempt) -> str:
    """The gateway's number for a dispute of the payment."""
    (payment,) = await bench.payments(charge)
    number: str = (await control(bench, "disputes", gateway_payment_id=payment["gateway_payment_id"]))["id"]
    return number


async def control(bench: Bench, path: str, **body: Any) -> dict[str, Any]:
    if path == "disputes":
        body["gateway"] = bench.simulated.gateway
    return await bench.control("POST", path, body)


async def listed(bench: Bench, gateway: OpenGateway) -> dict[str, ListedDispute]:
    found = await gateway.disputes(bench.clock.now() - AN_HOUR)
    assert found is not None
    by_number = {each.gateway_dispute_id: each for each in found}
    assert len(by_number) == len(found)
    return by_number


async def told(bench: Bench, gateway: OpenGateway, number: str) -> DisputeSighting:
    """All that the gateway tells of a dispute, by its list or by its number."""
    found = (await listed(bench, gateway))[number]
    match found:
        case DisputeSighting():
            return found
        case DisputeSummary(rank=rank):
            whole = await gateway.dispute(number)
            assert whole is not None
            # Alipay's list does not tell what was said within a second.
            assert whole.report.rank == rank or (bench.name == "alipay" and whole.report.rank < rank)
            return whole
        case _:
            raise AssertionError(found)


async def test_a_dispute_is_on_the_list_until_long_after_its_end(bench: Bench) -> None:
    """It names its payment by our number or by the gateway's, and says more the longer it goes on."""
    gateway = bench.open()
    charge = await charged(bench, gateway)
    number = await disputed(bench, charge)
    opened = await told(bench, gateway, number)
    assert opened.reference == charge.reference or opened.gateway_payment_id == charge.gateway_payment_id
    assert (opened.report.gateway_dispute_id, opened.report.money) == (number, charge.money)
    assert opened.report.status is DisputeStatus.NEEDS_RESPONSE
    # WeChat Pay's times have whole seconds, and so have PayPal's.
    bench.clock.ahead = timedelta(seconds=1)
    await control(bench, f"disputes/{number}/close", outcome="won")
    ended = await told(bench, gateway, number)
    assert ended.report.status in (DisputeStatus.WON, DisputeStatus.WARNING_CLOSED)
    assert ended.report.rank > opened.report.rank


async def test_every_page_of_the_list_is_read(bench: Bench) -> None:
    """Oldest first."""
    gateway = bench.open()
    charge = await charged(bench, gateway)
    numbers = [await disputed(bench, charge) for _ in range(_PAGES.get(bench.name, 50) + 1)]
    found = list(await listed(bench, gateway))
    assert [number for number in found if number in numbers] == numbers


async def test_what_is_older_is_not_listed(bench: Bench) -> None:
    """By the day at the least."""
    gateway = bench.open()
    await disputed(bench, await charged(bench, gateway))
    assert await gateway.disputes(bench.clock.now() + timedelta(days=2)) == []


@pytest.mark.parametrize("fault", ["http_500", "timeout_before", "rate_limit"])
async def test_a_list_that_does_not_come_is_not_an_empty_one(bench: Bench, fault: str) -> None:
    """None, whatever is the matter."""
    await charged(bench, bench.open())
    await bench.arm("fetch", fault)
    assert await bench.open(HASTY_SECONDS).disputes(bench.clock.now() - AN_HOUR) is None


async def test_wrong_credentials_are_told_nothing(bench: Bench) -> None:
    """None as well."""
    gateway = bench.open(config=bench.simulated.wrong_config)
    if not gateway.capabilities.disputes:
        pytest.skip("has no disputes")
    assert await gateway.disputes(bench.clock.now() - AN_HOUR) is None
