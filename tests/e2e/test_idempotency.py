"""Idempotency keys: the same call under one key is one call, whoever repeats it how often and over which face."""

import asyncio
import json
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import grpc
import pytest

from codec.codec import JsonCodec
from codec.times import Rfc3339Times
from server.commands.cards import card, typed_card
from server.commands.rest_client import Answer, RestClient
from server.commands.running import Development
from server.commands.sandbox_client import SandboxClient
from sycee.v1 import payment_service_pb2 as pb
from tests.e2e.polling import until
from tests.e2e.wishes import PAYMENTS, VISA, authorised, read, refusal, wish
from tests.rpc import a_callers_metadata, answer_of, refused, trailing

if TYPE_CHECKING:
    from sycee.v1.payment_service_pb2_grpc import PaymentServiceAsyncStub

REPLAYED = "Idempotent-Replayed"


def a_key() -> str:
    return f"key-{uuid4()}"


def same(first: Answer, second: Answer) -> bool:
    return (first.status, first.body) == (second.status, second.body)


async def test_a_repeat_gets_the_stored_answer_byte_for_byte(rest: RestClient, sandbox: SandboxClient) -> None:
    """With `Idempotent-Replayed: true`, and one charge; the first answer says nothing of a replay."""
    key = a_key()
    before = len(await sandbox.payments())
    first, second, third = [await rest.post(PAYMENTS, wish(metadata={"b": "1", "a": "2"}), key) for _ in range(3)]
    assert REPLAYED not in first.headers
    assert (first.status, second.headers[REPLAYED], third.headers[REPLAYED]) == (201, "true", "true")
    assert same(first, second)
    assert same(first, third)
    assert len(await sandbox.payments()) == before + 1


async def test_each_repeat_has_a_request_id_of_its_own(rest: RestClient) -> None:
    """The header is about this request."""
    key = a_key()
    first, second = [await rest.post(PAYMENTS, wish(), key) for _ in range(2)]
    assert first.headers["X-Request-Id"] != second.headers["X-Request-Id"]


async def test_a_replayed_decline_keeps_its_first_request_id(rest: RestClient, sandbox: SandboxClient) -> None:
    """Declines are stored: the issuer is not asked again, and the body is the first one's."""
    key, declined = a_key(), wish(payment_method=card("4000000000000002"))
    headers = {"Idempotency-Key": key, "Content-Type": "application/json"}
    body = json.dumps(declined).encode()
    first = await rest.send("POST", PAYMENTS, body, headers | {"X-Request-Id": "the-first"})
    before = len(await sandbox.payments())
    second = await rest.send("POST", PAYMENTS, body, headers | {"X-Request-Id": "the-second"})
    assert same(first, second)
    assert (first.status, refusal(second).request_id) == (402, "the-first")
    assert (second.headers["X-Request-Id"], second.headers[REPLAYED]) == ("the-second", "true")
    assert len(await sandbox.payments()) == before


async def test_a_refusal_by_the_gateway_is_stored(rest: RestClient) -> None:
    """It reached the gateway, and the payment is kept as failed."""
    key = a_key()
    first, second = [await rest.post(PAYMENTS, wish(amount="0.01"), key) for _ in range(2)]
    assert (first.status, second.headers[REPLAYED]) == (502, "true")
    assert same(first, second)


@pytest.mark.parametrize("verb", ["capture", "cancel"])
async def test_captures_and_cancels_are_replayed_alike(rest: RestClient, verb: str) -> None:
    """The second is not told that it comes too late."""
    key, payment = a_key(), await authorised(rest)
    first, second = [await rest.post(f"{PAYMENTS}/{payment['id']}/{verb}", {}, key) for _ in range(2)]
    assert (first.status, second.headers[REPLAYED]) == (200, "true")
    assert same(first, second)


async def test_an_absent_body_and_an_empty_one_are_the_same_request(rest: RestClient) -> None:
    """Requests are compared by what they say."""
    key, payment = a_key(), await authorised(rest)
    first = await rest.post(f"{PAYMENTS}/{payment['id']}/capture", None, key)
    second = await rest.post(f"{PAYMENTS}/{payment['id']}/capture", {"amount": None}, key)
    assert second.headers[REPLAYED] == "true"
    assert same(first, second)


async def test_a_request_is_the_same_however_its_json_is_written(rest: RestClient) -> None:
    """Order of the fields, spacing and escapes say nothing."""
    key, wanted = a_key(), wish(description="订单", metadata={"a": "1", "b": "2"})
    first = await rest.post(PAYMENTS, wanted, key)
    reordered = {name: wanted[name] for name in reversed(wanted)} | {"metadata": {"b": "2", "a": "1"}}
    body = json.dumps(reordered, indent=3, ensure_ascii=True).encode()
    second = await rest.send("POST", PAYMENTS, body, {"Idempotency-Key": key, "Content-Type": "application/json"})
    assert second.headers[REPLAYED] == "true"
    assert same(first, second)


OTHERS: list[dict[str, Any]] = [
    {"amount": "59.50"},
    {"currency": "EUR"},
    {"payment_method": card("5555555555554444")},
    {"payment_method": card(VISA, cvc="124")},
    {"description": "another"},
    {"metadata": {"a": "1"}},
    {"capture_method": "manual"},
]


@pytest.mark.parametrize("changes", OTHERS, ids=str)
async def test_another_request_under_the_key_is_422(
    rest: RestClient, sandbox: SandboxClient, changes: dict[str, Any]
) -> None:
    """Nothing is sent, and the first request's answer stays."""
    key = a_key()
    first = await rest.post(PAYMENTS, wish(), key)
    before = len(await sandbox.payments())
    told = refusal(await rest.post(PAYMENTS, wish(**changes), key))
    assert (told.status, told.code, told.outcome, told.retry_safe) == (422, "IDEMPOTENCY_KEY_REUSED", "not_sent", False)
    assert len(await sandbox.payments()) == before
    assert same(first, await rest.post(PAYMENTS, wish(), key))


async def test_another_payment_under_the_key_is_422(rest: RestClient) -> None:
    """The path belongs to the request."""
    key, one, other = a_key(), await authorised(rest), await authorised(rest)
    assert (await rest.post(f"{PAYMENTS}/{one['id']}/capture", {}, key)).status == 200
    told = refusal(await rest.post(f"{PAYMENTS}/{other['id']}/capture", {}, key))
    assert (told.status, told.code) == (422, "IDEMPOTENCY_KEY_REUSED")
    assert (await read(rest, other["id"]))["status"] == "pending"


async def test_different_calls_may_share_a_key(rest: RestClient) -> None:
    """Keys belong to a call: creating and capturing do not get in each other's way."""
    key = a_key()
    made = await rest.post(PAYMENTS, wish(capture_method="manual"), key)
    captured = await rest.post(f"{PAYMENTS}/{made.json['id']}/capture", {}, key)
    assert (made.status, captured.status, captured.json["status"]) == (201, 200, "succeeded")
    assert REPLAYED not in captured.headers


async def test_without_a_key_each_call_is_a_new_one(rest: RestClient) -> None:
    """Two equal calls are two payments."""
    first, second = [await rest.post(PAYMENTS, wish()) for _ in range(2)]
    assert first.json["id"] != second.json["id"]


async def test_what_was_refused_before_anything_was_sent_is_not_stored(rest: RestClient) -> None:
    """After a 400 the corrected request may use the same key."""
    key = a_key()
    first = refusal(await rest.post(PAYMENTS, wish(amount="0"), key))
    again = await rest.post(PAYMENTS, wish(amount="0"), key)
    assert (first.status, refusal(again).status) == (400, 400)
    assert REPLAYED not in again.headers
    assert (await rest.post(PAYMENTS, wish(amount="5"), key)).status == 201


async def test_a_404_and_a_409_are_not_stored(rest: RestClient) -> None:
    """They say how things stand now; each repeat is a new try."""
    key, payment = a_key(), await authorised(rest)
    missing = [await rest.post(f"{PAYMENTS}/{uuid4()}/capture", {}, key) for _ in range(2)]
    assert [answer.status for answer in missing] == [404, 404]
    assert (await rest.post(f"{PAYMENTS}/{payment['id']}/capture", {}, key)).status == 200
    late = [await rest.post(f"{PAYMENTS}/{payment['id']}/cancel", {}, key) for _ in range(2)]
    assert [answer.status for answer in late] == [409, 409]
    assert all(REPLAYED not in answer.headers for answer in (*missing, *late))


async def test_a_refused_credential_leaves_the_key_alone(rest: RestClient, service: Development) -> None:
    """401 and 403 are not stored either."""
    key = a_key()
    assert (await rest.by("sk_nobody").post(PAYMENTS, wish(), key)).status == 401
    assert (await rest.by(service.restricted_key).post(PAYMENTS, wish(), key)).status == 403
    assert (await rest.post(PAYMENTS, wish(), key)).status == 201


@pytest.mark.parametrize("key", ["", " ", "two words", "k" * 256, "schlüssel", "a\tb"])
async def test_a_key_that_is_none_is_refused(rest: RestClient, key: str) -> None:
    """1 to 255 visible characters; the call is not made without one."""
    headers = {"Idempotency-Key": key, "Content-Type": "application/json"}
    told = refusal(await rest.send("POST", PAYMENTS, json.dumps(wish()).encode(), headers))
    assert (told.status, told.code, told.fields) == (400, "VALIDATION_ERROR", ["Idempotency-Key"])


@pytest.mark.parametrize("key", ["!", "k" * 255, "~" * 255, "%F0%9F%98%80", '"quoted"', "a,b;c=d"])
async def test_any_visible_characters_are_a_key(rest: RestClient, key: str) -> None:
    """Compared as they are."""
    first, second = [await rest.post(PAYMENTS, wish(), key) for _ in range(2)]
    assert (first.status, second.headers[REPLAYED]) == (201, "true")
    assert same(first, second)


async def test_keys_are_compared_exactly(rest: RestClient) -> None:
    """Upper and lower case are two keys."""
    key = a_key()
    first, second = await rest.post(PAYMENTS, wish(), key), await rest.post(PAYMENTS, wish(), key.upper())
    assert first.json["id"] != second.json["id"]


async def test_a_read_takes_no_notice_of_keys(rest: RestClient) -> None:
    """Reads are always fresh."""
    payment = await authorised(rest)
    headers = {"Idempotency-Key": a_key()}
    before = await rest.send("GET", f"{PAYMENTS}/{payment['id']}", headers=headers)
    await rest.post(f"{PAYMENTS}/{payment['id']}/capture")
    after = await rest.send("GET", f"{PAYMENTS}/{payment['id']}", headers=headers)
    assert (before.json["status"], after.json["status"]) == ("pending", "succeeded")
    assert REPLAYED not in after.headers


async def test_the_same_call_over_both_faces_is_one_call(
    rest: RestClient, payments: "PaymentServiceAsyncStub", service: Development, sandbox: SandboxClient
) -> None:
    """A key used over REST is replayed over gRPC, and the other way round."""
    typed = pb.CreatePaymentRequest(amount="59.49", currency="USD", gateway="stripe", payment_method=typed_card(VISA))
    before = len(await sandbox.payments())
    key = a_key()
    shown = await rest.post(PAYMENTS, wish(), key)
    call = payments.CreatePayment(typed, metadata=a_callers_metadata(service.secret_key, key))
    assert JsonCodec(Rfc3339Times()).encode(await call) == shown.body
    assert trailing(await call.trailing_metadata())["idempotent-replayed"] == "true"
    key = a_key()
    made = await payments.CreatePayment(typed, metadata=a_callers_metadata(service.secret_key, key))
    shown = await rest.post(PAYMENTS, wish(), key)
    assert (shown.status, shown.headers[REPLAYED], shown.body) == (201, "true", JsonCodec(Rfc3339Times()).encode(made))
    assert len(await sandbox.payments()) == before + 2


async def test_a_decline_is_replayed_over_grpc_with_its_first_request_id(
    payments: "PaymentServiceAsyncStub", service: Development
) -> None:
    """The same status, reason and facts."""
    typed = pb.CreatePaymentRequest(amount="1", currency="USD", payment_method=typed_card("4000000000009995"))
    key = a_key()
    told = [
        await refused(
            payments.CreatePayment(
                typed, metadata=a_callers_metadata(service.secret_key, key, x_request_id=f"request-{number}")
            )
        )
        for number in (1, 2)
    ]
    assert told[0] == told[1]
    assert (told[1].reason, told[1].facts["request_id"]) == ("INSUFFICIENT_FUNDS", "request-1")


async def test_forty_calls_at_once_under_one_key_make_one_charge(rest: RestClient, sandbox: SandboxClient) -> None:
    """Whoever is answered gets the same payment; the others are told that the first call is still running."""
    key, wanted = a_key(), wish(payment_method=card(VISA))
    before = {one["gateway_payment_id"] for one in await sandbox.payments()}
    answers = await asyncio.gather(*(rest.post(PAYMENTS, wanted, key) for _ in range(40)))
    charged = [one for one in await sandbox.payments() if one["gateway_payment_id"] not in before]
    assert [one["captured_minor"] for one in charged] == [5949]
    done, running = [each for each in answers if each.status == 201], [each for each in answers if each.status != 201]
    assert len({answer.body for answer in done}) == 1
    assert sum(REPLAYED not in answer.headers for answer in done) == 1
    for answer in running:
        told = refusal(answer)
        assert (told.status, told.code, told.retry_safe) == (409, "IDEMPOTENCY_KEY_IN_USE", True)
        assert int(answer.headers["Retry-After"]) >= 1
    assert same(done[0], await rest.post(PAYMENTS, wanted, key))


async def test_forty_calls_at_once_over_grpc_make_one_charge(
    payments: "PaymentServiceAsyncStub", service: Development, sandbox: SandboxClient
) -> None:
    """ABORTED for those that come while the first still runs."""
    typed = pb.CreatePaymentRequest(amount="59.49", currency="USD", payment_method=typed_card(VISA))
    caller = a_callers_metadata(service.secret_key, a_key())
    before = len(await sandbox.payments())

    async def call() -> pb.Payment | str:
        try:
            return await payments.CreatePayment(typed, metadata=caller)
        except grpc.aio.AioRpcError as error:
            return error.code().name

    ends = await asyncio.gather(*(call() for _ in range(40)))
    done = [end for end in ends if isinstance(end, pb.Payment)]
    assert len({payment.id for payment in done}) == 1
    assert {end for end in ends if isinstance(end, str)} <= {"ABORTED"}
    assert len(await sandbox.payments()) == before + 1


async def test_a_deadline_that_passes_does_not_stop_the_charge(
    payments: "PaymentServiceAsyncStub", service: Development, sandbox: SandboxClient
) -> None:
    """DEADLINE_EXCEEDED, the outcome unknown; under its key the call goes on where it was, and charges once."""
    typed = pb.CreatePaymentRequest(amount="59.49", currency="USD", payment_method=typed_card(VISA))
    caller = a_callers_metadata(service.secret_key, a_key())
    before = len(await sandbox.payments())
    await sandbox.fault("pay", "slow", delay_ms=1000)
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await payments.CreatePayment(typed, metadata=caller, timeout=0.6)
    assert raised.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED

    async def again() -> pb.Payment | str:
        try:
            return await payments.CreatePayment(typed, metadata=caller)
        except grpc.aio.AioRpcError as error:
            return answer_of(error).reason

    end = await until(again, lambda end: end != "IDEMPOTENCY_KEY_IN_USE", within_seconds=10)
    assert isinstance(end, pb.Payment)
    assert end.status == pb.PAYMENT_STATUS_SUCCEEDED
    assert len(await sandbox.payments()) == before + 1


async def test_a_caller_who_hangs_up_does_not_stop_the_charge(rest: RestClient, sandbox: SandboxClient) -> None:
    """The repeat gets the answer of the call that was left alone, and there is one charge."""
    key, before = a_key(), len(await sandbox.payments())
    await sandbox.fault("pay", "slow", delay_ms=700)
    impatient = asyncio.create_task(rest.post(PAYMENTS, wish(), key))
    await until(sandbox.faults, lambda left: not left, within_seconds=10)
    impatient.cancel()
    answer = await until(
        lambda: rest.post(PAYMENTS, wish(), key), lambda answer: answer.status != 409, within_seconds=10
    )
    assert (answer.status, answer.json["status"], answer.headers[REPLAYED]) == (201, "succeeded", "true")
    assert len(await sandbox.payments()) == before + 1
