"""The checks of one callback, in their order: after one that failed the others are not made."""

from server.domain.callback import Check, CheckResult

_LONGEST = 200


class Checklist:
    """`names` are all the checks that are to be made."""

    def __init__(self, *names: str) -> None:
        self._names = names
        self._made: list[Check] = []

    def hold(
        self, holds: bool, *, expected: str | None = None, actual: str | None = None, explanation: str | None = None
    ) -> bool:
        """The next check, and whether it passed. Texts that came from outside are cut short."""
        result = CheckResult.PASSED if holds else CheckResult.FAILED
        name = self._names[len(self._made)]
        self._made.append(Check(name, result, expected, None if actual is None else actual[:_LONGEST], explanation))
        return holds

    def skip(self, explanation: str) -> None:
        """The next check cannot be made."""
        self._made.append(Check(self._names[len(self._made)], CheckResult.SKIPPED, explanation=explanation))

    @property
    def checks(self) -> tuple[Check, ...]:
        """What was made, and what was not."""
        rest = (Check(name, CheckResult.SKIPPED) for name in self._names[len(self._made) :])
        return (*self._made, *rest)
