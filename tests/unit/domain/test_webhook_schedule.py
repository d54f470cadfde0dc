"""When a delivery is tried again, and when no more."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.webhook import Answered, DeliveryStatus, NoAnswer, Reply, WebhookDelivery
from server.domain.webhook_schedule import DELAYS, next_try_in
from tests.builders import NOON, an_id


def a_delivery(attempts: int = 1) -> WebhookDelivery:
    return WebhookDelivery(an_id(1), "default", an_id(2), an_id(3), "payment.created", NOON, NOON, attempts=attempts)


def test_the_schedule_of_the_specification() -> None:
    """Ten tries over about three days."""
    spent = [next_try_in(attempts, lambda: 0.0) for attempts in range(1, 11)]
    minutes = [wait and wait.total_seconds() / 60 for wait in spent]
    assert minutes == [5 / 60, 5, 30, 120, 300, 600, 840, 1200, 1440, None]


@given(st.integers(1, 9), st.floats(-1, 1))
def test_a_wait_is_a_fifth_longer_or_shorter_at_most(attempts: int, jitter: float) -> None:
    """Whatever chance says."""
    wait, middle = next_try_in(attempts, lambda: jitter), DELAYS[attempts]
    assert wait is not None
    assert middle * 0.8 <= wait <= middle * 1.2


@pytest.mark.parametrize("status", [200, 201, 204, 299])
def test_only_2xx_is_taken(status: int) -> None:
    """And then nothing more is sent."""
    assert a_delivery().answered(Answered(status), NOON, lambda: 0.0).status is DeliveryStatus.SUCCEEDED


@pytest.mark.parametrize("reply", [*map(Answered, (100, 199, 300, 301, 308, 400, 404, 429, 500, 503)), NoAnswer("no")])
def test_everything_else_is_tried_again(reply: Reply) -> None:
    """Redirects included, which nobody follows."""
    failed = a_delivery().answered(reply, NOON, lambda: 0.0)
    assert (failed.status, failed.due_at) == (DeliveryStatus.PENDING, NOON + timedelta(seconds=5))
    assert failed.failure_reason is not None


def test_retry_after_is_honoured_when_it_is_later() -> None:
    """An endpoint may ask for more patience than the schedule has, not for less."""
    later = a_delivery().answered(Answered(503, timedelta(hours=1)), NOON, lambda: 0.0)
    assert later.due_at == NOON + timedelta(hours=1)
    sooner = a_delivery(4).answered(Answered(429, timedelta(seconds=1)), NOON, lambda: 0.0)
    assert sooner.due_at == NOON + timedelta(hours=2)


def test_gone_is_not_tried_again() -> None:
    """410 is the endpoint's last word."""
    assert a_delivery().answered(Answered(410), NOON, lambda: 0.0).status is DeliveryStatus.FAILED


def test_the_tenth_failure_is_the_last() -> None:
    """What came of it stays to be read."""
    last = a_delivery(10).answered(Answered(500), NOON, lambda: 0.0)
    assert (last.status, last.response_status) == (DeliveryStatus.FAILED, 500)
