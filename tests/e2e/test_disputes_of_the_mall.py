"""Disputes through the mall's gateways from outside: what the customer's complaint becomes, and that our answer is in the gateway's own books."""

import secrets
from typing import Any

import pytest

from server.commands.rest_client import RestClient
from tests.documents import PNG
from tests.e2e.disputing import EVIDENCE, WITHIN_SECONDS, submit, upload, when
from tests.e2e.mall import Mall
from tests.e2e.pens.message import form
from tests.e2e.polling import until
from tests.e2e.test_books import Books, books
from tests.e2e.wishes import refusal

__all__ = ["books"]


async def disputed(mall: Mall, gateway: str) -> dict[str, Any]:
    """The dispute of an order that was paid."""
    opened = await mall.paid(gateway)
    payment = await mall.payment(opened)
    number = await mall.sandbox.at(gateway).dispute(payment["gateway_payment_id"])
    dispute = await when(mall.operator, payment["id"], lambda seen: seen is not None)
    assert (dispute["gateway_dispute_id"], dispute["gateway"]) == (number, gateway)
    assert (dispute["amount"], dispute["status"]) == ("100.00", "needs_response")
    return dispute


async def test_paypal_takes_evidence_and_decides(mall: Mall, rest: RestClient, books: Books) -> None:
    """With tracking, notes and a document; the money is held meanwhile, and back when the dispute is won."""
    dispute = await disputed(mall, "paypal")
    held = await until(_posted(books, dispute["id"]), bool, WITHIN_SECONDS)
    assert held == {"gateway_available": -10000, "disputed": 10000}
    evidence = EVIDENCE | {"uncategorized_file": (await upload(rest, PNG)).json["id"]}
    answer = await submit(rest, dispute["id"], evidence)
    assert answer.status == 200, answer.body
    assert (answer.json["status"], answer.json["evidence"]) == ("under_review", evidence)
    (given,) = await mall.sandbox.at("paypal").evidence(dispute["gateway_dispute_id"])
    assert given["evidence_type"] == "PROOF_OF_FULFILLMENT"
    assert given["evidence_info"] == {"tracking_info": [{"carrier_name": "UPS", "tracking_number": "1Z999..."}]}
    assert "Product: 优质棉质 T 恤" in given["notes"]
    await mall.sandbox.close_dispute(dispute["gateway_dispute_id"], "won")
    await when(rest, dispute["payment_id"], lambda seen: seen["status"] == "won")
    assert books.posted(dispute["id"]) == {"gateway_available": 0, "disputed": 0}


def _posted(books: Books, source_id: str) -> Any:
    async def posted() -> dict[str, int]:
        return books.posted(source_id)

    return posted


@pytest.mark.parametrize("fault", ["timeout_before", "timeout_after", "reset_after", "http_500"])
async def test_evidence_whose_answer_paypal_loses_arrives_once(mall: Mall, rest: RestClient, fault: str) -> None:
    """The background finds it, or gives it again."""
    dispute = await disputed(mall, "paypal")
    paypal = mall.sandbox.at("paypal")
    await paypal.fault("evidence", fault)
    try:
        assert (await submit(rest, dispute["id"], {"uncategorized_text": "it arrived"})).status == 200
    finally:
        await paypal.no_faults()
    became = await when(rest, dispute["payment_id"], lambda seen: seen["evidence"] is not None)
    assert became["status"] == "under_review"
    assert len(await paypal.evidence(dispute["gateway_dispute_id"])) == 1


async def test_money_that_paypal_moves_in_parts_is_posted_in_parts(mall: Mall, rest: RestClient, books: Books) -> None:
    """A part that comes back, a second debit and a fee, before and after the decision; won in the end, nothing is disputed any more and the books are proven."""
    dispute = await disputed(mall, "paypal")
    number, posted = dispute["gateway_dispute_id"], _posted(books, dispute["id"])
    for kind, amount, reason, available, held in (
        ("credit", "30.00", "DISPUTE_SETTLEMENT", -7000, {"disputed": 7000}),
        ("debit", "12.50", "DISPUTE_SETTLEMENT", -8250, {"disputed": 8250}),
        ("debit", "15.00", "CHARGEBACK_FEE", -9750, {"disputed": 8250, "gateway_fees": 1500}),
    ):
        await mall.sandbox.move_disputed(number, kind, amount, reason=reason)
        wanted = {"gateway_available": available} | held
        await until(posted, lambda seen, so=wanted: seen == so, WITHIN_SECONDS)  # type: ignore[misc]
    await mall.sandbox.close_dispute(number, "won")
    await when(rest, dispute["payment_id"], lambda seen: seen["status"] == "won")
    await mall.sandbox.move_disputed(number, "credit", "15.00", reason="CHARGEBACK_FEE")
    over = {"gateway_available": 0, "disputed": 0, "gateway_fees": 0}
    assert await until(posted, lambda seen: seen == over, WITHIN_SECONDS) == over
    proof = await mall.operator.post("/api/v1/ledger/verify", {})
    assert proof.status == 200, proof.body
    assert dispute["id"] not in {found["subject"] for found in proof.json["discrepancies"]}


async def test_a_lost_dispute_at_paypal_keeps_the_money(mall: Mall, rest: RestClient, books: Books) -> None:
    """And a repeat, or an older event, changes nothing."""
    await mall.sandbox.callbacks("duplicate")
    try:
        dispute = await disputed(mall, "paypal")
        await mall.sandbox.close_dispute(dispute["gateway_dispute_id"], "lost")
        await when(rest, dispute["payment_id"], lambda seen: seen["status"] == "lost")
    finally:
        await mall.sandbox.callbacks("normal")
    assert books.posted(dispute["id"]) == {"gateway_available": -10000, "disputed": 10000}


async def test_more_words_than_paypal_takes_are_refused(mall: Mall, rest: RestClient) -> None:
    """Before anything is recorded: shorter ones are taken after."""
    dispute = await disputed(mall, "paypal")
    told = refusal(await submit(rest, dispute["id"], {"uncategorized_text": "x" * 2001}))
    assert (told.status, told.code) == (400, "VALIDATION_ERROR")
    assert (await submit(rest, dispute["id"], {"uncategorized_text": "x" * 1000})).status == 200


@pytest.mark.parametrize(
    ("gateway", "reason", "answer_in"), [("wechat", "REFUND", "response"), ("alipay", "未收到货", "feedback")]
)
async def test_complaints_are_answered(
    mall: Mall, rest: RestClient, books: Books, gateway: str, reason: str, answer_in: str
) -> None:
    """With words and a picture, which the customer reads; no money moves, and a complaint ends as a warning."""
    dispute = await disputed(mall, gateway)
    assert dispute["reason"] == reason
    document = (await upload(rest)).json["id"]
    for wrong in ({"uncategorized_text": "答" * 201}, {"uncategorized_text": "答", "uncategorized_file": document}):
        assert refusal(await submit(rest, dispute["id"], wrong)).code == "VALIDATION_ERROR"
    evidence = EVIDENCE | {"uncategorized_file": (await upload(rest, PNG)).json["id"]}
    answer = await submit(rest, dispute["id"], evidence)
    assert answer.status == 200, answer.body
    assert (answer.json["status"], answer.json["evidence"]) == ("under_review", evidence)
    (given,) = await mall.sandbox.at(gateway).evidence(dispute["gateway_dispute_id"])
    assert given[f"{answer_in}_content"].startswith("其他说明...\n商品：优质棉质 T 恤\n")
    assert len(given[f"{answer_in}_images"]) == 1
    await mall.sandbox.close_dispute(dispute["gateway_dispute_id"], "won")
    await when(rest, dispute["payment_id"], lambda seen: seen["status"] == "warning_closed")
    assert books.posted(dispute["id"]) == {}


@pytest.mark.parametrize(
    ("gateway", "fault"),
    [
        *[("wechat", fault) for fault in ("timeout_before", "timeout_after", "reset_after", "http_500")],
        *[("alipay", fault) for fault in ("timeout_after", "http_500")],
    ],
)
async def test_an_answer_whose_receipt_is_lost_is_given_once(
    mall: Mall, rest: RestClient, gateway: str, fault: str
) -> None:
    """The background finds it by its words, or gives it again."""
    dispute = await disputed(mall, gateway)
    at_gateway = mall.sandbox.at(gateway)
    await at_gateway.fault("evidence", fault)
    try:
        assert (await submit(rest, dispute["id"], {"uncategorized_text": "已与用户沟通解决"})).status == 200
    finally:
        await at_gateway.no_faults()
    became = await when(rest, dispute["payment_id"], lambda seen: seen["evidence"] is not None)
    assert became["status"] == "under_review"
    assert len(await at_gateway.evidence(dispute["gateway_dispute_id"])) == 1


async def test_a_forged_dispute_of_paypals_opens_nothing(mall: Mall, rest: RestClient) -> None:
    """Signed for another webhook it is refused; rightly signed, it opens one on the payment with that number."""
    opened = await mall.paid("paypal")
    number = f"PP-D-{secrets.randbelow(10**9)}"
    event = {
        "id": f"WH-{secrets.token_hex(8).upper()}",
        "event_type": "CUSTOMER.DISPUTE.CREATED",
        "resource": {
            "dispute_id": number,
            "update_time": "2026-03-01T12:00:00.000Z",
            "disputed_transactions": [{"invoice_number": opened.order_no}],
            "reason": "UNAUTHORISED",
            "status": "WAITING_FOR_SELLER_RESPONSE",
            "dispute_amount": {"currency_code": "USD", "value": "100.00"},
        },
    }
    pen = mall.pens.paypal
    assert (await mall.send(pen.message(event, webhook_id="OTHER"), "paypal")).status == 400
    assert (await mall.payment(opened))["dispute"] is None
    assert (await mall.send(pen.message(event), "paypal")).status == 200
    assert (await mall.payment(opened))["dispute"]["gateway_dispute_id"] == number


async def test_a_message_of_alipays_is_believed_looked_up_and_answered(mall: Mall) -> None:
    """Forged it is refused, put off it is asked for again, and the word that ends its repeats is said only once it is taken."""
    opened = await mall.paid("alipay")
    payment, alipay = await mall.payment(opened), mall.sandbox.at("alipay")
    async with mall.sandbox.without_callbacks():
        number = await alipay.dispute(payment["gateway_payment_id"])
    told = mall.pens.alipay.told(number)
    forged = told | {"biz_content": told["biz_content"].replace(number, "2020092300102000000001459758")}
    unknown = mall.pens.alipay.told("2020092300102000000001459758")
    for refused in (forged, told | {"app_id": "2021000000000999"}, unknown):
        answer = await mall.send(form(refused))
        assert (answer.status, answer.body) == (400, b"fail")
    await alipay.fault("fetch", "http_500", count=None)
    try:
        answer = await mall.send(form(told))
        assert (answer.status, answer.body) == (503, b"fail")
    finally:
        await alipay.no_faults()
    other = mall.pens.alipay.told(number, "alipay.open.app.api.status.changed")
    answer = await mall.send(form(other))
    assert (answer.status, answer.body) == (200, b"success")
    answer = await mall.send(form(told), "alipay")
    assert (answer.status, answer.body) == (200, b"success")
    assert (await mall.payment(opened))["dispute"]["gateway_dispute_id"] == number
