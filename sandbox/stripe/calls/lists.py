"""Stripe's lists: newest first, with cursors, a limit and bounds on the time of creation."""

from collections.abc import Iterable, Mapping
from typing import TypeVar

from sandbox.json_types import Resource
from sandbox.stripe.books import Books
from sandbox.stripe.errors import InvalidParameter
from sandbox.stripe.records.record import Record, listing
from sandbox.stripe.schema.params import Params

R = TypeVar("R", bound=Record)

_DEFAULT_LIMIT = 10
_MOST = 100
_BOUNDS = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}


def page(
    books: Books,
    params: Params,
    kind: type[R],
    url: str,
    *,
    filters: Iterable[str] = (),
    fixed: Mapping[str, str | int] | None = None,
) -> Resource:
    """The list that the call asks for.

    `filters` are the parameters that equal a field of the same name, `fixed` are values that a field must have anyway.
    """
    asked = {name: text for name in filters if (text := params.text(name)) is not None}
    records, has_more = books.page(
        kind,
        _limit(params),
        {**asked, **(fixed or {})},
        created=_created(params),
        after=_cursor(books, params, kind, "starting_after"),
        before=_cursor(books, params, kind, "ending_before"),
    )
    return listing([record.shown_at(books.now) for record in records], url, has_more)


def _limit(params: Params) -> int:
    limit = params.integer("limit")
    if limit is None:
        return _DEFAULT_LIMIT
    if not 1 <= limit <= _MOST:
        bound = "greater than or equal to 1" if limit < 1 else f"less than or equal to {_MOST}"
        raise InvalidParameter(f"This value must be {bound}.", "parameter_invalid_integer", "limit")
    return limit


def _created(params: Params) -> tuple[tuple[str, int], ...]:
    exact = params.integer("created")
    if exact is not None:
        return (("=", exact),)
    bounds = params.group("created")
    if bounds is None:
        return ()
    return tuple((_BOUNDS[name], bounds.required_integer(name)) for name in bounds.names())


def _cursor(books: Books, params: Params, kind: type[R], name: str) -> str | None:
    id = params.text(name)
    if id is not None:
        books.need(kind, id, name)
    return id
