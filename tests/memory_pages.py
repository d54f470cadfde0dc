"""Pages of lists in memory that are sorted by a key which grows with time, as the databases' are."""

from collections.abc import Callable, Iterable
from typing import Protocol, TypeVar
from uuid import UUID

from server.domain.listing import Cursor, Page

Item = TypeVar("Item")


class Asked(Protocol):
    """Which page of a list."""

    @property
    def page(self) -> int: ...
    @property
    def per_page(self) -> int: ...
    @property
    def after(self) -> Cursor | None: ...


def newest_first(rows: Iterable[Item], asked: Asked, key: Callable[[Item], UUID]) -> Page[Item]:
    """By number with the list's length, or behind a cursor without it."""
    wanted = sorted(rows, key=key, reverse=True)
    rest = [row for row in wanted if asked.after is None or key(row) < asked.after.id]
    start = 0 if asked.after else (asked.page - 1) * asked.per_page
    items = tuple(rest[start : start + asked.per_page])
    more = start + asked.per_page < len(rest)
    return Page(items, None if asked.after else len(wanted), Cursor(key(items[-1])) if more and items else None)
