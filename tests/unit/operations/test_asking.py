"""When a gateway is asked again: soon at first, rarely later, and after a week not at all."""

from datetime import timedelta
from itertools import accumulate, pairwise

import pytest

from server.operations.asking import IN_FLIGHT_FOR, ask_again_after, look_again_after
from server.work.worker import LEASE


def _schedule() -> list[timedelta]:
    """The pauses of an attempt that is asked for in vain until nobody asks any more."""
    pauses: list[timedelta] = []
    age = timedelta(0)
    while (pause := ask_again_after(len(pauses), age)) is not None:
        pauses.append(pause)
        age += pause
    return pauses


def test_a_lost_answer_is_asked_for_within_seconds() -> None:
    """5, 10, 20, 40 s, 2, 5, 10, 30 min, then every hour, then every six."""
    seconds = [5, 10, 20, 40, 120, 300, 600, 1800]
    assert _schedule()[:8] == [timedelta(seconds=pause) for pause in seconds]
    assert set(_schedule()[8:]) == {timedelta(hours=1), timedelta(hours=6)}


def test_pauses_only_grow() -> None:
    """A gateway in trouble is left in peace."""
    assert all(pause <= following for pause, following in pairwise(_schedule()))


def test_asking_goes_on_for_a_week() -> None:
    """Then a person must find out."""
    *_, asked_for = accumulate(_schedule())
    assert timedelta(days=7) <= asked_for <= timedelta(days=7, hours=6)


def test_an_old_attempt_is_asked_about_again_before_it_is_given_up() -> None:
    """A service that was down for a month still asks, from the beginning."""
    assert ask_again_after(0, timedelta(days=30)) == timedelta(seconds=5)


@pytest.mark.parametrize(
    ("age", "within"),
    [
        (timedelta(0), timedelta(seconds=5)),
        (timedelta(minutes=1), timedelta(seconds=5)),
        (timedelta(minutes=5), timedelta(seconds=15)),
        (timedelta(minutes=30), timedelta(minutes=1)),
        (timedelta(hours=5), timedelta(hours=1)),
        (timedelta(days=30), timedelta(hours=6)),
    ],
)
def test_a_customer_who_is_done_is_noticed_soon(age: timedelta, within: timedelta) -> None:
    """A challenge takes a minute or two: whoever passes it does not wait for as long again. What takes weeks is looked at for weeks."""
    assert look_again_after(age) == within


def test_the_background_waits_for_the_caller_and_a_lease_outlives_a_gateway_call() -> None:
    """Gateway calls give up after ten seconds: nobody is asked twice at once in ordinary times."""
    assert timedelta(seconds=10) < IN_FLIGHT_FOR < LEASE
