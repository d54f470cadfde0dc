"""Idempotency keys and API keys."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from server.domain.idempotency import Claim
from server.domain.ports import Store, UniqueViolation
from tests.integration.storage.builders import MERCHANT, NOON, OTHER_MERCHANT, a_claim, an_api_key, an_id

MINUTE = timedelta(minutes=1)


async def claim(store: Store, wanted: Claim, minutes: int = 0) -> Claim | None:
    """Claim a key so many minutes after noon, leased for a minute from then."""
    now = NOON + minutes * MINUTE
    return await store.transaction(lambda tx: tx.claims.claim(replace(wanted, leased_until=now + MINUTE), now))


async def test_the_first_call_gets_the_key(any_store: Store) -> None:
    """And every later one is shown its claim."""
    assert await claim(any_store, a_claim()) is None
    assert await claim(any_store, a_claim(operation_id=an_id(701))) == a_claim()


async def test_of_parallel_calls_one_gets_the_key(any_store: Store) -> None:
    """The others see its claim, in progress."""
    results = await asyncio.gather(*(claim(any_store, a_claim(operation_id=an_id(n))) for n in range(700, 720)))
    assert results.count(None) == 1
    assert len({result.operation_id for result in results if result}) == 1


@pytest.mark.parametrize(
    "other",
    [
        a_claim("another"),
        replace(a_claim(), merchant_id=OTHER_MERCHANT),
        replace(a_claim(), credential="sk_2"),
        replace(a_claim(), method="/sycee.v1.PaymentService/CancelPayment"),
    ],
)
async def test_keys_belong_to_a_merchant_a_caller_and_a_method(any_store: Store, other: Claim) -> None:
    """The same characters elsewhere are another key."""
    assert await claim(any_store, a_claim()) is None
    assert await claim(any_store, other) is None


async def test_a_lapsed_lease_is_taken_over_by_the_same_request(any_store: Store) -> None:
    """It resumes under the first call's operation, and the first call's reply is not heard any more."""
    await claim(any_store, a_claim())
    resumed = await claim(any_store, a_claim(operation_id=an_id(701)), minutes=1)
    assert resumed == a_claim(lease=2, leased_until=NOON + 2 * MINUTE)
    await any_store.transaction(lambda tx: tx.claims.settle(a_claim(), b"too late"))
    await any_store.transaction(lambda tx: tx.claims.release(a_claim()))
    await any_store.transaction(lambda tx: tx.claims.yield_lease(a_claim(), NOON))
    assert await claim(any_store, a_claim(), minutes=1) == resumed


async def test_a_lapsed_lease_is_not_taken_over_by_another_request(any_store: Store) -> None:
    """It is shown the claim, and sees that the request differs."""
    await claim(any_store, a_claim())
    assert await claim(any_store, a_claim(request=b"another"), minutes=9) == a_claim()


async def test_a_stored_reply_stays_as_it_is(any_store: Store) -> None:
    """Whenever it is asked for, and whatever is said of it later."""
    await claim(any_store, a_claim())
    await any_store.transaction(lambda tx: tx.claims.settle(a_claim(), b"\x00reply"))
    await any_store.transaction(lambda tx: tx.claims.settle(a_claim(), b"another"))
    await any_store.transaction(lambda tx: tx.claims.release(a_claim()))
    assert await claim(any_store, a_claim(), minutes=9) == a_claim(reply=b"\x00reply")


async def test_a_released_key_is_free(any_store: Store) -> None:
    """As if the call had never been made."""
    await claim(any_store, a_claim())
    await any_store.transaction(lambda tx: tx.claims.release(a_claim()))
    assert await claim(any_store, a_claim(request=b"another")) is None


async def test_a_yielded_lease_is_taken_over_at_once(any_store: Store) -> None:
    """The caller that repeats does not wait for the lease to pass."""
    await claim(any_store, a_claim())
    await any_store.transaction(lambda tx: tx.claims.yield_lease(a_claim(), NOON))
    resumed = await claim(any_store, a_claim())
    assert resumed is not None
    assert resumed.lease == 2


async def test_a_dead_servers_leases_are_ended_at_once(any_store: Store) -> None:
    """What it was doing can be resumed without waiting; what it had done stays done."""
    await claim(any_store, a_claim())
    await claim(any_store, a_claim("key-of-a-reply"))
    await any_store.transaction(lambda tx: tx.claims.settle(a_claim("key-of-a-reply"), b"reply"))
    await any_store.transaction(lambda tx: tx.claims.end_leases(NOON))
    resumed, replied = await claim(any_store, a_claim()), await claim(any_store, a_claim("key-of-a-reply"))
    assert resumed is not None
    assert resumed.lease == 2
    assert replied == a_claim("key-of-a-reply", reply=b"reply")


async def test_old_claims_are_forgotten_in_small_steps(any_store: Store) -> None:
    """Only those that are older, and no more at once than asked for."""
    for number in range(5):
        await claim(any_store, a_claim(f"key-{number}", created_at=NOON + number * MINUTE))
    before = NOON + 3 * MINUTE
    forgotten = [await any_store.transaction(lambda tx: tx.claims.forget(before, 2)) for _ in range(3)]
    assert forgotten == [2, 1, 0]
    assert await claim(any_store, a_claim("key-3")) is not None


async def test_an_api_key_is_found_by_its_hash_and_listed_for_its_merchant(any_store: Store) -> None:
    """Oldest first; another merchant's keys are not listed."""
    mine, newer, other = an_api_key(1, b"a"), an_api_key(2, b"b"), an_api_key(3, b"c", OTHER_MERCHANT)
    for key in (newer, mine, other):
        await any_store.transaction(lambda tx, key=key: tx.api_keys.insert(key))  # type: ignore[misc]
    assert await any_store.read(lambda tx: tx.api_keys.by_hash(b"c")) == other
    assert await any_store.read(lambda tx: tx.api_keys.by_hash(b"d")) is None
    assert list(await any_store.read(lambda tx: tx.api_keys.list(MERCHANT))) == [mine, newer]
    with pytest.raises(UniqueViolation) as violation:
        await any_store.transaction(lambda tx: tx.api_keys.insert(an_api_key(4, b"a")))
    assert violation.value.constraint == "uq_api_keys_hash"


async def test_an_api_key_is_revoked_once_by_its_merchant(any_store: Store) -> None:
    """It stays, with its end."""
    key = an_api_key(1, b"a")
    await any_store.transaction(lambda tx: tx.api_keys.insert(key))
    assert not await any_store.transaction(lambda tx: tx.api_keys.revoke(OTHER_MERCHANT, key.id, NOON))
    assert await any_store.transaction(lambda tx: tx.api_keys.revoke(MERCHANT, key.id, NOON))
    assert not await any_store.transaction(lambda tx: tx.api_keys.revoke(MERCHANT, key.id, NOON + MINUTE))
    assert await any_store.read(lambda tx: tx.api_keys.by_hash(b"a")) == replace(key, revoked_at=NOON)
