"""The laws of money hold in every story; and a story finds out who breaks them."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from random import Random

import pytest

from server.domain.attempt import Attempt
from server.domain.jobs import Job, JobKind
from server.domain.outcomes import Outcome, RefundFailed, RefundOutcome, Refused, Unknown
from server.domain.payment import Payment
from server.domain.refund import Refund
from server.operations import refund_recording, refund_settling, settling
from server.operations.recording import Recorder
from server.operations.refund_settling import RefundSettling
from server.operations.settling import Settling
from tests.builders import NOON, an_id
from tests.simulation.line import Line
from tests.simulation.story import Story, play
from tests.simulation.virtual_time import run

_SEEDS = 25
_FOUND_WITHIN = 120


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """Trouble is what these runs are made of; it is not news."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.parametrize("seed", range(_SEEDS))
def test_the_laws_hold_in_every_story(seed: int) -> None:
    """Lost and late messages, replicas that die: the gateway's truth is told in the end, and nobody was told anything else before."""
    play(seed)


def test_the_same_seed_is_the_same_story() -> None:
    """What a seed has found can be looked at again."""
    stories = [Story(Random(7)) for _ in range(2)]
    for story in stories:
        run(story.happen())
    first, second = stories
    assert first.store.tables == second.store.tables
    assert first.gateway.calls == second.gateway.calls


def _forget_to_watch(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Recorder, "_watch", lambda *_: None)


def _take_unknown_for_refused(patch: pytest.MonkeyPatch) -> None:
    settle_in = Settling.settle_in

    def wrong(self: Settling, tx, attempt, outcome, job=None):  # type: ignore[no-untyped-def]
        return settle_in(self, tx, attempt, Refused("no") if isinstance(outcome, Unknown) else outcome, job)

    patch.setattr(Settling, "settle_in", wrong)


def _send_again_under_another_key(patch: pytest.MonkeyPatch) -> None:
    resume, keys = Line.resume, iter(range(900_000, 999_999))

    async def wrong(self: Line, attempt: Attempt) -> Outcome:
        return await resume(self, replace(attempt, id=an_id(next(keys))))

    patch.setattr(Line, "resume", wrong)


def _believe_that_nothing_was_sent(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(settling, "proven", lambda outcome, _age, **_how: outcome)
    patch.setattr(settling, "_took_money", lambda _outcome: False)


def _let_older_answers_count(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Payment, "operated_on", property(lambda _self: False))


def _forget_refunds(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(
        refund_recording, "Job", lambda *_: Job(an_id(1), JobKind.SETTLE_REFUND, "nobody", "stripe", NOON, NOON)
    )


def _take_unknown_for_failed(patch: pytest.MonkeyPatch) -> None:
    settle_in = RefundSettling.settle_in

    def wrong(self: RefundSettling, tx, refund, outcome, job=None):  # type: ignore[no-untyped-def]
        return settle_in(self, tx, refund, RefundFailed("no") if isinstance(outcome, Unknown) else outcome, job)

    patch.setattr(RefundSettling, "settle_in", wrong)


def _refund_again_under_another_number(patch: pytest.MonkeyPatch) -> None:
    resume, numbers = Line.resume_refund, iter(range(900_000, 999_999))

    async def wrong(self: Line, refund: Refund, charge: Attempt) -> RefundOutcome:
        return await resume(self, replace(refund, id=an_id(next(numbers))), charge)

    patch.setattr(Line, "resume_refund", wrong)


def _hold_nothing(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Payment, "refunding_minor", property(lambda _self: 0))


def _believe_that_no_refund_was_sent(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(refund_settling, "proven", lambda outcome, _age: outcome)


@pytest.mark.parametrize(
    ("plant", "first"),
    [
        (_forget_to_watch, 0),
        (_take_unknown_for_refused, 0),
        (_send_again_under_another_key, 0),
        (_believe_that_nothing_was_sent, 40),
        (_let_older_answers_count, 10),
        (_forget_refunds, 10),
        (_take_unknown_for_failed, 0),
        (_refund_again_under_another_number, 0),
        (_hold_nothing, 10),
        (_believe_that_no_refund_was_sent, 90),
    ],
)
def test_a_planted_bug_is_found(
    plant: Callable[[pytest.MonkeyPatch], None], first: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A simulation that finds nothing proves nothing. It begins a little before a seed that was seen to find it: some bugs show in one story of a hundred."""
    plant(monkeypatch)
    for seed in range(first, first + _FOUND_WITHIN):
        try:
            play(seed, payments=12)
        except AssertionError:
            return
    pytest.fail(f"no story of {_FOUND_WITHIN} finds it")
