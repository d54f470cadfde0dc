"""An allowance: so many times at once, and then as often as time allows."""

from datetime import timedelta

from server.domain.allowance import Allowance
from tests.builders import NOON
from tests.clock_and_ids import StoppedClock


def taken(allowance: Allowance, tries: int = 10) -> int:
    """How many of so many tries at once are allowed."""
    return sum(allowance.take() for _ in range(tries))


def test_what_is_not_taken_is_not_saved_up() -> None:
    """A quiet night allows no flood in the morning."""
    clock = StoppedClock()
    allowance = Allowance(clock, at_once=3, a_second=1)
    assert taken(allowance) == 3
    clock.move(timedelta(seconds=2))
    assert taken(allowance) == 2
    clock.move(timedelta(hours=8))
    assert taken(allowance) == 3


def test_what_is_given_back_can_be_taken_once_more() -> None:
    """And nothing beyond what there was."""
    allowance = Allowance(StoppedClock(), at_once=3, a_second=1)
    allowance.give_back()
    assert taken(allowance) == 3
    allowance.give_back()
    assert taken(allowance) == 1


def test_a_clock_that_is_set_back_takes_nothing_away() -> None:
    """What was left is left."""

    class SetBack(StoppedClock):
        def __init__(self) -> None:
            super().__init__()
            self._now = NOON + timedelta(hours=1)

        def set_back(self) -> None:
            self._now = NOON

    clock = SetBack()
    allowance = Allowance(clock, at_once=3, a_second=1)
    assert allowance.take()
    clock.set_back()
    assert taken(allowance) == 2
