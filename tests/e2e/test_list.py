"""Lists over REST: every documented filter, order and page, and what is refused."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio

from server.commands.cards import card
from server.commands.rest_client import RestClient
from tests.e2e.wishes import PAYMENTS, authorised, paid, read, refusal, wish

CUSTOMER, ORDER = str(uuid4()), "0190a5c4-7d3e-7b1c-9f2a-6e1d5c4b3a28"

Payment = dict[str, Any]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def shop(rest: RestClient) -> list[Payment]:
    """One customer's payments, oldest first: of several currencies, amounts, orders and states."""
    made = [
        await paid(rest, customer_id=CUSTOMER, amount=amount, currency=currency)
        for amount, currency in (("10", "USD"), ("10.01", "USD"), ("9.99", "EUR"), ("100", "JPY"), ("10.000", "KWD"))
    ]
    made += [await paid(rest, customer_id=CUSTOMER, order_id=ORDER, amount=amount) for amount in ("3", "20.00", "3.00")]
    made += [await authorised(rest, customer_id=CUSTOMER, order_id=ORDER, amount="7") for _ in range(3)]
    await rest.post(f"{PAYMENTS}/{made[-1]['id']}/cancel")
    declined = await rest.post(PAYMENTS, wish(customer_id=CUSTOMER, payment_method=card("4000000000000002")))
    payment_ids = [*(payment["id"] for payment in made), refusal(declined).details[0]["payment_id"]]
    return list(await asyncio.gather(*(read(rest, payment_id) for payment_id in payment_ids)))


async def listed(rest: RestClient, **query: str | int) -> list[str]:
    """The ids of one page of the customer's payments."""
    answer = await rest.get(PAYMENTS, customer_id=CUSTOMER, **query)
    assert answer.status == 200, answer.body
    return [payment["id"] for payment in answer.json["data"]]


def ids(payments: list[Payment]) -> list[str]:
    return [payment["id"] for payment in payments]


async def test_a_list_has_data_and_pagination_and_nothing_else(rest: RestClient, shop: list[Payment]) -> None:
    """Exactly the two documented keys; the payments are what reading each of them shows."""
    answer = await rest.get(PAYMENTS, customer_id=CUSTOMER)
    assert list(answer.json) == ["data", "pagination"]
    assert answer.json["data"] == shop[::-1]
    assert list(answer.json["pagination"]) == ["page", "per_page", "total", "total_pages"]
    assert answer.json["pagination"] == {"page": 1, "per_page": 20, "total": len(shop), "total_pages": 1}


async def test_all_payments_are_listed_newest_first(rest: RestClient, shop: list[Payment]) -> None:
    """Without any parameter: twenty of all there are, whoever's."""
    answer = await rest.get(PAYMENTS)
    shown, stand = answer.json["data"], answer.json["pagination"]
    assert [payment["id"] for payment in shown] == sorted(ids(shown), reverse=True)
    assert stand["total"] >= len(shop)
    assert stand["total_pages"] == -(-stand["total"] // 20)
    assert len(shown) == min(20, stand["total"])


@pytest.mark.parametrize("per_page", [1, 5, 12, 100])
async def test_pages_make_the_whole_list(rest: RestClient, shop: list[Payment], per_page: int) -> None:
    """Each item once, in order; every page says where it stands; behind the last one there is nothing."""
    pages = -(-len(shop) // per_page)
    seen: list[str] = []
    for page in range(1, pages + 2):
        answer = await rest.get(PAYMENTS, customer_id=CUSTOMER, page=page, per_page=per_page)
        assert answer.json["pagination"] == {
            "page": page,
            "per_page": per_page,
            "total": len(shop),
            "total_pages": pages,
        }
        assert len(answer.json["data"]) == (min(per_page, len(shop) - len(seen)) if page <= pages else 0)
        seen += ids(answer.json["data"])
    assert seen == ids(shop[::-1])


def major(payment: Payment) -> Decimal:
    return Decimal(payment["amount"])


FILTERS: list[tuple[dict[str, str], Callable[[Payment], bool]]] = [
    ({"order_id": ORDER}, lambda payment: payment["order_id"] == ORDER),
    ({"order_id": ORDER.upper()}, lambda payment: payment["order_id"] == ORDER),
    ({"order_id": "0190a5c4-7d3e-7b1c-9f2a-6e1d5c4b3a29"}, lambda _: False),
    ({"gateway": "stripe"}, lambda _: True),
    ({"gateway": "alipay"}, lambda _: False),
    ({"status": "succeeded"}, lambda payment: payment["status"] == "succeeded"),
    ({"status": "pending"}, lambda payment: payment["status"] == "pending"),
    ({"status": "canceled"}, lambda payment: payment["status"] == "canceled"),
    ({"status": "failed"}, lambda payment: payment["status"] == "failed"),
    ({"status": "processing"}, lambda _: False),
    ({"status": "refunded"}, lambda _: False),
    ({"min_amount": "10"}, lambda payment: major(payment) >= 10),
    ({"min_amount": "10.005"}, lambda payment: major(payment) >= Decimal("10.005")),
    ({"max_amount": "10.00"}, lambda payment: major(payment) <= 10),
    ({"max_amount": "0"}, lambda _: False),
    ({"min_amount": "9.99", "max_amount": "10.0000"}, lambda payment: Decimal("9.99") <= major(payment) <= 10),
    ({"min_amount": "10", "max_amount": "9"}, lambda _: False),
    ({"order_id": ORDER, "status": "pending", "min_amount": "7"}, lambda payment: payment["status"] == "pending"),
    ({"created_after": "2024-01-15T10:01:30Z"}, lambda _: True),
    ({"created_before": "2024-01-15T10:01:30Z"}, lambda _: False),
    ({"created_after": "2999-01-01T00:00:00+08:00"}, lambda _: False),
]


@pytest.mark.parametrize(("query", "wanted"), FILTERS, ids=lambda value: str(value) if isinstance(value, dict) else "")
async def test_a_filter_shows_what_it_says_and_counts_it(
    rest: RestClient, shop: list[Payment], query: dict[str, str], wanted: Callable[[Payment], bool]
) -> None:
    """Amounts compare major units across currencies, their bounds inclusive; filters add up."""
    expected = ids([payment for payment in shop[::-1] if wanted(payment)])
    answer = await rest.get(PAYMENTS, customer_id=CUSTOMER, **query)
    assert ids(answer.json["data"]) == expected
    assert answer.json["pagination"]["total"] == len(expected)
    assert answer.json["pagination"]["total_pages"] == (1 if expected else 0)


async def test_every_filter_of_the_shop_finds_something(shop: list[Payment]) -> None:
    """The states that are filtered for are all there."""
    assert {payment["status"] for payment in shop} == {"succeeded", "pending", "canceled", "failed"}


@pytest.mark.parametrize("seconds", [-1, 0, 1])
async def test_times_of_creation_are_bounds_that_exclude_themselves(
    rest: RestClient, shop: list[Payment], seconds: int
) -> None:
    """`created_after` and `created_before` a second apart share nothing, and miss only what was created then."""
    moment = datetime.fromisoformat(shop[5]["created_at"]) + timedelta(seconds=seconds)
    text = moment.isoformat().replace("+00:00", "Z")
    newest_first = shop[::-1]
    after = [payment for payment in newest_first if datetime.fromisoformat(payment["created_at"]) > moment]
    before = [payment for payment in newest_first if datetime.fromisoformat(payment["created_at"]) < moment]
    assert await listed(rest, created_after=text) == ids(after)
    assert await listed(rest, created_before=text) == ids(before)


async def test_a_time_may_come_with_an_offset_and_a_fraction(rest: RestClient, shop: list[Payment]) -> None:
    """The same moment in another zone; half a second before it the second itself is not over."""
    moment = datetime.fromisoformat(shop[0]["created_at"])
    in_shanghai = (moment.replace(tzinfo=None) + timedelta(hours=8)).isoformat() + "+08:00"
    utc = moment.isoformat().replace("+00:00", "Z")
    assert await listed(rest, created_after=in_shanghai) == await listed(rest, created_after=utc)
    just_before = (moment - timedelta(seconds=0.5)).isoformat().replace("+00:00", "Z")
    assert shop[0]["id"] in await listed(rest, created_after=just_before)


@pytest.mark.parametrize("sort", [None, "created_at", "amount"])
@pytest.mark.parametrize("order", [None, "asc", "desc"])
async def test_a_list_is_sorted_as_asked(
    rest: RestClient, shop: list[Payment], sort: str | None, order: str | None
) -> None:
    """Newest first by default; amounts by major units across currencies, equal ones by age; the same over pages."""
    query = {name: value for name, value in {"sort": sort, "order": order}.items() if value is not None}
    expected = sorted(shop, key=lambda payment: (major(payment) if sort == "amount" else 0, payment["id"]))
    expected = expected if order == "asc" else expected[::-1]
    assert await listed(rest, **query) == ids(expected)
    assert [
        payment_id for page in (1, 2, 3) for payment_id in await listed(rest, page=page, per_page=5, **query)
    ] == ids(expected)


REFUSED: list[tuple[str, str]] = [
    *((f"per_page={value}", "per_page") for value in ("0", "101", "-1", "abc", "", "1.5", "1e1", "99999999999")),
    *((f"page={value}", "page") for value in ("0", "-1", "one", "", "2147483648")),
    *((f"order_id={value}", "order_id") for value in ("abc", "", "550e8400")),
    *((f"customer_id={value}", "customer_id") for value in ("1001", "null")),
    *((f"status={value}", "status") for value in ("paid", "", "SUCCEEDED", "1", "unspecified")),
    *((f"min_amount={value}", "min_amount") for value in ("abc", "-1", "", "1e3", "NaN", "1.23456", "1,000")),
    *((f"max_amount={value}", "max_amount") for value in ("x", "+1", "1000000000000")),
    *((f"created_after={value}", "created_after") for value in ("yesterday", "2024-01-15", "1705312890", "")),
    *((f"created_before={value}", "created_before") for value in ("2024-13-01T00:00:00Z", "2024-01-15T10:01:30")),
    *((f"sort={value}", "sort") for value in ("id", "", "-created_at", "AMOUNT")),
    *((f"order={value}", "order") for value in ("up", "DESC", "")),
    ("colour=red", "colour"),
    ("Page=1", "Page"),
    ("page_token=abc", "page_token"),
    ("limit=5", "limit"),
    ("page=1&page=2", "page"),
]


@pytest.mark.parametrize(("query", "field"), REFUSED)
async def test_a_query_that_does_not_parse_is_refused(rest: RestClient, query: str, field: str) -> None:
    """400 VALIDATION_ERROR names the parameter; unknown and repeated ones as well."""
    told = refusal(await rest.get(f"{PAYMENTS}?{query}"))
    assert (told.status, told.code, told.outcome, told.fields) == (400, "VALIDATION_ERROR", "not_sent", [field])


async def test_a_page_far_behind_the_end_is_empty(rest: RestClient) -> None:
    """It is no error."""
    answer = await rest.get(PAYMENTS, customer_id=CUSTOMER, page=2147483647, per_page=100)
    assert (answer.status, answer.json["data"]) == (200, [])


async def test_an_empty_list_has_no_pages(rest: RestClient) -> None:
    """`[]`, and zero of everything."""
    answer = await rest.get(PAYMENTS, customer_id=str(uuid4()))
    assert answer.json == {"data": [], "pagination": {"page": 1, "per_page": 20, "total": 0, "total_pages": 0}}
