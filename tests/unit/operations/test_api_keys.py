"""API keys: shown once, stored as a hash, told from slips of the pen, and ended at once."""

import pytest

from server.domain.access import DEFAULT_MERCHANT, KeyKind, Role
from server.domain.errors import Unauthenticated, ValidationError
from server.operations.access import Grant, KeyAccess
from server.operations.api_keys import ApiKeyOperations, new_secret
from server.operations.key_text import hash_of, make_key, well_formed
from server.system import SystemClock, Uuid7
from tests.builders import A_CALLER
from tests.memory import MemoryStore


class Office:
    """Keys over a store."""

    def __init__(self) -> None:
        self.store = MemoryStore()
        self.keys = ApiKeyOperations(self.store, SystemClock(), Uuid7())
        self.access = KeyAccess(self.store)


@pytest.fixture
def office() -> Office:
    return Office()


async def test_a_new_key_works_and_is_not_stored(office: Office) -> None:
    """Its text is told once; the database has its hash."""
    key, text = await office.keys.create(DEFAULT_MERCHANT, KeyKind.SECRET, "till")
    grant = await office.access.verify(text)
    assert (grant.caller.merchant_id, grant.caller.credential, grant.caller.role) == ("default", f"key:{key.id}", None)
    assert key.hash == hash_of(text)
    assert text not in repr(office.store.tables)


async def test_a_key_is_its_merchants(office: Office) -> None:
    """Whoever bears it acts for that merchant."""
    _, text = await office.keys.create("m2", KeyKind.SECRET, "till")
    assert (await office.access.verify(text)).caller.merchant_id == "m2"


async def test_a_revoked_key_is_refused(office: Office) -> None:
    """From the next look-up on; revoking it twice, or for another merchant, is no success."""
    key, text = await office.keys.create(DEFAULT_MERCHANT, KeyKind.SECRET, "till")
    assert not await office.keys.revoke("m2", key.id)
    assert await office.keys.revoke(DEFAULT_MERCHANT, key.id)
    assert not await office.keys.revoke(DEFAULT_MERCHANT, key.id)
    with pytest.raises(Unauthenticated):
        await office.access.verify(text)
    assert [listed.revoked_at is not None for listed in await office.keys.list(DEFAULT_MERCHANT)] == [True]


async def test_a_key_of_the_right_form_that_nobody_made_is_refused(office: Office) -> None:
    """Anybody can compute a checksum."""
    with pytest.raises(Unauthenticated):
        await office.access.verify(new_secret(KeyKind.SECRET))


async def test_a_restricted_key_without_scopes_reads_everything(office: Office) -> None:
    """Read-only is what a key gets that asks for nothing."""
    _, text = await office.keys.create(DEFAULT_MERCHANT, KeyKind.RESTRICTED, "reports")
    grant = await office.access.verify(text)
    assert grant.allows("payments:read", frozenset())
    assert grant.allows("balance:read", frozenset())
    assert not grant.allows("payments:write", frozenset())
    assert not grant.allows("callbacks:replay", frozenset())


async def test_a_restricted_key_has_the_scopes_that_it_was_given(office: Office) -> None:
    """And no other, reading included."""
    scopes = frozenset({"payments:write"})
    _, text = await office.keys.create(DEFAULT_MERCHANT, KeyKind.RESTRICTED, "till", scopes)
    grant = await office.access.verify(text)
    assert grant.allows("payments:write", frozenset())
    assert not grant.allows("payments:read", frozenset())
    assert not grant.allows("refunds:write", frozenset())


@pytest.mark.parametrize("scope", ["payments", "payments:", ":read", "*:write", "*", "Payments:read", "a b:read"])
async def test_a_scope_that_is_none_is_refused(office: Office, scope: str) -> None:
    """A slip would make a key that silently may nothing."""
    with pytest.raises(ValidationError):
        await office.keys.create(DEFAULT_MERCHANT, KeyKind.RESTRICTED, "till", frozenset({scope}))


async def test_a_secret_key_takes_no_scopes(office: Office) -> None:
    """It has them all; whoever names some wanted a restricted one."""
    with pytest.raises(ValidationError):
        await office.keys.create(DEFAULT_MERCHANT, KeyKind.SECRET, "till", frozenset({"payments:read"}))


async def test_adopting_a_key_twice_stores_it_once(office: Office) -> None:
    """A development service finds its keys as it left them."""
    text = new_secret(KeyKind.RESTRICTED)
    keys = [await office.keys.adopt(DEFAULT_MERCHANT, KeyKind.RESTRICTED, "dev", text) for _ in range(2)]
    assert keys[0] == keys[1]
    assert not (await office.access.verify(text)).allows("payments:write", frozenset())


@pytest.mark.parametrize("text", ["sk_short", "", make_key(KeyKind.RESTRICTED, bytes)])
async def test_adopting_what_is_no_such_key_is_refused(office: Office, text: str) -> None:
    """Neither another kind nor any odd text."""
    with pytest.raises(ValidationError):
        await office.keys.adopt(DEFAULT_MERCHANT, KeyKind.SECRET, "dev", text)


def test_a_key_is_its_kind_random_digits_and_a_checksum() -> None:
    """The same random bytes make the same key."""
    text = make_key(KeyKind.SECRET, lambda size: bytes(range(size)))
    assert (text[:3], len(text), well_formed(text)) == ("sk_", 36, True)
    assert make_key(KeyKind.RESTRICTED, bytes) == "rk_" + "0" * 27 + make_key(KeyKind.RESTRICTED, bytes)[30:]


def test_a_key_has_160_random_bits() -> None:
    """As many as it asks for, and all of them show."""
    asked: list[int] = []

    def ones(size: int) -> bytes:
        asked.append(size * 8)
        return b"\xff" * size

    assert (
        make_key(KeyKind.SECRET, ones)[3:30]
        != make_key(KeyKind.SECRET, lambda size: b"\x7f" + b"\xff" * (size - 1))[3:30]
    )
    assert asked == [160]


def test_every_slip_of_one_character_is_noticed() -> None:
    """Replaced, left out, doubled or exchanged with its neighbour."""
    text = new_secret(KeyKind.SECRET)
    slips = {text[:place] + "0" + text[place + 1 :] for place in range(3, len(text)) if text[place] != "0"}
    slips |= {text[:place] + text[place + 1 :] for place in range(len(text))}
    slips |= {text[:place] + text[place] + text[place:] for place in range(len(text))}
    slips |= {
        text[:place] + text[place + 1] + text[place] + text[place + 2 :]
        for place in range(3, len(text) - 1)
        if text[place] != text[place + 1]
    }
    assert not any(well_formed(slip) for slip in slips)


def test_a_token_has_its_role_and_no_scopes() -> None:
    """A call that names no role takes no token, whatever scope it names."""
    admin = Grant(type(A_CALLER)("default", "admin:1", Role.ADMIN, "1"))
    assert admin.allows("", frozenset({Role.ADMIN}))
    assert not admin.allows("payments:read", frozenset({Role.USER}))
    assert not admin.allows("payments:read", frozenset())


def test_a_call_without_a_scope_takes_no_key() -> None:
    """Not even a secret one: the call is for tokens."""
    assert not Grant(A_CALLER, None).allows("", frozenset({Role.USER}))
