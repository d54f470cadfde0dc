"""However often an intent's payment is tried, it is paid once, and what was paid beside that goes back; and a story finds out who breaks that."""

import logging
from collections.abc import Callable, Iterator

import pytest

from server.domain.attempt import Attempt
from server.domain.outcomes import Outcome
from server.domain.payment import PaymentMethodKind
from server.operations import gateway_choosing
from server.operations.settling import Settling
from server.operations.surplus import Surplus
from tests.simulation.tries import play

_SEEDS = 20
_FOUND_WITHIN = 120


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Trouble is what these runs are made of; it is not news. Cards are kept where the only gateway is."""
    monkeypatch.setitem(gateway_choosing.GATEWAY_OF, PaymentMethodKind.CARD, "fake")
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.parametrize("seed", range(_SEEDS))
def test_every_intent_is_paid_once(seed: int) -> None:
    """Whatever is lost, late or said otherwise later, and whoever dies."""
    play(seed)


def _book_no_surplus(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Surplus, "book", lambda *_: None)


def _leave_other_tries_open(patch: pytest.MonkeyPatch) -> None:
    async def wrong(self: Settling, attempt: Attempt) -> Outcome:
        gateway = await self._gateways.of_attempt(attempt)
        return await (gateway.fetch(attempt) if attempt.final else gateway.resume(attempt))

    patch.setattr(Settling, "ask", wrong)


@pytest.mark.parametrize("plant", [_book_no_surplus, _leave_other_tries_open])
def test_a_planted_bug_is_found(plant: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch) -> None:
    """A simulation that finds nothing proves nothing."""
    plant(monkeypatch)
    for seed in range(_FOUND_WITHIN):
        try:
            play(seed)
        except AssertionError:
            return
    pytest.fail(f"no story of {_FOUND_WITHIN} finds it")
