"""The balance, what moved it, and the proof of the books, from outside; fees are what the gateways' own books say."""

from typing import Any
from uuid import NAMESPACE_URL, uuid5

import aiohttp
import grpc
import pytest

from sandbox.paypal.money import fee as paypal_fee
from sandbox.stripe.records.balance_transaction import processing_fee
from server.commands.rest_client import RestClient
from server.commands.running import Development
from server.domain.money import Money
from sycee.v1 import balance_service_pb2 as pb
from sycee.v1.balance_service_pb2_grpc import BalanceServiceStub
from tests.e2e.mall import Mall
from tests.e2e.polling import until
from tests.e2e.wishes import PAYMENTS, paid, refusal, token
from tests.rpc import a_callers_metadata

BALANCE = "/api/v1/balance"
TRANSACTIONS = f"{BALANCE}/transactions"
VERIFY = "/api/v1/ledger/verify"

_POSTED_WITHIN_SECONDS = 20.0


async def moved(rest: RestClient, source_id: str) -> list[dict[str, Any]]:
    """What a payment or a refund moved, newest first."""
    answer = await rest.get(TRANSACTIONS, source_id=source_id)
    assert answer.status == 200, answer.body
    found: list[dict[str, Any]] = answer.json["data"]
    return found


async def held(rest: RestClient, currency: str, **query: str) -> dict[str, str | None]:
    """Each list's amount in a currency, None where there is none."""
    answer = await rest.get(BALANCE, **query)
    assert answer.status == 200, answer.body
    assert list(answer.json) == ["available", "pending", "instant_available"]
    return {
        name: next((one["amount"] for one in amounts if one["currency"] == currency), None)
        for name, amounts in answer.json.items()
    }


async def test_a_balance_has_the_documented_shape(rest: RestClient) -> None:
    """Three lists of currency and amount, each sorted by currency; what could be paid out at once no gateway tells."""
    await paid(rest)
    await paid(rest, amount="100", currency="JPY")
    told = (await rest.get(BALANCE)).json
    assert list(told) == ["available", "pending", "instant_available"]
    assert told["instant_available"] == []
    for amounts in (told["available"], told["pending"]):
        assert [list(one) for one in amounts] == [["currency", "amount"]] * len(amounts)
        assert [one["currency"] for one in amounts] == sorted(one["currency"] for one in amounts)
        assert {"USD", "JPY"} <= {one["currency"] for one in amounts}


async def test_a_charge_waits_less_stripes_fee(rest: RestClient) -> None:
    """What Stripe's own books say it kept; the rest is pending until the day that Stripe names."""
    payment = await paid(rest, amount="1234.50", currency="NOK")
    fee_minor = processing_fee(123450)
    net = str(Money(123450 - fee_minor, "NOK"))
    (charge,) = await moved(rest, payment["id"])
    assert charge["id"].startswith("txn_")
    shown = {name: charge[name] for name in ("type", "amount", "fee", "net", "currency", "source_id", "gateway")}
    assert shown == {
        "type": "charge",
        "amount": "1234.50",
        "fee": str(Money(fee_minor, "NOK")),
        "net": net,
        "currency": "NOK",
        "source_id": payment["id"],
        "gateway": "stripe",
    }
    assert charge["available_on"] > charge["created_at"][:10]
    assert await held(rest, "NOK") == {"available": "0.00", "pending": net, "instant_available": None}
    assert await held(rest, "NOK", gateway="stripe") == await held(rest, "NOK")
    assert (await held(rest, "NOK", gateway="paypal"))["pending"] is None


async def test_a_refund_may_take_more_than_is_available(rest: RestClient) -> None:
    """It goes out of what is available, which falls below zero; the fee stays with Stripe."""
    payment = await paid(rest, amount="80.00", currency="SEK")
    refund = (await rest.post(f"{PAYMENTS}/{payment['id']}/refunds", {"amount": "30.00"})).json
    (row,) = await moved(rest, refund["id"])
    assert [row[name] for name in ("type", "amount", "fee", "net")] == ["refund", "-30.00", "0.00", "-30.00"]
    assert (await held(rest, "SEK"))["available"] == "-30.00"


async def test_paypal_keeps_its_fee_at_the_capture(rest: RestClient, mall: Mall) -> None:
    """`paypal_fee` of the capture's breakdown."""
    opened = await mall.paid("paypal")
    (charge,) = await moved(rest, opened.payment_id)
    assert (charge["gateway"], charge["amount"]) == ("paypal", "100.00")
    assert charge["fee"] == str(Money(paypal_fee(10000, "USD"), "USD"))


async def test_what_stripe_moves_by_itself_is_posted(rest: RestClient, mall: Mall) -> None:
    """Fees and adjustments, under the name that is made of Stripe's number; in a currency of their own, as the balance is everybody's."""
    wanted: dict[str, list[str]] = {}
    for type, amount, fee, shown in (
        ("stripe_fee", "-2.00", "0", ["fee", "-2.00", "0.00", "-2.00"]),
        ("adjustment", "7.00", "0.25", ["adjustment", "7.00", "0.25", "6.75"]),
        ("topup_reversal", "-3.00", "0", ["adjustment", "-3.00", "0.00", "-3.00"]),
    ):
        number = await mall.sandbox.moves_by_itself(type, amount, "ron", fee)
        wanted[str(uuid5(NAMESPACE_URL, f"urn:sycee:stripe:{number}"))] = shown

    async def listed() -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await rest.get(TRANSACTIONS, currency="RON")).json["data"]
        return found

    # Whoever saves a configuration has the background read the lists now; nothing in it changes.
    async with mall.configured("stripe"):
        found = await until(listed, lambda found: len(found) >= len(wanted), _POSTED_WITHIN_SECONDS)
    told = {row["source_id"]: [row[name] for name in ("type", "amount", "fee", "net")] for row in found}
    assert (len(found), told) == (len(wanted), wanted)
    (fee_row,) = (await rest.get(TRANSACTIONS, currency="RON", type="fee", gateway="stripe")).json["data"]
    assert await moved(rest, fee_row["source_id"]) == [fee_row]
    assert fee_row["available_on"] == fee_row["created_at"][:10]
    assert (await held(rest, "RON"))["available"] == "1.75"
    proof = await rest.post(VERIFY, {})
    assert proof.status == 200, proof.body
    assert not set(wanted) & {one["subject"] for one in proof.json["discrepancies"]}


@pytest.mark.parametrize("gateway", ["alipay", "wechat"])
async def test_who_tells_no_fee_has_none(rest: RestClient, mall: Mall, gateway: str) -> None:
    """Alipay and WeChat Pay settle with their statement, not payment by payment: the whole amount, available on the next day."""
    opened = await mall.paid(gateway)
    (charge,) = await moved(rest, opened.payment_id)
    assert [charge[name] for name in ("amount", "fee", "net")] == ["100.00", "0.00", "100.00"]
    assert charge["available_on"] > charge["created_at"][:10]


async def test_transactions_are_listed_and_filtered(rest: RestClient) -> None:
    """Newest first, in pages with a total; every filter alone says what the list shows."""
    payments = [(await paid(rest, amount=f"{number}.00", currency="DKK"))["id"] for number in (10, 11, 12)]
    refund = (await rest.post(f"{PAYMENTS}/{payments[0]}/refunds", {})).json["id"]
    answer = await rest.get(TRANSACTIONS, currency="DKK", per_page=2)
    assert [row["source_id"] for row in answer.json["data"]] == [refund, payments[2]]
    assert answer.json["pagination"] == {"page": 1, "per_page": 2, "total": 4, "total_pages": 2}
    rest_of_them = await rest.get(TRANSACTIONS, currency="DKK", per_page=2, page=2)
    assert [row["source_id"] for row in rest_of_them.json["data"]] == [payments[1], payments[0]]
    for query, wanted in (
        ({"type": "refund"}, [refund]),
        ({"type": "charge"}, payments[::-1]),
        ({"type": "payout"}, []),
        ({"gateway": "paypal"}, []),
        ({"created_after": "2999-01-01T00:00:00Z"}, []),
        ({"created_before": "2999-01-01T00:00:00Z", "gateway": "stripe"}, [refund, *payments[::-1]]),
    ):
        found = await rest.get(TRANSACTIONS, currency="DKK", **query)
        assert [row["source_id"] for row in found.json["data"]] == wanted, query
    for wrong in ({"type": "gift"}, {"currency": "dkk"}, {"source_id": "7"}, {"created_after": "noon"}, {"page": "0"}):
        told = refusal(await rest.get(TRANSACTIONS, **wrong))
        assert (told.status, told.code, told.fields) == (400, "VALIDATION_ERROR", list(wrong))


async def test_grpc_tells_the_same(rest: RestClient, channel: grpc.aio.Channel, service: Development) -> None:
    """Balance and list are the same objects on both faces; tokens go on where a page ended."""
    payment = await paid(rest, amount="20.00", currency="PLN", payment_method=token("pm_card_visa"))
    stub: Any = BalanceServiceStub(channel)
    metadata = a_callers_metadata(service.secret_key)
    balance: pb.Balance = await stub.GetBalance(pb.GetBalanceRequest(gateway="stripe"), metadata=metadata)
    told = {one.currency: one.amount for one in balance.pending}
    assert told == {
        one["currency"]: one["amount"] for one in (await rest.get(BALANCE, gateway="stripe")).json["pending"]
    }
    await paid(rest, amount="21.00", currency="PLN")
    request = pb.ListBalanceTransactionsRequest(currency="PLN", per_page=1)
    first = await stub.ListBalanceTransactions(request, metadata=metadata)
    request.page_token = first.next_page_token
    second = await stub.ListBalanceTransactions(request, metadata=metadata)
    assert [row.amount for row in (*first.data, *second.data)] == ["21.00", "20.00"]
    assert second.data[0].source_id == payment["id"]
    assert (second.next_page_token, second.HasField("pagination")) == ("", False)


async def test_the_books_are_proven(rest: RestClient, service: Development) -> None:
    """After all that other tests did: nothing contradicts, and the audit log has who asked."""
    await paid(rest)
    admin = rest.by(service.admin_token)
    answer = await admin.post(VERIFY, {})
    assert answer.status == 200, answer.body
    proof = answer.json
    assert list(proof) == ["balanced", "entries_checked", "accounts_checked", "discrepancies", "verified_at"]
    assert (proof["balanced"], proof["discrepancies"]) == (True, [])
    assert proof["entries_checked"] >= 2
    assert proof["accounts_checked"] >= 2
    (entry,) = (await admin.get("/api/v1/audit_log", action="ledger.verified", per_page=1)).json["data"]
    assert (entry["object_type"], entry["details"]["balanced"]) == ("ledger", "true")


async def test_balances_are_not_for_everybody(
    rest: RestClient, service: Development, http: aiohttp.ClientSession
) -> None:
    """Neither for customers of the mall nor for nobody; the proof is for those who may ask for it."""
    for path in (BALANCE, TRANSACTIONS):
        assert (await rest.by(None).get(path)).status == 401
        assert (await rest.by(service.user_token).get(path)).status == 403
    assert (await rest.by(service.user_token).post(VERIFY, {})).status == 403
