"""Reads what belongs to any of a page's ids in one statement; one for each power of two is few enough to keep, whatever the pages' lengths."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import bindparam


def places_for(ids: Sequence[UUID]) -> int:
    """In a statement for how many ids these find place."""
    return 1 << (len(ids) - 1).bit_length()


def any_of(column: sa.Column[Any], places: int) -> sa.ColumnElement[bool]:
    """Whether the column has one of so many ids, or of fewer with one of them repeated."""
    return column.in_([bindparam(f"id_{place}", type_=column.type) for place in range(places)])


def each_in_its_place(ids: Sequence[UUID]) -> dict[str, object]:
    """The parameters of that condition; at least one id."""
    last = len(ids) - 1
    return {f"id_{place}": ids[min(place, last)] for place in range(places_for(ids))}
