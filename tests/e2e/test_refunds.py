"""Refunds: all of a captured payment or parts of it, never more; and what the gateway's own books say afterwards."""

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import aiohttp
import grpc
import pytest

from server.commands.cards import card
from server.commands.rest_client import Answer, RestClient
from server.commands.running import Development
from server.commands.sandbox_client import SandboxClient
from sycee.v1 import payment_service_pb2 as pb
from sycee.v1 import refund_service_pb2 as refund_pb
from sycee.v1.refund_service_pb2_grpc import RefundServiceStub
from tests.e2e.polling import until
from tests.e2e.wishes import PAYMENTS, authorised, paid, read, refusal
from tests.rpc import a_callers_metadata, refused, trailing

if TYPE_CHECKING:
    from sycee.v1.payment_service_pb2_grpc import PaymentServiceAsyncStub
    from sycee.v1.refund_service_pb2_grpc import RefundServiceAsyncStub

DOCUMENTED: Mapping[str, Any] = {
    "amount": "59.49",
    "reason": "requested_by_customer",
    "metadata": {"note": "客户对产品不满意"},
}
FIELDS = (
    *("id", "payment_id", "amount", "currency", "status", "reason", "gateway_refund_id", "failure_reason"),
    *("metadata", "created_at", "updated_at"),
)
A_SLOW_CARD = "4000000000007726"
A_CARD_THAT_SENDS_BACK = "4000000000005126"

# The first look comes after five seconds, the next one ten seconds later.
_SETTLED_WITHIN_SECONDS = 40


@pytest.fixture
def refunds(channel: grpc.aio.Channel) -> "RefundServiceAsyncStub":
    return RefundServiceStub(channel)


async def refund(
    rest: RestClient, payment: Mapping[str, Any], body: Mapping[str, Any] | None = None, key: str | None = None
) -> Answer:
    return await rest.post(f"{PAYMENTS}/{payment['id']}/refunds", body or {}, key=key)


async def returned(sandbox: SandboxClient, payment: Mapping[str, Any]) -> int:
    """What the gateway has given back of the payment, in minor units."""
    (truth,) = await sandbox.payments(payment["reference"])
    minor: int = truth["refunded_minor"]
    return minor


async def settled(rest: RestClient, payment: Mapping[str, Any], refund_id: str) -> dict[str, Any]:
    """The refund when its outcome is known."""

    async def look() -> dict[str, Any]:
        found: dict[str, Any] = (await rest.get(f"{PAYMENTS}/{payment['id']}/refunds/{refund_id}")).json
        return found

    return await until(look, lambda found: found["status"] != "pending", _SETTLED_WITHIN_SECONDS)


async def test_the_documented_refund_is_made(rest: RestClient, sandbox: SandboxClient) -> None:
    """201 and the bare refund with every field; the payment is `refunded` and shows it."""
    payment = await paid(rest)
    answer = await refund(rest, payment, DOCUMENTED)
    made = answer.json
    assert answer.status == 201
    assert tuple(made) == FIELDS
    assert {name: made[name] for name in DOCUMENTED} == DOCUMENTED
    assert (made["payment_id"], made["currency"], made["status"]) == (payment["id"], "USD", "succeeded")
    assert made["gateway_refund_id"].startswith("re_")
    assert made["failure_reason"] is None
    shown = await read(rest, payment["id"])
    assert (shown["status"], shown["refunded_amount"], shown["refunds"]) == ("refunded", "59.49", [made])
    assert (shown["captured"], shown["captured_amount"]) == (True, "59.49")
    assert (await rest.get(f"{PAYMENTS}/{payment['id']}/refunds/{made['id']}")).json == made
    assert await returned(sandbox, payment) == 5949


async def test_a_refund_without_an_amount_returns_all_that_is_left(rest: RestClient, sandbox: SandboxClient) -> None:
    """After parts; reason and metadata are optional."""
    payment = await paid(rest)
    assert (await refund(rest, payment, {"amount": "9.5"})).json["amount"] == "9.50"
    shown = await read(rest, payment["id"])
    assert (shown["status"], shown["refunded_amount"]) == ("succeeded", "9.50")
    rest_of_it = (await refund(rest, payment)).json
    assert (rest_of_it["amount"], rest_of_it["reason"], rest_of_it["metadata"]) == ("49.99", None, {})
    shown = await read(rest, payment["id"])
    assert (shown["status"], shown["refunded_amount"]) == ("refunded", "59.49")
    assert [each["amount"] for each in shown["refunds"]] == ["9.50", "49.99"]
    assert await returned(sandbox, payment) == 5949


async def test_of_a_part_that_was_captured_no_more_is_refunded(rest: RestClient, sandbox: SandboxClient) -> None:
    """REFUND_AMOUNT_INVALID names the amount, and nothing changes; ALREADY_REFUNDED when nothing is left."""
    payment = await authorised(rest)
    captured = (await rest.post(f"{PAYMENTS}/{payment['id']}/capture", {"amount": "20.00"})).json
    told = refusal(await refund(rest, payment, {"amount": "20.01"}))
    assert (told.status, told.code, told.outcome, told.fields) == (400, "REFUND_AMOUNT_INVALID", "not_sent", ["amount"])
    assert await read(rest, payment["id"]) == captured
    assert (await refund(rest, payment, {"amount": "20.00"})).status == 201
    for body in ({}, {"amount": "0.01"}):
        told = refusal(await refund(rest, payment, body))
        assert (told.status, told.code, told.outcome) == (409, "ALREADY_REFUNDED", "done")
        assert told.details == [{"payment_id": payment["id"]}]
    assert await returned(sandbox, payment) == 2000


@pytest.mark.parametrize("amount", ["0", "-1", "1.234", "NaN", "", 5, "1e1"], ids=repr)
async def test_what_is_no_amount_is_refused(rest: RestClient, amount: object) -> None:
    """The same rules as for a payment's own amount."""
    payment = await paid(rest)
    told = refusal(await refund(rest, payment, {"amount": amount}))
    assert (told.status, told.code, told.fields) == (400, "INVALID_AMOUNT", ["amount"])
    assert await read(rest, payment["id"]) == payment


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"reason": "boredom"}, "reason"),
        ({"metadata": {str(number): "" for number in range(50)}}, "metadata"),
        ({"metadata": {"note": "x" * 501}}, "metadata"),
        ({"sum": "1.00"}, "sum"),
    ],
)
async def test_what_is_not_documented_is_refused(rest: RestClient, body: dict[str, Any], field: str) -> None:
    """400 VALIDATION_ERROR with the field, and nothing is refunded."""
    payment = await paid(rest)
    told = refusal(await refund(rest, payment, body))
    assert (told.status, told.code) == (400, "VALIDATION_ERROR")
    assert told.fields[0].startswith(field)
    assert await read(rest, payment["id"]) == payment


async def test_what_is_not_captured_is_not_refunded(rest: RestClient) -> None:
    """409 INVALID_STATE while it is authorised, and after it is canceled."""
    payment = await authorised(rest)
    for _ in range(2):
        told = refusal(await refund(rest, payment))
        assert (told.status, told.code, told.outcome) == (409, "INVALID_STATE", "not_sent")
        await rest.post(f"{PAYMENTS}/{payment['id']}/cancel")


async def test_refunds_are_as_many_as_their_keys(rest: RestClient, sandbox: SandboxClient) -> None:
    """One retried under one key is one, byte for byte; two equal ones under two keys, or none, are more."""
    payment, body, key = await paid(rest), {"amount": "10.00"}, str(uuid4())
    first, again = await refund(rest, payment, body, key), await refund(rest, payment, body, key)
    assert (again.body, again.headers["Idempotent-Replayed"]) == (first.body, "true")
    other = await refund(rest, payment, body, str(uuid4()))
    without = await refund(rest, payment, body)
    assert len({answer.json["id"] for answer in (first, other, without)}) == 3
    told = refusal(await refund(rest, payment, {"amount": "11.00"}, key))
    assert (told.status, told.code) == (422, "IDEMPOTENCY_KEY_REUSED")
    assert await returned(sandbox, payment) == 3000


async def test_refunds_at_the_same_moment_never_pass_what_was_captured(
    rest: RestClient, sandbox: SandboxClient
) -> None:
    """Of twelve times 10.00 five are refunded, and the others are told."""
    payment = await paid(rest)
    answers = await asyncio.gather(*(refund(rest, payment, {"amount": "10.00"}, str(uuid4())) for _ in range(12)))
    assert sorted(answer.status for answer in answers) == [201] * 5 + [400] * 7
    assert {refusal(answer).code for answer in answers if answer.status == 400} == {"REFUND_AMOUNT_INVALID"}
    shown = await read(rest, payment["id"])
    assert (shown["status"], shown["refunded_amount"]) == ("succeeded", "50.00")
    assert await returned(sandbox, payment) == 5000


async def test_refunds_are_listed_newest_first(rest: RestClient) -> None:
    """In pages, with the documented pagination; none is an empty list."""
    payment = await paid(rest)
    path = f"{PAYMENTS}/{payment['id']}/refunds"
    nothing = (await rest.get(path)).json
    assert nothing == {"data": [], "pagination": {"page": 1, "per_page": 20, "total": 0, "total_pages": 0}}
    made = [(await refund(rest, payment, {"amount": "1.00"})).json["id"] for _ in range(3)]
    first = (await rest.get(path, per_page=2)).json
    assert [each["id"] for each in first["data"]] == made[:0:-1]
    assert first["pagination"] == {"page": 1, "per_page": 2, "total": 3, "total_pages": 2}
    second = (await rest.get(path, per_page=2, page=2)).json
    assert [each["id"] for each in second["data"]] == made[:1]
    for query in ({"per_page": 101}, {"page": 0}):
        assert refusal(await rest.get(path, **query)).code == "VALIDATION_ERROR"


async def test_lists_of_payments_show_refunds(rest: RestClient) -> None:
    """As reading one does, beside payments without any."""
    order_id = str(uuid4())
    refunded, untouched = await paid(rest, order_id=order_id), await paid(rest, order_id=order_id)
    made = (await refund(rest, refunded)).json
    listed = (await rest.get(PAYMENTS, order_id=order_id)).json["data"]
    assert {each["id"]: each["refunds"] for each in listed} == {refunded["id"]: [made], untouched["id"]: []}
    found = (await rest.get(PAYMENTS, order_id=order_id, status="refunded")).json["data"]
    assert [each["id"] for each in found] == [refunded["id"]]


@pytest.mark.parametrize("name", ["0190a5c4-7d3e-7b1c-9f2a-6e1d5c4b3a29", "1", "re_123"])
async def test_what_does_not_exist_is_404(rest: RestClient, name: str) -> None:
    """PAYMENT_NOT_FOUND or REFUND_NOT_FOUND, for a name that cannot be one as well, and for another payment's refund."""
    payment, other = await paid(rest), await paid(rest)
    another = (await refund(rest, other)).json["id"]
    for path, code in (
        (f"{name}/refunds", "PAYMENT_NOT_FOUND"),
        (f"{name}/refunds/{another}", "PAYMENT_NOT_FOUND"),
        (f"{payment['id']}/refunds/{name}", "REFUND_NOT_FOUND"),
        (f"{payment['id']}/refunds/{another}", "REFUND_NOT_FOUND"),
    ):
        told = refusal(await rest.get(f"{PAYMENTS}/{path}"))
        assert (told.status, told.code) == (404, code)
    told = refusal(await rest.post(f"{PAYMENTS}/{name}/refunds", {}))
    assert (told.status, told.code) == (404, "PAYMENT_NOT_FOUND")


async def test_a_pending_refund_holds_its_amount_until_it_is_settled(rest: RestClient, sandbox: SandboxClient) -> None:
    """Card 7726: the bank takes its time. The payment is `refunded` only then, which the service finds out by asking."""
    payment = await paid(rest, payment_method=card(A_SLOW_CARD))
    async with sandbox.without_callbacks():
        made = (await refund(rest, payment)).json
        assert (made["status"], made["gateway_refund_id"][:3]) == ("pending", "re_")
        shown = await read(rest, payment["id"])
        assert (shown["status"], shown["refunded_amount"], shown["refunds"]) == ("succeeded", "0.00", [made])
        told = refusal(await refund(rest, payment, {"amount": "1.00"}))
        assert (told.status, told.code, told.outcome) == (409, "INVALID_STATE", "not_sent")
        became = await settled(rest, payment, made["id"])
    assert (became["status"], became["gateway_refund_id"]) == ("succeeded", made["gateway_refund_id"])
    shown = await read(rest, payment["id"])
    assert (shown["status"], shown["refunded_amount"]) == ("refunded", "59.49")
    assert await returned(sandbox, payment) == 5949


async def test_a_refund_that_comes_back_can_be_made_again(rest: RestClient, sandbox: SandboxClient) -> None:
    """Card 5126: succeeded at first, then Stripe's notification says that it failed. The payment is `refunded` no more, and its money free again."""
    payment = await paid(rest, payment_method=card(A_CARD_THAT_SENDS_BACK))
    made = (await refund(rest, payment)).json
    assert made["status"] == "succeeded"
    path = f"{PAYMENTS}/{payment['id']}/refunds/{made['id']}"

    async def look() -> dict[str, Any]:
        found: dict[str, Any] = (await rest.get(path)).json
        return found

    failed = await until(look, lambda found: found["status"] == "failed", _SETTLED_WITHIN_SECONDS)
    assert "expired_or_canceled_card" in failed["failure_reason"]
    shown = await read(rest, payment["id"])
    assert (shown["status"], shown["refunded_amount"], shown["refunds"]) == ("succeeded", "0.00", [failed])
    assert await returned(sandbox, payment) == 0
    assert (await refund(rest, payment, {"amount": "1.00"})).status == 201


async def test_lost_answers_refund_once(rest: RestClient, sandbox: SandboxClient) -> None:
    """Whether the request or its answer was lost: 201 `pending`, no error, and in the end one refund; a replay tells what was told."""
    faults = ("timeout_before", "timeout_after", "reset_after")
    begun = []
    async with sandbox.without_callbacks():
        for fault in faults:
            payment, key = await paid(rest), str(uuid4())
            await sandbox.fault("refund", fault)
            begun.append((payment, key, await refund(rest, payment, {"amount": "50.00"}, key)))
        await sandbox.no_faults()
    for payment, key, answer in begun:
        assert (answer.status, answer.json["status"], answer.json["gateway_refund_id"]) == (201, "pending", None)
        told = refusal(await refund(rest, payment, {"amount": "10.00"}))
        assert told.code == "REFUND_AMOUNT_INVALID"
        assert (await settled(rest, payment, answer.json["id"]))["status"] == "succeeded"
        assert (await refund(rest, payment, {"amount": "50.00"}, key)).body == answer.body
        assert await returned(sandbox, payment) == 5000


async def test_a_refund_that_was_not_sent_is_unavailable_and_holds_nothing(
    rest: RestClient, sandbox: SandboxClient
) -> None:
    """503, safe to repeat under the same key: that is another refund, and the first one stays on record as failed."""
    payment, key = await paid(rest), str(uuid4())
    await sandbox.fault("refund", "rate_limit", count=None)
    told = refusal(await refund(rest, payment, None, key))
    await sandbox.no_faults()
    assert (told.status, told.code, told.outcome, told.retry_safe) == (503, "GATEWAY_UNAVAILABLE", "not_sent", True)
    made = (await refund(rest, payment, None, key)).json
    assert (made["status"], made["amount"]) == ("succeeded", "59.49")
    failed, succeeded = (await read(rest, payment["id"]))["refunds"]
    assert succeeded == made
    assert (failed["status"], bool(failed["failure_reason"])) == ("failed", True)
    assert told.details == [{"payment_id": payment["id"], "refund_id": failed["id"]}]
    assert await returned(sandbox, payment) == 5949


async def test_a_refund_that_the_gateway_refuses_is_kept_as_failed(
    rest: RestClient, sandbox: SandboxClient, service: Development, http: aiohttp.ClientSession
) -> None:
    """502 GATEWAY_ERROR under the key for good, with the refund's id; its amount is free again."""
    payment, key = await paid(rest), str(uuid4())
    dispute = {"gateway": "stripe", "gateway_payment_id": payment["gateway_payment_id"]}
    async with http.post(f"{service.sandbox}/_control/disputes", json=dispute) as opened:
        opened.raise_for_status()
    answer = await refund(rest, payment, {"amount": "1.00"}, key)
    told = refusal(answer)
    assert (told.status, told.code, told.outcome, told.retry_safe) == (502, "GATEWAY_ERROR", "declined", False)
    shown = await read(rest, payment["id"])
    (failed,) = shown["refunds"]
    assert told.details == [{"payment_id": payment["id"], "refund_id": failed["id"]}]
    assert (failed["status"], failed["failure_reason"]) == ("failed", told.message)
    assert (shown["status"], shown["refunded_amount"]) == ("succeeded", "0.00")
    assert (await refund(rest, payment, {"amount": "1.00"}, key)).body == answer.body
    assert await returned(sandbox, payment) == 0


async def test_a_key_that_may_not_refund_does_not(rest: RestClient, service: Development) -> None:
    """A read-only key reads refunds, and a token has no part in v1."""
    payment = await paid(rest)
    stranger = refusal(await refund(rest.by(service.user_token), payment))
    assert (stranger.status, stranger.code) == (403, "PERMISSION_DENIED")
    nobody = refusal(await refund(rest.by(None), payment))
    assert (nobody.status, nobody.code) == (401, "UNAUTHENTICATED")
    assert await read(rest, payment["id"]) == payment


async def test_refunding_over_grpc(
    rest: RestClient,
    payments: "PaymentServiceAsyncStub",
    refunds: "RefundServiceAsyncStub",
    service: Development,
) -> None:
    """The same, with page tokens beside pages; ALREADY_REFUNDED is FAILED_PRECONDITION."""
    payment_id, caller = (await paid(rest))["id"], a_callers_metadata(service.secret_key)
    wanted = refund_pb.CreateRefundRequest(
        payment_id=payment_id, amount="12.34", reason=refund_pb.REFUND_REASON_DUPLICATE, metadata={"a": "b"}
    )
    call = refunds.CreateRefund(wanted, metadata=a_callers_metadata(service.secret_key, str(uuid4())))
    first = await call
    assert trailing(await call.trailing_metadata()).get("idempotent-replayed") is None
    assert (first.status, first.amount, first.reason, dict(first.metadata)) == (
        refund_pb.REFUND_STATUS_SUCCEEDED,
        "12.34",
        refund_pb.REFUND_REASON_DUPLICATE,
        {"a": "b"},
    )
    second = await refunds.CreateRefund(refund_pb.CreateRefundRequest(payment_id=payment_id), metadata=caller)
    found = await refunds.GetRefund(
        refund_pb.GetRefundRequest(payment_id=payment_id, refund_id=second.id), metadata=caller
    )
    assert found == second
    page = await refunds.ListRefunds(refund_pb.ListRefundsRequest(payment_id=payment_id, per_page=1), metadata=caller)
    assert ([each.id for each in page.data], page.pagination.total) == ([second.id], 2)
    rest_of_them = await refunds.ListRefunds(
        refund_pb.ListRefundsRequest(payment_id=payment_id, per_page=1, page_token=page.next_page_token),
        metadata=caller,
    )
    assert ([each.id for each in rest_of_them.data], rest_of_them.next_page_token) == ([first.id], "")
    assert not rest_of_them.HasField("pagination")
    payment = await payments.GetPayment(pb.GetPaymentRequest(id=payment_id), metadata=caller)
    assert (payment.status, list(payment.refunds)) == (pb.PAYMENT_STATUS_REFUNDED, [first, second])
    told = await refused(refunds.CreateRefund(wanted, metadata=caller))
    assert (told.code.name, told.reason) == ("FAILED_PRECONDITION", "ALREADY_REFUNDED")
    told = await refused(
        refunds.GetRefund(refund_pb.GetRefundRequest(payment_id=payment_id, refund_id=str(uuid4())), metadata=caller)
    )
    assert (told.code.name, told.reason) == ("NOT_FOUND", "REFUND_NOT_FOUND")
