"""The simulated PayPal's list of disputes: filtered and paged as PayPal describes it, in its form, and strict about what it is asked."""

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.integration.paypal_description import described_operations
from tests.integration.paypal_sandbox import Sandbox, order_of, sandbox, timed

__all__ = ["sandbox"]

LIST = "/v1/customer/disputes"


def moment(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


async def dispute(sandbox: Sandbox, invoice: str) -> str:
    """A dispute of a payment that was captured."""
    (paid,) = await sandbox.payments(invoice)
    body = {"gateway": "paypal", "gateway_payment_id": paid["gateway_payment_id"]}
    number: str = (await sandbox.control("POST", "disputes", body))["id"]
    return number


async def numbers(sandbox: Sandbox, query: str = "") -> list[str]:
    answer = await sandbox.call("GET", LIST + query)
    assert answer.status == 200, answer.body
    return [each["dispute_id"] for each in answer.body.get("items", [])]


def next_page(body: dict[str, Any]) -> str | None:
    links = [each["href"] for each in body["links"] if each["rel"] == "next"]
    return LIST + links[0].partition(LIST)[2] if links else None


async def test_the_list_is_as_paypal_describes_it(sandbox: Sandbox) -> None:
    """Summaries, which do not name the payment; a list of nothing has no items."""
    described = described_operations()[("GET", LIST)]
    nothing = await sandbox.call("GET", LIST)
    await sandbox.captured(order_of(invoice_id="I1"))
    number = await dispute(sandbox, "I1")
    listed = await sandbox.call("GET", LIST)
    await sandbox.control("POST", f"disputes/{number}/close", {"outcome": "lost"})
    ended = await sandbox.call("GET", LIST)
    refused = await sandbox.call("GET", f"{LIST}?page_size=51")
    for answer in (nothing, listed, ended, refused):
        assert described.reply_problems(answer.status, answer.body) == []
    assert "items" not in nothing.body
    (summary,) = listed.body["items"]
    assert "disputed_transactions" not in summary


async def test_pages_follow_one_another_by_their_links(sandbox: Sandbox) -> None:
    """What was opened last comes first; ten are a page unless another number is asked for."""
    await sandbox.captured(order_of(invoice_id="I1"))
    opened = [await dispute(sandbox, "I1") for _ in range(11)]
    assert len(await numbers(sandbox)) == 10
    path: str | None = f"{LIST}?page_size=4&dispute_state=REQUIRED_ACTION"
    found: list[str] = []
    sizes: list[int] = []
    while path is not None:
        answer = await sandbox.call("GET", path)
        found += [each["dispute_id"] for each in answer.body["items"]]
        sizes.append(len(answer.body["items"]))
        path = next_page(answer.body)
    assert (found, sizes) == (opened[::-1], [4, 4, 3])


async def test_filters_let_through_what_they_say(tmp_path: Path) -> None:
    """By opening, by change, by state, and by the payment."""
    async with timed(tmp_path) as (sandbox, clock):
        capture = await sandbox.captured(order_of(invoice_id="I1"))
        await sandbox.captured(order_of(invoice_id="I2"))
        old = await dispute(sandbox, "I1")
        clock.advance(days=2)
        new = await dispute(sandbox, "I2")
        clock.advance(days=2)
        await sandbox.control("POST", f"disputes/{old}/close", {"outcome": "won"})
        sandbox.forget_token()
        recently = moment(clock.now - 3 * 86400)
        assert await numbers(sandbox, f"?start_time={recently}") == [new]
        assert await numbers(sandbox, f"?update_time_after={recently}") == [new, old]
        assert await numbers(sandbox, f"?update_time_before={moment(clock.now - 60)}") == [new]
        assert await numbers(sandbox, "?dispute_state=RESOLVED") == [old]
        assert await numbers(sandbox, "?dispute_state=RESOLVED,REQUIRED_ACTION") == [new, old]
        assert await numbers(sandbox, f"?disputed_transaction_id={capture['id']}") == [old]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("page_size=0", "page_size"),
        ("page_size=51", "page_size"),
        ("page_size=ten", "page_size"),
        ("page_size=5&page_size=6", "page_size"),
        ("page=2", "page"),
        ("start_time=2026-03-01", "start_time"),
        ("start_time=2026-03-01T00:00:00Z", "start_time"),
        ("update_time_after=2026-03-01T00:00:00Z", "update_time_after"),
        ("update_time_before=2026-02-30T00:00:00Z", "update_time_before"),
        ("start_time={now}&disputed_transaction_id=X", "disputed_transaction_id"),
        ("dispute_state=WON", "dispute_state"),
        ("next_page_token=bm9ib2R5", "next_page_token"),
        ("next_page_token=-", "next_page_token"),
    ],
)
async def test_a_wrong_question_is_refused(sandbox: Sandbox, query: str, field: str) -> None:
    """400, which names the parameter."""
    answer = await sandbox.call("GET", f"{LIST}?{query}".format(now=moment(time.time())))
    assert (answer.status, answer.body["name"]) == (400, "INVALID_REQUEST")
    assert [(each["field"], each["location"]) for each in answer.body["details"]] == [(field, "query")]
