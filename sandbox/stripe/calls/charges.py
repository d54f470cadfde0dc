"""Charges, for reading: PaymentIntents make them."""

from sandbox.json_types import Resource
from sandbox.stripe.books import Books
from sandbox.stripe.calls import lists
from sandbox.stripe.records.charge import Charge
from sandbox.stripe.schema.params import Params


def retrieve(books: Books, params: Params, id: str) -> Resource:
    return books.need(Charge, id).resource()


def list_all(books: Books, params: Params, _: str) -> Resource:
    return lists.page(books, params, Charge, "/v1/charges", filters=("customer", "payment_intent", "transfer_group"))
