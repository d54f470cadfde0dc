"""Events, for reading."""

from sandbox.json_types import Resource
from sandbox.stripe.books import Books
from sandbox.stripe.calls import lists
from sandbox.stripe.records.event import Event
from sandbox.stripe.schema.params import Params

UNSIMULATED_FILTERS = frozenset({"delivery_success", "types"})


def retrieve(books: Books, params: Params, id: str) -> Resource:
    return books.need(Event, id).resource()


def list_all(books: Books, params: Params, _: str) -> Resource:
    return lists.page(books, params, Event, "/v1/events", filters=("type",))
