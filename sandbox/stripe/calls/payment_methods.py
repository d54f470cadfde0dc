"""PaymentMethods: made from a card or a token, kept with a customer or without one."""

from collections.abc import Mapping

from sandbox.json_types import Json, Resource
from sandbox.stripe.books import Books
from sandbox.stripe.calls import lists
from sandbox.stripe.calls.cards import given_card, published_card
from sandbox.stripe.calls.customers import living_customer
from sandbox.stripe.cards.catalogue import card_named
from sandbox.stripe.cards.declines import DECLINES
from sandbox.stripe.errors import CardRefused, InvalidParameter, InvalidRequest, NoSuchResource
from sandbox.stripe.ids import new_id
from sandbox.stripe.records.card import Card
from sandbox.stripe.records.payment_method import PaymentMethod, billing_details
from sandbox.stripe.schema.metadata import updated_metadata
from sandbox.stripe.schema.params import Params

UNSIMULATED = frozenset({"customer", "payment_method"})
"""Parameters that clone a payment method to a connected account."""

_PUBLISHED_PREFIX = "pm_card_"


def create(books: Books, params: Params, _: str) -> Resource:
    return new_payment_method(books, params).resource()


def retrieve(books: Books, params: Params, id: str) -> Resource:
    return resolved(books, id, "payment_method").resource()


def update(books: Books, params: Params, id: str) -> Resource:
    method = books.need(PaymentMethod, id, "payment_method")
    if method.customer is None:
        raise InvalidRequest(
            "You must save this PaymentMethod to a customer before you can update it.", None, "payment_method"
        )
    method.metadata = updated_metadata(params, method.metadata)
    details = params.group("billing_details")
    if details is not None:
        method.billing_details = billing_details(_merged(method.billing_details, params.json("billing_details")))
    card = params.group("card")
    if card is not None:
        method.card.exp_month = card.integer("exp_month") or method.card.exp_month
        method.card.exp_year = card.integer("exp_year") or method.card.exp_year
    method.allow_redisplay = params.text("allow_redisplay") or method.allow_redisplay
    books.save(method)
    books.emit("payment_method.updated", method)
    return method.resource()


def attach(books: Books, params: Params, id: str) -> Resource:
    method = resolved(books, id, "payment_method")
    customer = living_customer(books, params.required_text("customer"), "customer")
    if method.customer is not None:
        raise InvalidRequest(
            "The payment method you provided has already been attached to a customer.",
            "payment_method_already_attached",
        )
    _refuse_consumed(method)
    behaviour = method.card.behaviour
    if behaviour.decline is not None and not behaviour.attaches:
        raise declined_outright(behaviour.decline)
    attach_to(books, method, customer.id)
    return method.resource()


def detach(books: Books, params: Params, id: str) -> Resource:
    method = books.need(PaymentMethod, id, "payment_method")
    if method.customer is None:
        raise InvalidRequest(
            "The payment method you provided is not attached to a customer so detachment is impossible.",
            "payment_method_not_available",
        )
    before = method.customer
    method.customer = None
    method.consumed = True
    books.save(method)
    books.emit("payment_method.detached", method, {"customer": before})
    return method.resource()


def list_all(books: Books, params: Params, _: str) -> Resource:
    return _listed(books, params, "/v1/payment_methods")


def list_of_customer(books: Books, params: Params, customer: str) -> Resource:
    living_customer(books, customer, "customer")
    of_customer = Params({**{name: params.json(name) for name in params.names()}, "customer": customer})
    return _listed(books, of_customer, f"/v1/customers/{customer}/payment_methods")


def new_payment_method(books: Books, params: Params) -> PaymentMethod:
    """From the parameters of a PaymentMethod or of `payment_method_data`."""
    type = params.required_text("type")
    card = params.group("card")
    if type != "card":
        raise InvalidRequest(
            f"The payment method type provided: {type} is invalid. The sandbox's account has card payments only.",
            None,
            params.name("type"),
        )
    if card is None:
        raise params.missing("card")
    details = params.json("billing_details")
    return _kept(
        books,
        given_card(books, card),
        billing_details(details if isinstance(details, Mapping) else None),
        updated_metadata(params, {}),
        params.text("allow_redisplay") or "unspecified",
    )


def resolved(books: Books, id: str, param: str) -> PaymentMethod:
    """The PaymentMethod of this id. A published id such as `pm_card_visa` makes a new one of that card each time."""
    published = card_named(id.removeprefix(_PUBLISHED_PREFIX)) if id.startswith(_PUBLISHED_PREFIX) else None
    if published is not None:
        return _kept(books, published_card(books, published), billing_details(None), {}, "unspecified")
    method = books.find(PaymentMethod, id)
    if method is None:
        raise NoSuchResource(PaymentMethod.NOUN, id, param)
    return method


def usable(books: Books, id: str, customer: str | None) -> PaymentMethod:
    """The PaymentMethod, if a PaymentIntent with this customer may use it."""
    method = resolved(books, id, "payment_method")
    _refuse_consumed(method)
    if method.customer is not None and customer is None:
        raise InvalidRequest(
            f"The PaymentMethod {method.id} belongs to the Customer {method.customer}. Please include the Customer in"
            " the `customer` parameter on the PaymentIntent.",
            None,
            "payment_method",
        )
    if method.customer is not None and method.customer != customer:
        raise InvalidRequest(
            f"The customer does not have a payment method with the ID {method.id}. The payment method must be attached"
            " to the customer.",
            None,
            "payment_method",
        )
    return method


def attach_to(books: Books, method: PaymentMethod, customer: str) -> None:
    method.customer = customer
    method.card.checked()
    books.save(method)
    books.emit("payment_method.attached", method)


def declined_outright(decline_name: str) -> CardRefused:
    """The refusal of a card outside a payment."""
    decline = DECLINES[decline_name]
    more: dict[str, Json] = {"decline_code": decline.decline_code} if decline.decline_code else {}
    return CardRefused(decline.message, decline.code, decline.param, more)


def _kept(books: Books, card: Card, details: Resource, metadata: dict[str, str], allow_redisplay: str) -> PaymentMethod:
    method = PaymentMethod(
        id=new_id("pm"),
        created=books.now,
        card=card,
        billing_details=details,
        metadata=metadata,
        allow_redisplay=allow_redisplay,
    )
    books.save(method)
    return method


def _listed(books: Books, params: Params, url: str) -> Resource:
    type = params.text("type")
    if type not in (None, "card"):
        raise InvalidParameter("The sandbox keeps payment methods of type card only.", None, "type")
    filters = ("customer", "allow_redisplay")
    if params.text("customer") is None:
        raise InvalidParameter("Missing required param: customer.", "parameter_missing", "customer")
    return lists.page(books, params, PaymentMethod, url, filters=filters)


def _merged(current: Mapping[str, Json], given: Json) -> Mapping[str, Json]:
    return {**current, **given} if isinstance(given, Mapping) else current


def _refuse_consumed(method: PaymentMethod) -> None:
    if method.consumed:
        raise InvalidRequest(
            "The provided PaymentMethod was previously used with a PaymentIntent without Customer attachment, shared"
            " with a connected account without Customer attachment, or was detached from a Customer. It may not be used"
            " again. To use a PaymentMethod multiple times, you must attach it to a Customer first.",
            None,
            "payment_method",
        )
