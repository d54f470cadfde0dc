"""Whatever a merchant asks for, in whatever order: the simulated PayPal takes and returns no more than it may."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.callbacks import CallbackQueue
from sandbox.jobs import Jobs
from sandbox.paypal.books import Archive, Books
from sandbox.paypal.call import Call, Reply
from sandbox.paypal.calls import authorizations, captures, orders
from sandbox.paypal.calls.approval import approve
from sandbox.paypal.errors import Unprocessable
from sandbox.paypal.merchants import Merchants
from sandbox.paypal.money import minor_units, money
from sandbox.paypal.records.order import Order
from sandbox.paypal.routes import Handler
from sandbox.settings import PaypalMerchant
from sandbox.state.database import Database
from sandbox.state.documents import Documents
from sandbox.state.switches import Switches

HELD = 1000
MOST = 1150


@dataclass(frozen=True)
class Wish:
    """`amount` is what is asked for, or how far beyond the limit that is `at_limit`."""

    call: Literal["capture", "refund", "void"]
    amount: int
    at_limit: bool
    final: bool


WISHES = st.lists(
    st.one_of(
        st.builds(Wish, st.sampled_from(["capture", "refund"]), st.integers(-1, 1), st.just(True), st.booleans()),
        st.builds(Wish, st.sampled_from(["capture", "refund"]), st.integers(1, 600), st.just(False), st.just(False)),
        st.builds(Wish, st.just("void"), st.just(0), st.just(False), st.just(False)),
    ),
    max_size=10,
)


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Books]:
    """A merchant's, in which every example has an order of its own."""
    database = Database(tmp_path_factory.mktemp("paypal") / "sandbox.db")
    documents = Documents(database)
    merchants = Merchants(documents)
    merchant = merchants.register(PaypalMerchant("client", "secret"), 0)
    callbacks = CallbackQueue(database, Switches(database), lambda: 0.0, 10)
    jobs = Jobs(database, lambda: 0.0)
    archive = Archive(documents, merchants, callbacks, jobs, lambda: 0.0, "http://paypal", 1.0)
    with database.transaction():
        yield archive.open(merchant)
    database.close()


def asked(books: Books, handler: Handler, id: str = "", body: Any = None) -> Any:
    reply: Reply = handler(books, Call(id=id, body=body, request_id=None, whole=True))
    return orjson.loads(reply.body)


def authorized(books: Books) -> tuple[str, str]:
    """The ids of an order and of its authorization of 10.00."""
    unit = {"amount": money(HELD, "USD")}
    order = asked(books, orders.create, body={"intent": "AUTHORIZE", "purchase_units": [unit]})["id"]
    approve(books, books.need(Order, order), "balance")
    whole = asked(books, orders.authorize, order)
    return order, whole["purchase_units"][0]["payments"]["authorizations"][0]["id"]


def payments_of(books: Books, order: str) -> dict[str, list[dict[str, Any]]]:
    payments: dict[str, list[dict[str, Any]]] = asked(books, orders.retrieve, order)["purchase_units"][0]["payments"]
    return {"captures": [], "refunds": [], **payments}


def refunds_of(payments: dict[str, list[dict[str, Any]]], capture_id: str) -> list[dict[str, Any]]:
    return [refund for refund in payments["refunds"] if refund["links"][1]["href"].endswith(capture_id)]


def wished(books: Books, order: str, held: str, wish: Wish) -> None:
    """Asks for it; a refusal is an answer like any other. A refund is of the newest capture."""
    payments = payments_of(books, order)
    captured = payments["captures"]
    try:
        if wish.call == "void":
            asked(books, authorizations.void, held)
        elif wish.call == "capture":
            amount = wish.amount + (MOST - total(captured) if wish.at_limit else 0)
            body = {"amount": money(amount, "USD"), "final_capture": wish.final}
            asked(books, authorizations.capture, held, body)
        elif captured:
            newest = captured[-1]
            left = total([newest]) - total(refunds_of(payments, newest["id"]))
            amount = wish.amount + (left if wish.at_limit else 0)
            asked(books, captures.refund, newest["id"], {"amount": money(amount, "USD")})
    except Unprocessable:
        return


def total(resources: list[dict[str, Any]]) -> int:
    return sum(minor_units(each["amount"]["value"], "USD") for each in resources)


@settings(deadline=None, max_examples=60)
@given(WISHES)
def test_no_more_is_taken_than_allowed_nor_returned_than_taken(books: Books, wishes: list[Wish]) -> None:
    """Captures stay within 115 % of what is held, refunds within their capture, and each capture says what is left of it."""
    order, held = authorized(books)
    for wish in wishes:
        wished(books, order, held, wish)
        payments = payments_of(books, order)
        assert total(payments["captures"]) <= MOST
        for capture in payments["captures"]:
            refunds = refunds_of(payments, capture["id"])
            left = total([capture]) - total(refunds)
            assert left >= 0
            expected = "COMPLETED" if not refunds else "PARTIALLY_REFUNDED" if left else "REFUNDED"
            assert capture["status"] == expected


@settings(deadline=None, max_examples=40)
@given(WISHES, WISHES)
def test_a_voided_authorization_gives_nothing_more(books: Books, before: list[Wish], after: list[Wish]) -> None:
    """What was captured before stays; nothing is captured afterwards."""
    order, held = authorized(books)
    for wish in (*before, Wish("void", 0, at_limit=False, final=False)):
        wished(books, order, held, wish)
    ended = [capture["id"] for capture in payments_of(books, order)["captures"]]
    for wish in after:
        wished(books, order, held, wish)
    assert [capture["id"] for capture in payments_of(books, order)["captures"]] == ended
