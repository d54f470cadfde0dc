"""Keys and tokens against a running server and both databases."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import pytest_asyncio

from server.domain.access import DEFAULT_MERCHANT, KeyKind
from server.operations.api_keys import ApiKeyOperations
from server.rpc.call import current_call
from server.storage.store import SqlStore
from server.system import Uuid7
from sycee.v1 import payment_service_pb2 as pb
from sycee.v1.payment_service_pb2_grpc import PaymentServiceServicer
from tests.clock_and_ids import StoppedClock
from tests.rpc import Running, a_callers_metadata, refused, serving


class Payments(PaymentServiceServicer):
    """Tells whose call it is."""

    async def GetPayment(self, _request: pb.GetPaymentRequest, _context: object) -> pb.Payment:  # noqa: N802
        return pb.Payment(reference=current_call().caller.merchant_id)


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock()


@pytest_asyncio.fixture
async def running(store: SqlStore, clock: StoppedClock) -> AsyncIterator[Running]:
    async with serving(Payments(), store=store, clock=clock) as running:
        yield running


@pytest.fixture
def keys(store: SqlStore, clock: StoppedClock) -> ApiKeyOperations:
    return ApiKeyOperations(store, clock, Uuid7())


async def merchant(running: Running, key: str) -> str:
    """Whose payments the key sees."""
    call = running.payments.GetPayment(pb.GetPaymentRequest(id="p1"), metadata=a_callers_metadata(key))
    return (await call).reference


async def reason(running: Running, key: str) -> str:
    """Why the key sees none."""
    call = running.payments.GetPayment(pb.GetPaymentRequest(id="p1"), metadata=a_callers_metadata(key))
    return (await refused(call)).reason


async def test_a_key_works_at_once_and_for_its_merchant(running: Running, keys: ApiKeyOperations) -> None:
    """Another process may have made it: the server asks the database."""
    for name in (DEFAULT_MERCHANT, "m2"):
        _, text = await keys.create(name, KeyKind.SECRET, "till")
        assert await merchant(running, text) == name


async def test_a_revoked_key_ends_within_a_second(
    running: Running, keys: ApiKeyOperations, clock: StoppedClock
) -> None:
    """So long, and no longer, a server may remember it."""
    key, text = await keys.create(DEFAULT_MERCHANT, KeyKind.SECRET, "till")
    assert await merchant(running, text) == DEFAULT_MERCHANT
    assert await keys.revoke(DEFAULT_MERCHANT, key.id)
    clock.move(timedelta(seconds=1))
    assert await reason(running, text) == "UNAUTHENTICATED"


async def test_scopes_survive_storage(running: Running, keys: ApiKeyOperations) -> None:
    """A restricted key has after a restart what it was given."""
    _, reads = await keys.create(DEFAULT_MERCHANT, KeyKind.RESTRICTED, "reports")
    _, refunds = await keys.create(
        DEFAULT_MERCHANT, KeyKind.RESTRICTED, "back office", frozenset({"refunds:read", "refunds:write"})
    )
    assert await merchant(running, reads) == DEFAULT_MERCHANT
    assert await reason(running, refunds) == "PERMISSION_DENIED"


async def test_what_is_stored_of_a_key_is_no_key(running: Running, keys: ApiKeyOperations) -> None:
    """Whoever reads the database has nothing to call with."""
    key, _ = await keys.create(DEFAULT_MERCHANT, KeyKind.SECRET, "till")
    for stolen in (key.hash.hex(), f"sk_{key.hash.hex()}", str(key.id), f"sk_{key.id}"):
        assert await reason(running, stolen) == "UNAUTHENTICATED"
