"""The ledger and the outbox, read from the database itself: each story of a payment leaves the postings and the events that belong to it."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import Any
from uuid import UUID

import pytest

from codec.codec import JsonCodec
from codec.times import Rfc3339Times
from gateways.registry import CAPABILITIES
from gateways.stripe.amounts import from_stripe
from sandbox.stripe.records.balance_transaction import processing_fee
from server.commands.cards import card
from server.commands.rest_client import RestClient
from server.commands.sandbox_client import SandboxClient
from sycee.v1 import dispute_service_pb2 as dispute_pb
from sycee.v1 import payment_service_pb2 as pb
from sycee.v1 import refund_service_pb2 as refund_pb
from tests.e2e.installation import Installation
from tests.e2e.mall import BY_PEN
from tests.e2e.wishes import PAYMENTS, authorised, paid, refusal, wish


class Books:
    """What is written of a payment."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database

    def posted(self, payment_id: str) -> dict[str, int]:
        """What stands on each account for it, in minor units."""
        return dict(self._of(_POSTED, payment_id))

    def told_of_refund(self, refund_id: str) -> list[tuple[str, int, refund_pb.Refund]]:
        """A refund's events, likewise."""
        return [
            (kind, number, refund_pb.Refund.FromString(payload)) for kind, number, payload in self._of(_TOLD, refund_id)
        ]

    def told_of_dispute(self, dispute_id: str) -> list[tuple[str, int, dispute_pb.Dispute]]:
        """A dispute's events, likewise."""
        return [
            (kind, number, dispute_pb.Dispute.FromString(payload))
            for kind, number, payload in self._of(_TOLD, dispute_id)
        ]

    def told(self, payment_id: str) -> list[tuple[str, int, pb.Payment]]:
        """Its events in their order: type, number, and the payment as it was then."""
        return [(kind, number, pb.Payment.FromString(payload)) for kind, number, payload in self._of(_TOLD, payment_id)]

    def unbalanced(self) -> list[object]:
        """Postings of anybody that do not sum to zero."""
        return self._database.execute(_UNBALANCED).fetchall()

    def _of(self, query: str, payment_id: str) -> list[Any]:
        return self._database.execute(query, (UUID(payment_id).bytes,)).fetchall()


_POSTED = """
    SELECT account, SUM(amount_minor) FROM ledger_entries
    JOIN ledger_postings ON ledger_postings.id = posting_id WHERE source_id = ? GROUP BY account
"""
_TOLD = "SELECT type, sequence, payload FROM events WHERE object_id = ? ORDER BY sequence"
_UNBALANCED = "SELECT posting_id FROM ledger_entries GROUP BY posting_id HAVING SUM(amount_minor) != 0"


@pytest.fixture
def books(rest: RestClient, installation: Installation) -> Iterator[Books]:
    with closing(sqlite3.connect(f"file:{installation.database}?mode=ro", uri=True)) as database:
        yield Books(database)


def charge(amount_minor: int, fee_minor: int | None = None) -> dict[str, int]:
    """With the simulated Stripe's fee, unless another one is given."""
    fee = processing_fee(amount_minor) if fee_minor is None else fee_minor
    posted = {"gateway_receivable": amount_minor - fee, "merchant": -amount_minor}
    return posted | {"gateway_fees": fee} if fee else posted


def refund(amount_minor: int) -> dict[str, int]:
    return {"gateway_available": -amount_minor, "merchant": amount_minor}


async def captured(rest: RestClient, amount: str) -> str:
    payment_id: str = (await authorised(rest))["id"]
    assert (await rest.post(f"{PAYMENTS}/{payment_id}/capture", {"amount": amount})).status == 200
    return payment_id


async def canceled(rest: RestClient) -> str:
    payment_id: str = (await authorised(rest))["id"]
    assert (await rest.post(f"{PAYMENTS}/{payment_id}/cancel")).status == 200
    return payment_id


async def declined(rest: RestClient) -> str:
    answer = await rest.post(PAYMENTS, wish(payment_method=card("4000000000000002")))
    return refusal(answer).details[0]["payment_id"]


async def test_money_that_was_taken_is_posted(rest: RestClient, books: Books) -> None:
    """It is the merchant's, and the gateway holds it less its fee: exactly what was captured, in minor units."""
    assert books.posted((await paid(rest))["id"]) == charge(5949)
    assert books.posted((await paid(rest, amount="1.230", currency="KWD"))["id"]) == charge(1230)
    # ISO 4217 counts no decimals here, whatever the gateway counts in: a fee of 35.10 krónur cannot be told in them.
    assert books.posted((await paid(rest, amount="1200", currency="ISK"))["id"]) == charge(1200, fee_minor=0)
    assert books.posted(await captured(rest, "40.00")) == charge(4000)


async def test_money_that_went_back_is_posted_back(rest: RestClient, books: Books) -> None:
    """Each refund by itself, out of what is available; the charge stays as it was."""
    payment_id = (await paid(rest))["id"]
    first, second = [
        (await rest.post(f"{PAYMENTS}/{payment_id}/refunds", body)).json for body in ({"amount": "12.50"}, {})
    ]
    assert books.posted(payment_id) == charge(5949)
    assert books.posted(first["id"]) == refund(1250)
    assert books.posted(second["id"]) == refund(4699)
    assert books.unbalanced() == []


async def test_a_refund_tells_its_own_events(rest: RestClient, books: Books) -> None:
    """Numbered from one, the last one as reading the refund shows it; the payment's own go no further."""
    payment_id = (await paid(rest))["id"]
    refund_id = (await rest.post(f"{PAYMENTS}/{payment_id}/refunds", {})).json["id"]
    told = books.told_of_refund(refund_id)
    assert [(kind, number) for kind, number, _ in told] == [("refund.created", 1), ("refund.succeeded", 2)]
    _, _, shown = told[-1]
    read = await rest.get(f"{PAYMENTS}/{payment_id}/refunds/{refund_id}")
    assert JsonCodec(Rfc3339Times()).encode(shown) == read.body
    assert len(books.told(payment_id)) == 2


async def test_money_that_was_not_taken_is_not_posted(rest: RestClient, books: Books) -> None:
    """Reserved, released or declined: no entry."""
    for payment_id in ((await authorised(rest))["id"], await canceled(rest), await declined(rest)):
        assert books.posted(payment_id) == {}


async def test_every_story_tells_its_events(rest: RestClient, books: Books) -> None:
    """The documented types, numbered from one, and nothing else."""
    stories = {
        (await paid(rest))["id"]: ["payment.created", "payment.succeeded"],
        (await authorised(rest))["id"]: ["payment.created"],
        await captured(rest, "59.49"): ["payment.created", "payment.captured", "payment.succeeded"],
        await canceled(rest): ["payment.created", "payment.canceled"],
        await declined(rest): ["payment.created", "payment.failed"],
    }
    for payment_id, kinds in stories.items():
        assert [(kind, number) for kind, number, _ in books.told(payment_id)] == [
            (kind, number) for number, kind in enumerate(kinds, start=1)
        ]


async def test_an_event_shows_the_payment_as_it_became(rest: RestClient, books: Books) -> None:
    """The last one shows what reading the payment shows."""
    for payment_id in (
        (await paid(rest))["id"],
        await captured(rest, "1.00"),
        await canceled(rest),
        await declined(rest),
    ):
        _, _, shown = books.told(payment_id)[-1]
        read = await rest.get(f"{PAYMENTS}/{payment_id}")
        assert JsonCodec(Rfc3339Times()).encode(shown) == read.body


async def test_a_replay_and_a_refusal_write_nothing(rest: RestClient, books: Books) -> None:
    """One posting and one story, however often it is asked for."""
    payment_id = (await authorised(rest))["id"]
    for key in ("books-1", "books-1", "books-2"):
        await rest.post(f"{PAYMENTS}/{payment_id}/capture", {"amount": "5.00"}, key)
    assert books.posted(payment_id) == charge(500)
    assert len(books.told(payment_id)) == 3


# By which a payment is known here and there: an order's payments have one number at several gateways.
Key = tuple[str, str]


async def everything(rest: RestClient) -> dict[Key, dict[str, Any]]:
    """Every payment there is by its gateway and reference, however many tests have run before."""
    found: list[dict[str, Any]] = []
    for page in range(1, 1000):
        answer = await rest.get(PAYMENTS, page=page, per_page=100, order="asc")
        found += answer.json["data"]
        if page >= answer.json["pagination"]["total_pages"]:
            break
    return {(payment["gateway"], payment["reference"]): payment for payment in found}


async def taken_at(sandbox: SandboxClient, gateway: str) -> list[tuple[Key, int]]:
    """What a gateway has captured under each of our references, in minor units of ISO 4217."""
    return [
        (
            (gateway, one["reference"]),
            from_stripe(one["captured_minor"], one["currency"].upper())
            if gateway == "stripe"
            else one["captured_minor"],
        )
        for one in await sandbox.at(gateway).payments()
    ]


async def test_the_books_agree_with_the_gateways(rest: RestClient, sandbox: SandboxClient, books: Books) -> None:
    """Whoever made them: each payment is at its gateway once, under our reference, with the same money; and every posting sums to zero."""
    await paid(rest)
    ours = {
        key: payment
        for key, payment in (await everything(rest)).items()
        if payment["status"] in {"succeeded", "refunded", "failed", "canceled"} and payment["description"] != BY_PEN
    }
    theirs = [one for gateway in CAPABILITIES for one in await taken_at(sandbox, gateway) if one[0] in ours]
    taken = dict(theirs)
    assert len(taken) == len(theirs)
    posted = {key: books.posted(payment["id"]).get("merchant", 0) for key, payment in ours.items()}
    assert posted == {key: -taken.get(key, 0) for key in ours}
    assert books.unbalanced() == []
