"""Customers: whom payment methods are kept for."""

from sandbox.json_types import Resource
from sandbox.stripe.books import Books
from sandbox.stripe.calls import lists
from sandbox.stripe.errors import NoSuchResource
from sandbox.stripe.ids import new_id
from sandbox.stripe.records.customer import Customer
from sandbox.stripe.schema.email import checked_email
from sandbox.stripe.schema.metadata import updated_metadata
from sandbox.stripe.schema.params import Params

UNSIMULATED = frozenset(
    "balance business_name cash_balance individual_name invoice_settings next_invoice_sequence payment_method source tax"
    " tax_exempt tax_id_data test_clock validate default_source".split()
)


def create(books: Books, params: Params, _: str) -> Resource:
    id = new_id("cus")
    customer = Customer(id=id, created=books.now, invoice_prefix=params.text("invoice_prefix") or id[-8:].upper())
    _apply(customer, params)
    books.save(customer)
    books.emit("customer.created", customer)
    return customer.resource()


def retrieve(books: Books, params: Params, id: str) -> Resource:
    return books.need(Customer, id).resource()


def update(books: Books, params: Params, id: str) -> Resource:
    customer = living_customer(books, id, "id")
    _apply(customer, params)
    books.save(customer)
    books.emit("customer.updated", customer)
    return customer.resource()


def delete(books: Books, params: Params, id: str) -> Resource:
    customer = living_customer(books, id, "id")
    books.emit("customer.deleted", customer)
    customer.deleted = True
    books.save(customer)
    return customer.resource()


def list_all(books: Books, params: Params, _: str) -> Resource:
    return lists.page(books, params, Customer, "/v1/customers", filters=("email",), fixed={"deleted": 0})


def living_customer(books: Books, id: str, param: str) -> Customer:
    """The customer, if it has not been deleted."""
    customer = books.need(Customer, id, param)
    if customer.deleted:
        raise NoSuchResource(Customer.NOUN, id, param)
    return customer


def _apply(customer: Customer, params: Params) -> None:
    customer.metadata = updated_metadata(params, customer.metadata)
    if "email" in params:
        customer.email = checked_email(params, "email")
    for name in ("description", "name", "phone"):
        if name in params:
            setattr(customer, name, params.text(name))
    for name in ("address", "shipping"):
        if name in params:
            setattr(customer, name, params.json(name))
    if "preferred_locales" in params:
        customer.preferred_locales = params.texts("preferred_locales")
