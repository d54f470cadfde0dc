"""Replicas over one database refund one payment at the same moment: together never more than was captured, on both databases."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import pytest_asyncio

from server.composition import Configuring, Operations, compose
from server.domain.errors import AlreadyRefunded, RefundAmountInvalid
from server.domain.outcomes import RefundFailed
from server.domain.payment import Payment, PaymentStatus
from server.domain.refund import Refund, RefundStatus
from server.storage.engine_postgres import PostgresOptions
from server.storage.store import SqlStore, open_store
from server.system import Uuid7
from tests.builders import A_CALLER, a_call, a_vault, a_wish_to_be_paid, a_wish_to_be_refunded, an_id
from tests.clock_and_ids import StoppedClock
from tests.fake_gateway import FakeGateway, FakeGateways, Fault

_FEW_CONNECTIONS = PostgresOptions(writers=4, readers=2)


class Replicas:
    """Two services over one database and one gateway, each with connections of its own."""

    def __init__(
        self, services: tuple[Operations, Operations], store: SqlStore, gateway: FakeGateway, clock: StoppedClock
    ) -> None:
        self.services = services
        self.store = store
        self.gateway = gateway
        self.clock = clock

    async def captured(self) -> Payment:
        """A payment of 59.49 USD."""
        return await self.services[0].payments.create(a_call(1), a_wish_to_be_paid("59.49"))

    async def read(self) -> Payment:
        return await self.services[1].payments.get(A_CALLER, an_id(1))


@pytest_asyncio.fixture
async def replicas(database_url: str) -> AsyncIterator[Replicas]:
    stores = [open_store(database_url, postgres=_FEW_CONNECTIONS) for _ in range(2)]
    gateway, clock, ids = FakeGateway(), StoppedClock(), Uuid7()
    first, second = [
        compose(store, FakeGateways(gateway), clock, ids, configuring=Configuring(a_vault())) for store in stores
    ]
    yield Replicas((first, second), stores[0], gateway, clock)
    for store in stores:
        await store.close()


async def test_refunds_at_the_same_moment_never_pass_what_was_captured(replicas: Replicas) -> None:
    """Of twenty times 10.00, ten through each replica, five are made; only those reach the gateway."""
    payment = await replicas.captured()
    wish = a_wish_to_be_refunded(payment.id, "10.00")
    calls = [replicas.services[number % 2].refunds.create(a_call(100 + number), wish) for number in range(20)]
    told = await asyncio.gather(*calls, return_exceptions=True)
    assert sum(isinstance(each, Refund) for each in told) == 5
    assert sum(isinstance(each, RefundAmountInvalid) for each in told) == 15
    assert replicas.gateway.calls.count("refund") == 5
    stored = await replicas.read()
    assert (stored.refunded_minor, stored.refunding_minor, len(stored.refunds)) == (5000, 0, 5)


async def test_all_that_is_left_is_left_once(replicas: Replicas) -> None:
    """Both want everything: one gets it, the other is told."""
    payment = await replicas.captured()
    wish = a_wish_to_be_refunded(payment.id)
    calls = (service.refunds.create(a_call(100 + number), wish) for number, service in enumerate(replicas.services))
    await asyncio.gather(*calls, return_exceptions=True)
    assert replicas.gateway.returned_minor(payment.reference) == 5949
    assert (await replicas.read()).status is PaymentStatus.REFUNDED
    with pytest.raises(AlreadyRefunded):
        await replicas.services[0].refunds.create(a_call(200), wish)


async def test_one_call_on_both_replicas_is_one_refund(replicas: Replicas) -> None:
    """The caller repeats it at another replica while the first one still works on it."""
    payment = await replicas.captured()
    wish = a_wish_to_be_refunded(payment.id, "10.00")
    calls = [replicas.services[number % 2].refunds.create(a_call(100, resumed=number > 0), wish) for number in range(6)]
    assert len({refund.id for refund in await asyncio.gather(*calls)}) == 1
    assert len(replicas.gateway.returned) == 1
    assert (await replicas.read()).refunded_minor == 1000


async def test_both_backgrounds_settle_a_refund_once(replicas: Replicas) -> None:
    """A lost answer that both ask for: one posting, one event, and one refund."""
    payment = await replicas.captured()
    replicas.gateway.next("refund", Fault.REPLY_LOST)
    refund = await replicas.services[0].refunds.create(a_call(100), a_wish_to_be_refunded(payment.id))
    assert refund.status is RefundStatus.PENDING
    replicas.clock.move(timedelta(minutes=1))
    resumed = (service.refund_settling.resume(refund) for service in replicas.services * 3)
    assert {settled.status for settled in await asyncio.gather(*resumed)} == {RefundStatus.SUCCEEDED}
    failed = (service.refund_settling.settle(refund, RefundFailed("back")) for service in replicas.services * 3)
    assert {settled.status for settled in await asyncio.gather(*failed)} == {RefundStatus.FAILED}
    stored = await replicas.read()
    assert (stored.status, stored.refunded_minor) == (PaymentStatus.SUCCEEDED, 0)
    assert [each.sequence for each in stored.refunds] == [3]
