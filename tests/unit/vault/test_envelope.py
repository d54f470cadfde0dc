"""Encryption at rest: what is sealed opens again, under the same keys and for the same owner alone."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.vault import SealBroken, UnknownEncryptionKey
from server.vault.envelope import EnvelopeVault
from tests.builders import NOON, an_id

OLD, NEW = bytes(range(32)), bytes(range(1, 33))
BOUND = ("payment_config", "default", "alipay", "1")


def test_what_is_sealed_opens_again() -> None:
    """And is not to be read on the way."""
    vault = EnvelopeVault({"k1": OLD})
    key = vault.new_data_key("default", an_id(1), NOON)
    sealed = vault.seal(key, b"a very secret text", BOUND)
    assert b"secret" not in sealed
    assert vault.unseal(key, sealed, BOUND) == b"a very secret text"


@given(plain=st.binary(max_size=200), place=st.integers(min_value=0), bit=st.integers(0, 7))
def test_a_single_changed_bit_is_found(plain: bytes, place: int, bit: int) -> None:
    """In what is sealed as in the data key's wrapping."""
    vault = EnvelopeVault({"k1": OLD})
    key = vault.new_data_key("default", an_id(1), NOON)
    sealed = vault.seal(key, plain, BOUND)
    with pytest.raises(SealBroken):
        vault.unseal(key, _flipped(sealed, place, bit), BOUND)
    with pytest.raises(SealBroken):
        vault.unseal(replace(key, wrapped=_flipped(key.wrapped, place, bit)), sealed, BOUND)


@pytest.mark.parametrize("length", [0, 1, 11, 12, 27])
def test_what_is_cut_short_is_found(length: int) -> None:
    """Down to nothing at all."""
    vault = EnvelopeVault({"k1": OLD})
    key = vault.new_data_key("default", an_id(1), NOON)
    sealed = vault.seal(key, b"a text", BOUND)
    with pytest.raises(SealBroken):
        vault.unseal(key, sealed[:length], BOUND)


@pytest.mark.parametrize(
    "other",
    [
        ("payment_config", "other", "alipay", "1"),
        ("payment_config", "default", "wechat", "1"),
        ("payment_config", "default", "alipay", "2"),
        ("payment_configdefault", "", "alipay", "1"),
        ("payment_config", "default", "alipay"),
    ],
)
def test_what_is_sealed_belongs_to_one_merchant_gateway_and_version(other: tuple[str, ...]) -> None:
    """A row that was copied over another one does not open."""
    vault = EnvelopeVault({"k1": OLD})
    key = vault.new_data_key("default", an_id(1), NOON)
    with pytest.raises(SealBroken):
        vault.unseal(key, vault.seal(key, b"a text", BOUND), other)


def test_a_data_key_belongs_to_its_row() -> None:
    """Neither another merchant nor another id nor another key of the operator's can claim it."""
    vault = EnvelopeVault({"k1": OLD, "k2": NEW})
    key = vault.new_data_key("default", an_id(1), NOON)
    sealed = vault.seal(key, b"a text", BOUND)
    for stolen in (replace(key, merchant_id="other"), replace(key, id=an_id(2)), replace(key, key_id="k2")):
        with pytest.raises(SealBroken):
            vault.unseal(stolen, sealed, BOUND)


def test_every_data_key_is_another() -> None:
    """And so is every sealed text, though it says the same."""
    vault = EnvelopeVault({"k1": OLD})
    first, second = (vault.new_data_key("default", an_id(1), NOON) for _ in range(2))
    assert first.wrapped != second.wrapped
    sealed = {vault.seal(key, b"a text", BOUND) for key in (first, second, first)}
    assert len(sealed) == 3
    with pytest.raises(SealBroken):
        vault.unseal(second, vault.seal(first, b"a text", BOUND), BOUND)


def test_an_old_key_reads_and_the_first_one_writes() -> None:
    """A new key is put in front; what is stored opens before and after it is re-wrapped, and nothing sealed changes."""
    before = EnvelopeVault({"k1": OLD})
    key = before.new_data_key("default", an_id(1), NOON)
    sealed = before.seal(key, b"a text", BOUND)
    during = EnvelopeVault({"k2": NEW, "k1": OLD})
    assert during.unseal(key, sealed, BOUND) == b"a text"
    rewrapped = during.rewrap(key)
    assert (rewrapped.key_id, rewrapped.id) == ("k2", key.id)
    after = EnvelopeVault({"k2": NEW})
    assert after.unseal(rewrapped, sealed, BOUND) == b"a text"


def test_a_key_that_is_gone_is_named() -> None:
    """Its id, so that the operator knows which one to give."""
    key = EnvelopeVault({"k1": OLD}).new_data_key("default", an_id(1), NOON)
    with pytest.raises(UnknownEncryptionKey, match="'k1', which SYCEE_ENCRYPTION_KEYS does not hold"):
        EnvelopeVault({"k2": NEW}).rewrap(key)


def test_another_key_under_the_same_id_does_not_open() -> None:
    """A slip of the operator's is an error, not nonsense in place of a secret."""
    key = EnvelopeVault({"k1": OLD}).new_data_key("default", an_id(1), NOON)
    with pytest.raises(SealBroken):
        EnvelopeVault({"k1": NEW}).rewrap(key)


def test_nothing_secret_has_a_representation() -> None:
    """Neither a key nor what is wrapped under one reaches a log by accident."""
    key = EnvelopeVault({"k1": OLD}).new_data_key("default", an_id(1), NOON)
    assert repr(key.wrapped) not in repr(key)


def _flipped(text: bytes, place: int, bit: int) -> bytes:
    changed = bytearray(text)
    changed[place % len(text)] ^= 1 << bit
    return bytes(changed)
