"""Which calls to WeChat Pay are made again by themselves."""

import pytest

from gateways.wechat.failures import Failure, Why
from gateways.wechat.repeating import Repeating


class Calls:
    """A call that fails in one way until its last time."""

    def __init__(self, why: Why, failing: int) -> None:
        self.made = 0
        self._why = why
        self._failing = failing

    async def __call__(self) -> str | Failure:
        self.made += 1
        return Failure(self._why) if self.made <= self._failing else "done"


@pytest.mark.parametrize("why", Why)
async def test_a_change_is_repeated_only_when_it_was_turned_away_unread(why: Why) -> None:
    """Whatever else became of it, once more is once too often."""
    calls = Calls(why, failing=1)
    reply = await Repeating((0, 0)).change(calls)
    assert (reply, calls.made) == (("done", 2) if why is Why.BUSY else (Failure(why), 1))


@pytest.mark.parametrize("why", Why)
async def test_a_look_is_repeated_after_any_quick_accident(why: Why) -> None:
    """It moves no money. An answer is an answer."""
    calls = Calls(why, failing=1)
    reply = await Repeating((0, 0)).look(calls)
    accident = why in (Why.BUSY, Why.NOT_SENT, Why.LOST)
    assert (reply, calls.made) == (("done", 2) if accident else (Failure(why), 1))


async def test_repeats_come_to_an_end() -> None:
    """One after each pause, and no more."""
    calls = Calls(Why.BUSY, failing=10)
    assert (await Repeating((0, 0)).change(calls), calls.made) == (Failure(Why.BUSY), 3)
