"""Payouts from outside: asked for and stopped through both faces, and those that Stripe tells of by itself."""

import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import grpc
import pytest

from server.commands.cards import card
from server.commands.dev_credentials import dev_credentials
from server.commands.rest_client import Answer, RestClient
from server.commands.running import Development
from server.commands.sandbox_client import SandboxClient
from sycee.v1 import payout_service_pb2 as pb
from sycee.v1.payout_service_pb2_grpc import PayoutServiceStub
from tests.e2e.installation import Installation
from tests.e2e.polling import until
from tests.e2e.test_stripe_webhooks import ADDRESS, CALLBACKS, signed
from tests.e2e.wishes import paid, refusal
from tests.rpc import a_callers_metadata, answer_of

PAYOUTS, EVENTS, TRANSACTIONS = "/api/v1/payouts", "/api/v1/events", "/api/v1/balance/transactions"

# Stripe's published number whose charges are available at once.
AVAILABLE_AT_ONCE = "4000000000000077"
# The balance is that of all tests, whose refunds may have left less than nothing.
PLENTY = "500000.00"
_TOLD_WITHIN_SECONDS = 10.0


async def asked_for(rest: RestClient, amount: str = "10.00", **more: Any) -> Answer:
    """A payout, out of money that was earned for it."""
    await paid(rest, amount=PLENTY, payment_method=card(AVAILABLE_AT_ONCE))
    return await rest.post(PAYOUTS, {"amount": amount, "currency": "USD", **more}, key=str(uuid4()))


async def read(rest: RestClient, payout_id: str) -> dict[str, Any]:
    answer = await rest.get(f"{PAYOUTS}/{payout_id}")
    assert answer.status == 200, answer.body
    payout: dict[str, Any] = answer.json
    return payout


async def became(rest: RestClient, payout_id: str, status: str) -> dict[str, Any]:
    return await until(lambda: read(rest, payout_id), lambda payout: payout["status"] == status, _TOLD_WITHIN_SECONDS)


async def events_of(rest: RestClient, payout_id: str, count: int) -> list[tuple[int, str, str]]:
    """What callers are told of a payout, oldest first: sequence, type, and the status that it tells of."""

    async def told() -> list[tuple[int, str, str]]:
        answer = await rest.get(EVENTS, object_id=payout_id)
        assert answer.status == 200, answer.body
        found = [(one["sequence"], one["type"], one["data"]["object"]["status"]) for one in answer.json["data"]]
        return sorted(found)

    return await until(told, lambda found: len(found) >= count, _TOLD_WITHIN_SECONDS)


async def movements_of(rest: RestClient, payout_id: str) -> list[tuple[str, str]]:
    answer = await rest.get(TRANSACTIONS, source_id=payout_id)
    assert answer.status == 200, answer.body
    return [(one["type"], one["amount"]) for one in reversed(answer.json["data"])]


async def test_a_payout_is_as_documented(rest: RestClient) -> None:
    """201, pending, with every field there; read and listed alike."""
    answer = await asked_for(rest)
    assert answer.status == 201, answer.body
    payout = answer.json
    assert list(payout) == (
        "id amount currency status gateway gateway_payout_id arrival_date failure_reason created_at updated_at".split()
    )
    assert (payout["amount"], payout["currency"], payout["status"], payout["gateway"]) == (
        "10.00",
        "USD",
        "pending",
        "stripe",
    )
    assert payout["gateway_payout_id"].startswith("po_")
    assert payout["failure_reason"] is None
    datetime.strptime(payout["arrival_date"], "%Y-%m-%d").replace(tzinfo=UTC)
    assert await read(rest, payout["id"]) == payout
    assert (await rest.get(PAYOUTS)).json["data"][0] == payout
    assert await movements_of(rest, payout["id"]) == [("payout", "-10.00")]
    assert await events_of(rest, payout["id"], 1) == [(1, "payout.created", "pending")]


async def test_stripe_tells_of_a_payouts_way(rest: RestClient, sandbox: SandboxClient) -> None:
    """In transit, paid, and sent back by the bank after all: each is settled by its webhook, with its event and its place in the books."""
    payout = (await asked_for(rest)).json
    number = payout["gateway_payout_id"]
    for status in ("in_transit", "paid"):
        await sandbox.payout(number, status)
        await became(rest, payout["id"], status)
    assert await movements_of(rest, payout["id"]) == [("payout", "-10.00")]
    await sandbox.payout(number, "failed")
    failed = await became(rest, payout["id"], "failed")
    assert failed["failure_reason"] == "The bank did not take the payout: could_not_process."
    assert await movements_of(rest, payout["id"]) == [("payout", "-10.00"), ("payout_failure", "10.00")]
    assert await events_of(rest, payout["id"], 3) == [
        (1, "payout.created", "pending"),
        (2, "payout.paid", "paid"),
        (3, "payout.failed", "failed"),
    ]


async def test_a_pending_payout_is_stopped_once(rest: RestClient, sandbox: SandboxClient) -> None:
    """Its money is back in the balance; a second order finds nothing to stop."""
    payout = (await asked_for(rest)).json
    stopped = await rest.post(f"{PAYOUTS}/{payout['id']}/cancel", {}, key=str(uuid4()))
    assert (stopped.status, stopped.json["status"]) == (200, "canceled"), stopped.body
    assert await movements_of(rest, payout["id"]) == [("payout", "-10.00"), ("payout_failure", "10.00")]
    assert await events_of(rest, payout["id"], 2) == [
        (1, "payout.created", "pending"),
        (2, "payout.failed", "canceled"),
    ]
    again = refusal(await rest.post(f"{PAYOUTS}/{payout['id']}/cancel", {}))
    assert (again.status, again.code, again.outcome) == (409, "INVALID_STATE", "not_sent")


async def test_what_is_on_its_way_is_not_stopped(rest: RestClient, sandbox: SandboxClient) -> None:
    """409, whoever knew first that it had left."""
    payout = (await asked_for(rest)).json
    await sandbox.payout(payout["gateway_payout_id"], "in_transit")
    refused = refusal(await rest.post(f"{PAYOUTS}/{payout['id']}/cancel", {}))
    assert (refused.status, refused.code) == (409, "INVALID_STATE")
    await became(rest, payout["id"], "in_transit")


async def test_more_than_is_available_is_refused(rest: RestClient) -> None:
    """INVALID_AMOUNT by Stripe's own word; the payout is kept as failed, and nothing moved."""
    answer = await rest.post(PAYOUTS, {"amount": "99999999.00", "currency": "USD"}, key=str(uuid4()))
    refused = refusal(answer)
    assert (refused.status, refused.code) == (400, "INVALID_AMOUNT")
    kept = (await rest.get(PAYOUTS, status="failed")).json["data"][0]
    assert (kept["amount"], kept["gateway_payout_id"]) == ("99999999.00", None)
    assert await movements_of(rest, kept["id"]) == []


async def test_a_repeated_call_pays_out_once(rest: RestClient) -> None:
    """Under one key; two keys are two payouts."""
    await paid(rest, amount=PLENTY, payment_method=card(AVAILABLE_AT_ONCE))
    key = str(uuid4())
    first, second = [await rest.post(PAYOUTS, {"amount": "5.00", "currency": "USD"}, key=key) for _ in range(2)]
    assert (first.status, second.body) == (201, first.body)
    third = await rest.post(PAYOUTS, {"amount": "5.00", "currency": "USD"}, key=str(uuid4()))
    assert third.json["gateway_payout_id"] != first.json["gateway_payout_id"]


@pytest.mark.parametrize("fault", ["reset_after", "timeout_before"])
async def test_a_payout_whose_answer_is_lost_is_found_out(rest: RestClient, sandbox: SandboxClient, fault: str) -> None:
    """Pending until then, and sent once, whether or not the first call had arrived."""
    await paid(rest, amount=PLENTY, payment_method=card(AVAILABLE_AT_ONCE))
    await sandbox.fault("pay", fault)
    answer = await rest.post(PAYOUTS, {"amount": "7.77", "currency": "USD"}, key=str(uuid4()))
    await sandbox.no_faults()
    assert (answer.status, answer.json["status"]) == (201, "pending"), answer.body
    found = await until(
        lambda: read(rest, answer.json["id"]),
        lambda payout: payout["gateway_payout_id"] is not None,
        _TOLD_WITHIN_SECONDS * 2,
    )
    assert found["status"] == "pending"
    assert await movements_of(rest, found["id"]) == [("payout", "-7.77")]
    listed = (await rest.get(PAYOUTS, per_page=100)).json["data"]
    assert [one["id"] for one in listed if one["amount"] == "7.77"].count(found["id"]) == 1


async def test_what_stripe_pays_out_by_itself_is_taken_in(rest: RestClient, sandbox: SandboxClient) -> None:
    """By its webhook: a payout that nobody here asked for."""
    made = await sandbox.new_payout("12.34", "USD")

    async def seen() -> list[dict[str, Any]]:
        listed = (await rest.get(PAYOUTS, per_page=100)).json["data"]
        return [one for one in listed if one["gateway_payout_id"] == made["id"]]

    (payout,) = await until(seen, lambda found: len(found) == 1, _TOLD_WITHIN_SECONDS)
    assert (payout["amount"], payout["status"]) == ("12.34", "pending")
    assert await events_of(rest, payout["id"], 1) == [(1, "payout.created", "pending")]


async def test_repeated_and_reordered_webhooks_change_nothing(rest: RestClient, sandbox: SandboxClient) -> None:
    """Each comes twice, and the later one first: the state and the books are the same, each event once."""
    payout = (await asked_for(rest)).json
    await sandbox.callbacks("hold")
    for status in ("in_transit", "paid"):
        await sandbox.payout(payout["gateway_payout_id"], status)
    await sandbox.callbacks("reorder")
    await sandbox.release()
    await became(rest, payout["id"], "paid")
    await sandbox.callbacks("duplicate")
    try:
        await sandbox.payout(payout["gateway_payout_id"], "failed")
        await became(rest, payout["id"], "failed")
    finally:
        await sandbox.callbacks("normal")
    assert [number for number, _, _ in await events_of(rest, payout["id"], 3)] == [1, 2, 3]
    assert await movements_of(rest, payout["id"]) == [("payout", "-10.00"), ("payout_failure", "10.00")]


async def test_a_signed_webhook_that_does_not_agree_is_put_aside(rest: RestClient, installation: Installation) -> None:
    """Another amount than was asked for: acknowledged and quarantined. An unsigned one is refused. The payout is what it was."""
    payout = (await asked_for(rest)).json
    paid_elsewhere = {
        "id": payout["gateway_payout_id"],
        "object": "payout",
        "amount": 999,
        "currency": "usd",
        "status": "paid",
        "created": 1_700_000_000,
        "arrival_date": 1_700_000_000,
        "metadata": {},
    }
    event_id = f"evt_{uuid4().hex}"
    event = {"id": event_id, "object": "event", "type": "payout.paid", "data": {"object": paid_elsewhere}}
    body = json.dumps(event).encode()
    for secret, status, decision in (
        ("whsec_guessed", 400, "rejected"),
        (dev_credentials(installation.data_dir).stripe_webhook_secret, 200, "quarantined"),
    ):
        header = signed(body, secret, int(time.time()))
        headers = {"Content-Type": "application/json", "Stripe-Signature": header}
        assert (await rest.by(None).send("POST", ADDRESS, body, headers)).status == status
        newest = (await rest.get(CALLBACKS, decision=decision)).json["data"][0]
        assert newest["body"] == body.decode()
        explained = (await rest.get(f"{CALLBACKS}/{newest['id']}/explain")).json
        assert "failed" in {check["result"] for check in explained["checks"]}
    assert await read(rest, payout["id"]) == payout


async def test_every_documented_filter_filters(rest: RestClient) -> None:
    """Status, and the days that begin and end a period in UTC; what does not parse is named."""
    payout = (await asked_for(rest)).json
    today = datetime.fromisoformat(payout["created_at"]).date()
    tomorrow, yesterday = today + timedelta(days=1), today - timedelta(days=1)

    async def ids(**wanted: str) -> set[str]:
        answer = await rest.get(PAYOUTS, per_page=100, **wanted)
        assert answer.status == 200, answer.body
        return {one["id"] for one in answer.json["data"]}

    assert payout["id"] in await ids(date_after=str(today), date_before=str(tomorrow), status="pending")
    assert payout["id"] in await ids(gateway="stripe")
    assert payout["id"] not in await ids(date_after=str(tomorrow))
    assert payout["id"] not in await ids(date_before=str(today), date_after=str(yesterday))
    assert payout["id"] not in await ids(status="canceled")
    assert await ids(gateway="paypal") == set()
    for name, value in (("status", "lost"), ("date_after", "2024-02-30"), ("date_before", "yesterday")):
        refused = refusal(await rest.get(PAYOUTS, **{name: value}))
        assert (refused.status, refused.code) == (400, "VALIDATION_ERROR")
        assert name in refused.fields


@pytest.mark.parametrize("gateway", ["alipay", "wechat", "paypal"])
async def test_what_pays_out_by_itself_is_not_asked(rest: RestClient, gateway: str) -> None:
    """NOT_SUPPORTED, and no payout is recorded."""
    before = (await rest.get(PAYOUTS)).json["pagination"]["total"]
    body = {"amount": "10.00", "currency": "USD" if gateway == "paypal" else "CNY", "gateway": gateway}
    refused = refusal(await rest.post(PAYOUTS, body))
    assert (refused.status, refused.code, refused.outcome) == (400, "NOT_SUPPORTED", "not_sent")
    assert (await rest.get(PAYOUTS)).json["pagination"]["total"] == before


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"amount": "0"}, "INVALID_AMOUNT"),
        ({"amount": "10.001"}, "INVALID_AMOUNT"),
        ({"amount": 10}, "INVALID_AMOUNT"),
        ({"currency": "usd"}, "INVALID_CURRENCY"),
        ({"currency": "XAU"}, "INVALID_CURRENCY"),
        ({"gateway": "nobody"}, "VALIDATION_ERROR"),
        ({"note": "x"}, "VALIDATION_ERROR"),
    ],
)
async def test_what_makes_no_payout_is_refused(rest: RestClient, changes: dict[str, Any], code: str) -> None:
    """Before anything is recorded or sent."""
    refused = refusal(await rest.post(PAYOUTS, {"amount": "10.00", "currency": "USD", **changes}))
    assert (refused.status, refused.code) == (400, code)


async def test_payouts_need_their_scopes(rest: RestClient, service: Development) -> None:
    """A restricted key that may only read is forbidden to pay out."""
    restricted = rest.by(service.restricted_key)
    assert (await restricted.get(PAYOUTS)).status == 200
    assert (await restricted.post(PAYOUTS, {"amount": "10.00", "currency": "USD"})).status == 403
    assert (await rest.by(None).get(PAYOUTS)).status == 401


async def test_grpc_serves_the_same(rest: RestClient, channel: grpc.aio.Channel, service: Development) -> None:
    """Created, read, listed with tokens, stopped, and missing."""
    await paid(rest, amount=PLENTY, payment_method=card(AVAILABLE_AT_ONCE))
    stub, metadata = PayoutServiceStub(channel), a_callers_metadata(service.secret_key)
    wish = pb.CreatePayoutRequest(amount="3.00", currency="USD", gateway="stripe")
    made = [await stub.CreatePayout(wish, metadata=metadata) for _ in range(2)]
    assert [payout.status for payout in made] == [pb.PAYOUT_STATUS_PENDING] * 2
    first = await stub.ListPayouts(pb.ListPayoutsRequest(per_page=1), metadata=metadata)
    token = first.next_page_token
    second = await stub.ListPayouts(pb.ListPayoutsRequest(per_page=1, page_token=token), metadata=metadata)
    assert [first.data[0].id, second.data[0].id] == [made[1].id, made[0].id]
    assert not second.HasField("pagination")
    stopped = await stub.CancelPayout(pb.CancelPayoutRequest(id=made[0].id), metadata=metadata)
    assert stopped.status == pb.PAYOUT_STATUS_CANCELED
    assert await stub.GetPayout(pb.GetPayoutRequest(id=made[0].id), metadata=metadata) == stopped
    for missing in (str(uuid4()), "1"):
        with pytest.raises(grpc.aio.AioRpcError) as raised:
            await stub.GetPayout(pb.GetPayoutRequest(id=missing), metadata=metadata)
        assert answer_of(raised.value).reason == "PAYOUT_NOT_FOUND"
