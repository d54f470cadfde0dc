"""Rounds that grow with what is done in them."""

from server.storage.growing_rounds import GrowingRounds


def test_rounds_grow_up_to_a_limit() -> None:
    """Each is twice as long as the one before, until a database is large."""
    rounds = GrowingRounds()
    ends = [unit for unit in range(300_001) if rounds.ended_by(1)]
    lengths = [later - earlier for earlier, later in zip([-1, *ends], ends, strict=False)]
    assert lengths == [250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 50_000, 50_000, 50_000, 50_000]


def test_what_is_done_at_once_counts_as_much() -> None:
    """A group of units may end a round that it began in the middle of."""
    rounds = GrowingRounds()
    assert [rounds.ended_by(64) for _ in range(5)] == [False, False, False, True, False]
