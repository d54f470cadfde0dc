"""Which job does what."""

from datetime import timedelta

import pytest

from server.domain.jobs import Job, JobKind
from server.domain.payment import PaymentStatus
from tests.builders import NOON, a_call, a_wish_to_be_paid, a_wish_to_be_refunded, an_id
from tests.fake_gateway import Fault
from tests.shop import Shop


@pytest.fixture
def shop() -> Shop:
    return Shop()


async def _enqueue(shop: Shop, kind: JobKind, number: int) -> None:
    job = Job(an_id(number), kind, "default", "stripe", shop.clock.now(), NOON)
    await shop.store.transaction(lambda tx: tx.jobs.enqueue(job))


async def test_every_kind_of_job_has_somebody_who_does_it(shop: Shop) -> None:
    """A job that nobody does would be tried for ever."""
    assert set(shop.handlers) == set(JobKind)


async def test_a_settled_attempt_is_not_asked_for_again(shop: Shop) -> None:
    """Its job goes, and the gateway is left in peace."""
    await shop.payments.create(a_call(1), a_wish_to_be_paid())
    asked = list(shop.gateway.calls)
    await _enqueue(shop, JobKind.SETTLE_ATTEMPT, 1)
    await shop.worker.run_due()
    assert not shop.tables.jobs
    assert shop.gateway.calls == asked


async def test_a_job_without_an_attempt_goes(shop: Shop) -> None:
    """There is nothing to find out."""
    await _enqueue(shop, JobKind.SETTLE_ATTEMPT, 99)
    await shop.worker.run_due()
    assert not shop.tables.jobs


async def test_an_attempt_in_flight_is_asked_for(shop: Shop) -> None:
    """And its payment settled."""
    shop.gateway.next("authorise", Fault.REPLY_LOST)
    await shop.payments.create(a_call(1), a_wish_to_be_paid())
    shop.clock.move(timedelta(seconds=5))
    await shop.worker.run_due()
    assert shop.payment().status is PaymentStatus.SUCCEEDED
    shop.assert_truth_is_told()


async def test_a_settled_refund_is_not_asked_for_again(shop: Shop) -> None:
    """Its job goes, and so does one without a refund; the gateway is left in peace."""
    payment = await shop.captured()
    await shop.refunds.create(a_call(2), a_wish_to_be_refunded(payment.id))
    asked = list(shop.gateway.calls)
    await _enqueue(shop, JobKind.SETTLE_REFUND, 2)
    await _enqueue(shop, JobKind.SETTLE_REFUND, 99)
    await shop.worker.run_due()
    assert not shop.tables.jobs
    assert shop.gateway.calls == asked


async def test_a_pending_refund_is_asked_for(shop: Shop) -> None:
    """And settled."""
    payment = await shop.captured()
    shop.gateway.next("refund", Fault.REQUEST_LOST)
    await shop.refunds.create(a_call(2), a_wish_to_be_refunded(payment.id))
    shop.clock.move(timedelta(seconds=5))
    await shop.worker.run_due()
    assert shop.payment().status is PaymentStatus.REFUNDED
    shop.assert_truth_is_told()


async def test_a_payment_that_has_more_time_is_not_closed(shop: Shop) -> None:
    """A job that is too early comes back in time."""
    await shop.authorised()
    await _enqueue(shop, JobKind.EXPIRE_PAYMENT, 1)
    await shop.worker.run_due()
    assert shop.payment().status is PaymentStatus.PENDING
    assert "void" not in shop.gateway.calls
    shop.assert_nothing_is_forgotten()
