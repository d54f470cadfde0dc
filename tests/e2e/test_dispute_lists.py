"""Disputes whose callbacks are all lost, from outside: they are found on their gateway's list, follow it to their end, and the books have the money."""

from typing import Any

import pytest

from server.commands.rest_client import RestClient
from tests.documents import PNG
from tests.e2e.disputing import submit, upload, when
from tests.e2e.mall import Mall
from tests.e2e.test_books import Books, books
from tests.e2e.wishes import paid

__all__ = ["books"]

# How a dispute ends that the merchant wins, and what that leaves on the accounts: Stripe keeps its fee.
ENDS = {
    "stripe": ("won", {"gateway_available": -1500, "disputed": 0, "gateway_fees": 1500}),
    "paypal": ("won", {"gateway_available": 0, "disputed": 0}),
    "wechat": ("warning_closed", {}),
    "alipay": ("warning_closed", {}),
}


async def taken(mall: Mall, rest: RestClient, gateway: str) -> dict[str, Any]:
    """A payment whose money was taken, and told of."""
    return await paid(rest) if gateway == "stripe" else await mall.payment(await mall.paid(gateway))


async def read_lists(mall: Mall, gateway: str) -> None:
    """Has the background read them now, as whoever saves a configuration does; nothing in it changes."""
    async with mall.configured(gateway):
        pass


@pytest.mark.parametrize("gateway", ENDS)
async def test_a_dispute_that_no_callback_tells_of_is_known_and_ends(
    mall: Mall, rest: RestClient, books: Books, gateway: str
) -> None:
    """Opened, told of, decided, posted and proven, by the list alone."""
    payment = await taken(mall, rest, gateway)
    status, left = ENDS[gateway]
    async with mall.sandbox.without_callbacks():
        number = await mall.sandbox.at(gateway).dispute(payment["gateway_payment_id"])
        await read_lists(mall, gateway)
        dispute = await when(rest, payment["id"], lambda seen: seen is not None)
        assert (dispute["gateway_dispute_id"], dispute["status"]) == (number, "needs_response")
        await mall.sandbox.close_dispute(number, "won")
        await read_lists(mall, gateway)
        ended = await when(rest, payment["id"], lambda seen: seen["status"] != "needs_response")
    assert (ended["id"], ended["status"]) == (dispute["id"], status)
    assert books.posted(dispute["id"]) == left
    assert [kind for kind, _, _ in books.told_of_dispute(dispute["id"])] == ["dispute.created", "dispute.closed"]
    proof = await rest.post("/api/v1/ledger/verify", {})
    assert proof.status == 200, proof.body
    assert not {dispute["id"], payment["id"]} & {found["subject"] for found in proof.json["discrepancies"]}


async def test_a_complaint_on_a_bill_at_alipay_is_known_by_the_list_and_ends_with_our_answer(
    mall: Mall, rest: RestClient, books: Books
) -> None:
    """No message tells of such a complaint; Alipay has our words and our picture, and no money moves."""
    payment = await taken(mall, rest, "alipay")
    number = await mall.sandbox.complain_of_bill(payment["gateway_payment_id"])
    await read_lists(mall, "alipay")
    dispute = await when(rest, payment["id"], lambda seen: seen is not None)
    assert dispute["gateway_dispute_id"] == f"{number}-{payment['gateway_payment_id']}"
    assert (dispute["status"], dispute["amount"]) == ("needs_response", payment["amount"])
    assert dispute["evidence_due_by"] is not None
    evidence = {"uncategorized_text": "已发货", "uncategorized_file": (await upload(rest, PNG)).json["id"]}
    answer = await submit(rest, dispute["id"], evidence)
    assert answer.status == 200, answer.body
    assert answer.json["status"] == "warning_closed"
    assert {name: value for name, value in answer.json["evidence"].items() if value is not None} == evidence
    (given,) = await mall.sandbox.at("alipay").evidence(number)
    assert (given["remark"], len(given["img_file_list"])) == ("已发货", 1)
    assert books.posted(dispute["id"]) == {}
