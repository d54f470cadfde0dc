"""A credential is looked up once and remembered for a moment: long enough to be cheap, short enough to be taken back."""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

import jwt
import pytest

from server.domain.access import DEFAULT_MERCHANT, KeyKind, Role
from server.domain.errors import Unauthenticated
from server.domain.ports import Transaction
from server.operations.access import KeyAccess
from server.operations.api_keys import ApiKeyOperations
from server.rpc import credentials as module
from server.rpc.credentials import KEY_REMEMBERED_FOR, Credentials
from server.rpc.tokens import Tokens
from server.system import SystemClock, Uuid7
from tests.clock_and_ids import StoppedClock
from tests.memory import MemoryStore

T = TypeVar("T")

SECRET = b"a shared secret of enough bytes.."


class CountingStore(MemoryStore):
    """Counts the reads."""

    def __init__(self) -> None:
        super().__init__()
        self.reads = 0

    async def read(self, work: Callable[[Transaction], T]) -> T:
        self.reads += 1
        return await super().read(work)

    look_up = read


class Desk:
    """Credentials over a store, with a clock to move."""

    def __init__(self) -> None:
        self.store, self.clock = CountingStore(), StoppedClock()
        self.keys = ApiKeyOperations(self.store, self.clock, Uuid7())
        self.credentials = Credentials(KeyAccess(self.store), Tokens("HS256", SECRET), self.clock)


@pytest.fixture
def desk() -> Desk:
    return Desk()


async def test_a_busy_key_costs_one_read_a_second(desk: Desk) -> None:
    """A thousand calls within the time that a key is remembered ask the database once."""
    _, text = await desk.keys.create(DEFAULT_MERCHANT, KeyKind.SECRET, "till")
    for _ in range(1_000):
        assert (await desk.credentials.verify(f"Bearer {text}")).scopes is None
    assert desk.store.reads == 1


async def test_a_revoked_key_is_refused_within_a_second(desk: Desk) -> None:
    """The key is remembered for so long at most, on every replica."""
    key, text = await desk.keys.create(DEFAULT_MERCHANT, KeyKind.SECRET, "till")
    await desk.credentials.verify(f"Bearer {text}")
    await desk.keys.revoke(DEFAULT_MERCHANT, key.id)
    desk.clock.move(KEY_REMEMBERED_FOR)

    assert timedelta(seconds=1) >= KEY_REMEMBERED_FOR
    with pytest.raises(Unauthenticated):
        await desk.credentials.verify(f"Bearer {text}")


async def test_a_key_that_was_refused_works_as_soon_as_it_is_stored(desk: Desk) -> None:
    """Refusals are not remembered."""
    text = "sk_"
    with pytest.raises(Unauthenticated):
        await desk.credentials.verify(f"Bearer {text}")
    _, text = await desk.keys.create(DEFAULT_MERCHANT, KeyKind.SECRET, "till")
    await desk.credentials.verify(f"Bearer {text}")


async def test_a_mistyped_key_is_refused_without_a_read(desk: Desk) -> None:
    """The checksum tells; whoever guesses keys does not reach the database."""
    _, text = await desk.keys.create(DEFAULT_MERCHANT, KeyKind.SECRET, "till")
    for wrong in (
        text[:-1],
        f"{text}x",
        text[:5] + ("a" if text[5] != "a" else "b") + text[6:],
        "sk_",
        "rk_" + text[3:],
    ):
        with pytest.raises(Unauthenticated):
            await desk.credentials.verify(f"Bearer {wrong}")
    assert desk.store.reads == 0


async def test_a_remembered_token_ends_when_it_expires() -> None:
    """Remembering a token never makes it valid for longer."""
    desk = Desk()
    desk.clock.move_to(SystemClock().now())
    expires = int(time.time()) + 60
    token = jwt.encode({"sub": "7", "role": "user", "exp": expires}, SECRET, algorithm="HS256")
    assert (await desk.credentials.verify(f"Bearer {token}")).caller.role is Role.USER

    remembered = next(iter(desk.credentials._remembered.values()))
    assert remembered[1] == expires


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Basic c2s6", "sk_1", "bearer\tx"])
async def test_anything_but_a_bearer_is_refused(desk: Desk, header: str | None) -> None:
    """The message says what is needed."""
    with pytest.raises(Unauthenticated, match="Bearer"):
        await desk.credentials.verify(header)


async def test_the_scheme_may_be_in_any_case(desk: Desk) -> None:
    """HTTP's authentication schemes are."""
    _, text = await desk.keys.create(DEFAULT_MERCHANT, KeyKind.SECRET, "till")
    assert (await desk.credentials.verify(f"bearer {text}")).caller.merchant_id == DEFAULT_MERCHANT


async def test_tokens_are_refused_where_none_are_configured() -> None:
    """There is no fallback secret."""
    store = MemoryStore()
    credentials = Credentials(KeyAccess(store), None, SystemClock())
    token = jwt.encode({"sub": "7", "role": "user", "exp": 4_000_000_000}, SECRET, algorithm="HS256")
    with pytest.raises(Unauthenticated):
        await credentials.verify(f"Bearer {token}")


async def test_what_is_remembered_is_bounded_and_holds_no_credential(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The oldest make room, and memory has hashes only."""
    monkeypatch.setattr(module, "_AT_MOST", 3)
    texts = [(await desk.keys.create(DEFAULT_MERCHANT, KeyKind.SECRET, "till"))[1] for _ in range(5)]
    for text in texts:
        await desk.credentials.verify(f"Bearer {text}")
    remembered = desk.credentials._remembered
    assert len(remembered) == 3
    assert not any(text.encode() in name for name in remembered for text in texts)
