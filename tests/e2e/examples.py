"""The examples of a page of the documentation: what a reader would type, and what the page says comes back."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

# Blocks of other languages (`sh`, say) are shown only.
_RUN = ("bash", "python")
_SHOWN = ("json", "text")

_FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)

# What differs from run to run: an id, a time, a request id, a reference.
_VOLATILE = tuple(
    re.compile(pattern)
    for pattern in (
        r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}",
        r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ",
        r"20\d\d-\d\d-\d\d \d\d:\d\d:\d\d",
        r"[0-9a-f]{32}",
        r"[0-9A-Z]{26}",
    )
)


@dataclass(frozen=True, slots=True)
class Example:
    """A block that is run; `shown` is the block of output behind it, if there is one."""

    language: str
    text: str
    shown: str | None = None


def examples(page: str) -> Iterator[Example]:
    """The page's examples in their order."""
    waiting: Example | None = None
    for language, text in _FENCE.findall(page):
        if waiting is not None:
            yield Example(waiting.language, waiting.text, text) if language in _SHOWN else waiting
        waiting = Example(language, text) if language in _RUN else None
    if waiting is not None:
        yield waiting


def agrees(shown: str, printed: str) -> bool:
    """Whether what was printed is what the page shows. JSON may be shown with fewer fields, ids and times may differ, and a text ending in `...` may go on."""
    try:
        return _is_like(json.loads(shown), json.loads(printed))
    except json.JSONDecodeError:
        return shown.split() == printed.split()


def _is_named_like(name: str, shown: object, printed: object) -> bool:
    """The mall's ids are numbers that go up."""
    if name == "id" and isinstance(shown, int):
        return isinstance(printed, int) and printed > 0
    return _is_like(shown, printed)


def _is_like(shown: object, printed: object) -> bool:
    match shown, printed:
        case dict(), dict():
            return all(name in printed and _is_named_like(name, value, printed[name]) for name, value in shown.items())
        case list(), list():
            return len(shown) == len(printed) and all(map(_is_like, shown, printed))
        case str(), str() if shown.endswith("..."):
            return printed.startswith(shown.removesuffix("..."))
        case str(), str() if pattern := next((each for each in _VOLATILE if each.fullmatch(shown)), None):
            return pattern.fullmatch(printed) is not None
        case _:
            return type(shown) is type(printed) and shown == printed
