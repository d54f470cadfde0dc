"""Ids carry the order of creation, and a payment's reference at its gateway follows from its id."""

import re
from uuid import RFC_4122, UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.ids import reference_of
from server.system import Uuid7

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def test_ids_of_a_process_grow_strictly() -> None:
    """Also within one millisecond, and in a burst of more than a millisecond's counter holds."""
    ids = Uuid7()
    made = [ids.new() for _ in range(10_000)]
    assert made == sorted(set(made))


def test_ids_grow_in_their_text_too() -> None:
    """Databases sort them as text or as bytes."""
    ids = Uuid7()
    made = [ids.new() for _ in range(1_000)]
    assert [str(one) for one in made] == sorted(str(one) for one in made)
    assert [one.bytes for one in made] == sorted(one.bytes for one in made)


def test_an_id_is_a_uuid_of_version_7() -> None:
    """As RFC 9562 says, section 5.7: its version, its variant, and the milliseconds in front."""
    made = Uuid7().new()
    assert made.version == 7
    assert made.variant == RFC_4122


def test_ids_go_on_when_the_clock_goes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock that is set back must not make an id that sorts before an older one."""
    now_ns = 1_700_000_000_000_000_000
    monkeypatch.setattr("server.system.time.time_ns", lambda: now_ns)
    ids = Uuid7()
    before = ids.new()
    assert before.int >> 80 == now_ns // 1_000_000
    monkeypatch.setattr("server.system.time.time_ns", lambda: now_ns - 3_600_000_000_000)
    assert ids.new() > before


@given(st.uuids(), st.integers(1, 99))
def test_a_reference_suits_every_gateway(payment_id: UUID, try_number: int) -> None:
    """26 characters and a short suffix: letters, digits and `_`, at most 32 of them."""
    reference = reference_of(payment_id, try_number)
    assert re.fullmatch(r"[0-9A-Z_]{26,32}", reference)
    assert "_" not in reference_of(payment_id)


@given(st.uuids(), st.integers(1, 99))
def test_a_reference_names_one_try_of_one_payment(payment_id: UUID, try_number: int) -> None:
    """The id can be read back from it, so no two payments share one."""
    digits, _, suffix = reference_of(payment_id, try_number).partition("_")
    number = 0
    for digit in digits:
        number = number * 32 + _ALPHABET.index(digit)
    assert UUID(int=number) == payment_id
    assert int(suffix or 1) == try_number
