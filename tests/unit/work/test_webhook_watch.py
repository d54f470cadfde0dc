"""Webhooks in figures: an operator is told by Prometheus of what is not taken, and of endpoints that are off."""

from datetime import timedelta

import pytest

from server.domain.ports import Store
from server.domain.webhook import Answered, NoAnswer, Reply, WebhookStanding
from server.work import webhook_watch
from server.work.webhook_watch import WebhookWatch
from tests.builders import an_id
from tests.memory import MemoryStore
from tests.webhook_post import HOOK, Post

OTHER_HOOK = "https://other.example/hook"
OUTCOMES = ("taken", "refused", "gone", "no_answer")


def figure(post: Post, name: str, **labels: str) -> float | None:
    return post.metrics.get_sample_value(f"sycee_webhook_{name}", labels)


def tries(post: Post) -> dict[str, float | None]:
    return {outcome: figure(post, "tries_total", outcome=outcome) for outcome in OUTCOMES}


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        (Answered(204), "taken"),
        (Answered(302), "refused"),
        (Answered(500), "refused"),
        (Answered(410), "gone"),
        (NoAnswer("nobody there"), "no_answer"),
    ],
)
async def test_tries_are_counted_by_how_they_ended(reply: Reply, outcome: str) -> None:
    """Each outcome is there from the start, so that its rate is known."""
    post = Post()
    assert tries(post) == dict.fromkeys(OUTCOMES, 0.0)
    await post.open(HOOK)
    post.courier.replies[HOOK] = reply
    await post.happens()
    await post.send()
    assert tries(post) == dict.fromkeys(OUTCOMES, 0.0) | {outcome: 1.0}


async def test_what_waits_is_told_with_its_age() -> None:
    """The age goes on between looks; what a disabled endpoint is owed is not pending, and the endpoint is counted as such."""
    post = Post()
    await post.open(HOOK)
    await post.open(OTHER_HOOK, "payment.created")
    await post.watch.look()
    assert (figure(post, "pending"), figure(post, "oldest_pending_seconds")) == (0, 0)
    post.courier.replies |= {HOOK: Answered(500), OTHER_HOOK: Answered(500)}
    await post.happens(id=an_id(70))
    await post.send()
    post.clock.move(timedelta(seconds=1))
    await post.watch.look()
    post.clock.move(timedelta(minutes=1))
    assert (figure(post, "pending"), figure(post, "oldest_pending_seconds")) == (2, 61)
    assert (figure(post, "endpoints", status="enabled"), figure(post, "endpoints", status="disabled")) == (2, 0)
    post.courier.replies[OTHER_HOOK] = Answered(410)
    post.courier.replies[HOOK] = Answered(200)
    await post.pass_time(timedelta(minutes=10))
    await post.watch.look()
    assert (figure(post, "pending"), figure(post, "oldest_pending_seconds")) == (0, 0)
    assert (figure(post, "endpoints", status="enabled"), figure(post, "endpoints", status="disabled")) == (1, 1)


async def test_a_look_that_fails_is_not_the_last(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The database is away for a moment: it is looked again, until the server ends."""

    class Enough(BaseException):
        """Ends the test."""

    class Away(MemoryStore):
        looks = 0

        async def read(self, work):  # type: ignore[no-untyped-def]
            self.looks += 1
            if self.looks == 1:
                raise ConnectionError
            return await super().read(work)

    def show(_standing: WebhookStanding) -> None:
        raise Enough

    monkeypatch.setattr(webhook_watch, "_EVERY_SECONDS", 0)
    away = Away()
    store: Store = away
    with pytest.raises(Enough):
        await WebhookWatch(store, show).run()
    assert away.looks == 2
    assert "cannot look at how webhooks stand" in caplog.text
