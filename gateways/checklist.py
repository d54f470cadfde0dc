"""The checks of one callback, in the order in which they are made."""

from server.domain.callback import Check, CheckResult

_LONGEST_TEXT = 200


class Checklist:
    """Holds what was found; a check that nothing was found for is skipped."""

    def __init__(self, *names: str) -> None:
        self._checks = {name: Check(name, CheckResult.SKIPPED) for name in names}

    def check(
        self,
        name: str,
        holds: bool,
        *,
        expected: str | None = None,
        actual: str | None = None,
        explanation: str | None = None,
    ) -> bool:
        """Writes down whether a check passed, and says so. `explanation` is for a failure."""
        result = CheckResult.PASSED if holds else CheckResult.FAILED
        self._checks[name] = Check(name, result, expected, shortened(actual), None if holds else explanation)
        return holds

    def agrees(self, name: str, expected: str, actual: str | None) -> bool:
        """Whether a number that names the merchant is the one that is configured."""
        explanation = "The message does not carry it." if actual is None else "The message is for somebody else."
        return self.check(name, actual == expected, expected=expected, actual=actual, explanation=explanation)

    def skip(self, name: str, explanation: str) -> None:
        """Says why a check is not made."""
        self._checks[name] = Check(name, CheckResult.SKIPPED, explanation=explanation)

    @property
    def made(self) -> tuple[Check, ...]:
        return tuple(self._checks.values())


def shortened(text: str | None, longest: int = _LONGEST_TEXT) -> str | None:
    """A text that came from outside, cut short."""
    return text if text is None or len(text) <= longest else f"{text[:longest]}…"
