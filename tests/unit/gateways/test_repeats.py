"""Repeats of calls to gateways."""

from collections.abc import Awaitable, Callable, Iterator

from gateways.repeats import repeated

NO_PAUSES = (0.0, 0.0)


def scripted(replies: Iterator[tuple[str, bool]]) -> Callable[[], Awaitable[tuple[str, bool]]]:
    async def call() -> tuple[str, bool]:
        return next(replies)

    return call


async def test_what_may_not_be_made_again_is_made_once() -> None:
    """Whatever else the gateway would say."""
    replies = iter([("lost", False), ("done", False)])
    assert await repeated(scripted(replies), NO_PAUSES) == "lost"
    assert next(replies) == ("done", False)


async def test_a_repeat_ends_with_the_first_reply_that_needs_no_other() -> None:
    """And its reply is the one that counts."""
    replies = iter([("busy", True), ("done", False), ("again", False)])
    assert await repeated(scripted(replies), NO_PAUSES) == "done"
    assert next(replies) == ("again", False)


async def test_a_call_is_repeated_once_after_each_pause_and_then_given_up() -> None:
    """The last reply is what its caller hears."""
    replies = iter([("busy", True), ("busy", True), ("still busy", True), ("never", True)])
    assert await repeated(scripted(replies), NO_PAUSES) == "still busy"
    assert next(replies) == ("never", True)
    assert await repeated(scripted(iter([("busy", True)])), ()) == "busy"
