"""How often something may be done that anybody can ask for: so many times at once, and then as often as time allows."""

from datetime import datetime

from server.domain.clock import Clock


class Allowance:
    """`at_once` times after a while in which nothing was taken, and `a_second` more in each second that passes."""

    def __init__(self, clock: Clock, *, at_once: float, a_second: float) -> None:
        self._clock = clock
        self._at_once = at_once
        self._a_second = a_second
        self._left = at_once
        self._counted_at: datetime | None = None

    def take(self) -> bool:
        """Whether it may be done once more; then it counts."""
        now = self._clock.now()
        if self._counted_at is not None:
            passed = (now - self._counted_at).total_seconds()
            self._left = min(self._at_once, self._left + max(0.0, passed) * self._a_second)
        self._counted_at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True

    def give_back(self) -> None:
        """What was taken last was for somebody who had every right to it, and does not count."""
        self._left = min(self._at_once, self._left + 1)
