"""Under an idempotency key a mutation runs once, and everybody who asks gets the first answer."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from uuid import UUID

import pytest
from google.rpc.status_pb2 import Status

from server.domain.access import Caller
from server.domain.errors import CardDeclined, InvalidState, PaymentNotFound, ValidationError
from server.rpc.failures import Failure
from sycee.v1 import callback_service_pb2, file_service_pb2
from sycee.v1 import payment_service_pb2 as pb
from tests.builders import an_id
from tests.memory import MemoryStore
from tests.unit.rpc.calls import CANCEL, Operation, Replica, an_exchange, an_rpc, context_of


def reason_of(failure: Failure) -> str:
    """The message of a failure names its reason well enough."""
    return Status.FromString(failure.status).message


async def failure_of(replica: Replica, key: str = "key", request: object = CANCEL) -> Failure:
    """The failure with which a call ends."""
    with pytest.raises(Failure) as raised:
        await replica.call(key, request)
    return raised.value


async def test_a_repeated_call_gets_the_first_reply() -> None:
    """The operation runs once; the second reply is the first one's bytes, and says that it is replayed."""
    operation = Operation(b"first", b"second")
    replica = Replica(operation)
    again = an_exchange(replica.rpc, "key")

    assert [await replica.call(), await replica.call_with(again)] == [b"first", b"first"]
    assert len(operation.calls) == 1
    assert context_of(again).trailing == context_of(again).initial == (("idempotent-replayed", "true"),)


async def test_a_first_reply_does_not_say_that_it_is_replayed() -> None:
    """Only replays do."""
    replica = Replica(Operation())
    first = an_exchange(replica.rpc, "key")
    await replica.call_with(first)
    assert context_of(first).trailing == context_of(first).initial == ()


async def test_another_request_under_the_key_is_refused() -> None:
    """A key stands for one request."""
    operation = Operation()
    replica = Replica(operation)
    await replica.call()

    assert "another request" in reason_of(await failure_of(replica, request=pb.CancelPaymentRequest(id="p2")))
    assert len(operation.calls) == 1


async def test_the_order_of_a_map_does_not_make_another_request() -> None:
    """Equal requests are the same request, in whatever order their maps were filled."""
    operation = Operation()
    replica = Replica(operation, rpc="CreatePayment")
    pairs = [(f"k{number}", str(number)) for number in range(20)]
    await replica.call(request=pb.CreatePaymentRequest(metadata=dict(pairs)))
    await replica.call(request=pb.CreatePaymentRequest(metadata=dict(reversed(pairs))))
    assert len(operation.calls) == 1


async def test_a_call_during_the_first_is_told_to_come_back() -> None:
    """While the first call runs, its key is in use; afterwards it has the reply."""
    ended = asyncio.Event()
    operation = Operation(ended)
    replica = Replica(operation)
    first = asyncio.create_task(replica.call())
    await asyncio.sleep(0.01)

    assert "still running" in reason_of(await failure_of(replica))
    ended.set()
    assert [await first, await replica.call()] == [b"done", b"done"]
    assert len(operation.calls) == 1


async def test_forty_calls_at_once_run_the_operation_once() -> None:
    """One of them has the reply, the others are told that the key is in use; each gets the reply when it asks again."""
    ended = asyncio.Event()
    operation = Operation(ended)
    replica = Replica(operation)
    calls = [asyncio.create_task(replica.call()) for _ in range(40)]
    await asyncio.sleep(0.01)
    ended.set()
    replies = await asyncio.gather(*calls, return_exceptions=True)

    assert (replies.count(b"done"), sum(isinstance(reply, Failure) for reply in replies)) == (1, 39)
    assert [await replica.call() for _ in range(40)] == [b"done"] * 40
    assert len(operation.calls) == 1


async def test_keys_belong_to_a_caller_and_a_method() -> None:
    """Two callers, or two methods, may use the same key for different things."""
    store, operation = MemoryStore(), Operation()
    cancel, capture = Replica(operation, store=store), Replica(operation, store=store, rpc="CapturePayment")
    await cancel.call()
    await cancel.call(caller=Caller("default", "sk_other"))
    await cancel.call(caller=Caller("other", "sk_till"))
    await capture.call()
    assert len(set(operation.ids)) == len(operation.calls) == 4


async def test_a_decline_is_replayed_with_its_first_request_id() -> None:
    """A decline reached the gateway: it is the key's reply, byte for byte, whatever is asked later."""
    operation = Operation(CardDeclined("declined", payment_id=str(an_id())), b"paid")
    replica = Replica(operation)
    first, again = await failure_of(replica), await failure_of(replica)
    assert first.status == again.status
    assert len(operation.calls) == 1


@pytest.mark.parametrize(
    "error",
    [ValidationError("amount", "is none"), PaymentNotFound(), InvalidState(an_id(), "not now")],
    ids=lambda error: error.reason,
)
async def test_a_refusal_that_changed_nothing_frees_the_key(error: Exception) -> None:
    """The caller may mend the request, or the state, and use the key again; it is a new operation."""
    operation = Operation(error, b"paid")
    replica = Replica(operation)
    await failure_of(replica)
    assert await replica.call(request=pb.CancelPaymentRequest(id="mended")) == b"paid"
    assert len(set(operation.ids)) == 2
    assert not any(call.resumed for call in operation.calls)


async def test_without_a_key_every_call_is_an_operation_of_its_own() -> None:
    """Nothing is stored, and nothing is taken for a repetition."""
    store, operation = MemoryStore(), Operation()
    replica = Replica(operation, store=store)
    await replica.call(None)
    await replica.call(None)
    assert len(set(operation.ids)) == 2
    assert store.tables.claims == {}


@pytest.mark.parametrize("key", ["", "a b", "k" * 256, "ключ", "a\tb", "\x7f"])
async def test_a_key_that_is_no_key_is_refused(key: str) -> None:
    """A key has 1 to 255 visible ASCII characters."""
    with pytest.raises(ValidationError) as raised:
        await Replica(Operation()).call(key)
    assert raised.value.field == "idempotency-key"


@pytest.mark.parametrize("key", ["k", "k" * 255, "!~"])
async def test_a_key_at_its_bounds_is_taken(key: str) -> None:
    """All visible characters and both lengths work."""
    assert await Replica(Operation()).call(key) == b"done"


async def test_two_keys_in_one_call_are_refused() -> None:
    """Nobody could say which one counts."""
    replica = Replica(Operation())
    with pytest.raises(ValidationError):
        await replica.call_with(an_exchange(replica.rpc, "a", metadata=(("idempotency-key", "b"),)))


async def test_reads_pass_untouched() -> None:
    """A call without side effects needs no key, and looks none up."""
    operation = Operation()
    assert Replica(operation, rpc="GetPayment").handler is operation


async def test_public_calls_have_no_keys() -> None:
    """Nobody knows whose such a key would be: one caller must not get another's reply."""
    store, operation = MemoryStore(), Operation()
    replica = Replica(operation, store=store, rpc="ReceiveCallback")
    for _ in range(2):
        await replica.call("key", callback_service_pb2.ReceiveCallbackRequest())
    assert len(operation.calls) == 2
    assert store.tables.claims == {}


async def test_an_upload_is_one_request() -> None:
    """A stream is taken in whole; the same parts under the key are the same upload, others are not."""

    async def parts(*contents: bytes) -> AsyncIterator[file_service_pb2.UploadFileRequest]:
        for content in contents:
            yield file_service_pb2.UploadFileRequest(chunk=content)

    seen: list[bytes] = []

    async def upload(_exchange: object, request: AsyncIterator[file_service_pb2.UploadFileRequest]) -> bytes:
        seen.append(b"".join([part.chunk async for part in request]))
        return b"stored"

    replica = Replica(upload, rpc="UploadFile")
    assert [await replica.call(request=parts(b"a", b"b")) for _ in range(2)] == [b"stored", b"stored"]
    assert seen == [b"ab"]
    await failure_of(replica, request=parts(b"a", b"c"))


async def test_a_card_number_cannot_be_found_in_a_claim() -> None:
    """The request is kept as a keyed hash: a plain one could be found by trying all numbers."""
    request, hashes = pb.CreatePaymentRequest(), set()
    request.payment_method.card.number = "4242424242424242"
    for secret in (b"k" * 32, b"another" * 5):
        store = MemoryStore()
        await Replica(Operation(), store=store, rpc="CreatePayment", hash_key=secret).call(request=request)
        (claim,) = store.tables.claims.values()
        assert "4242424242424242" not in repr(claim)
        hashes.add(claim.request_hash)
    assert [len(each) for each in hashes] == [32, 32]


async def test_an_operation_is_named_by_its_first_call() -> None:
    """The operation's id is the claim's, and the call's own id where there is no key."""
    operation, rpc = Operation(), an_rpc("CancelPayment")
    replica = Replica(operation)
    exchanges = [an_exchange(rpc, "key"), an_exchange(rpc)]
    for exchange in exchanges:
        await replica.call_with(exchange)
    expected: list[UUID] = [exchange.id for exchange in exchanges]
    assert operation.ids == expected


async def test_a_stored_reply_is_not_readable_where_it_is_kept() -> None:
    """Some show a secret this once; nor does it stand for another call."""
    store = MemoryStore()
    replica = Replica(Operation(b"whsec_shown_once", b"another"), store=store)
    await replica.call("one")
    await replica.call("two")
    one, _ = store.tables.claims.values()
    assert one.reply is not None
    assert b"whsec" not in one.reply
    store.tables.claims = {key: replace(claim, reply=one.reply) for key, claim in store.tables.claims.items()}
    assert await replica.call("one") == b"whsec_shown_once"
    with pytest.raises(Failure):
        await replica.call("two")
