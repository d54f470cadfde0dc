"""Secrets as they are shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.masking import is_mask, mask

HIDDEN = "********"


@given(st.text(max_size=4000))
def test_a_mask_shows_four_characters_at_each_end_at_most(secret: str) -> None:
    """And says nothing of what is between them, not even how long it is."""
    masked, text = mask(secret), secret.strip()
    start, _, end = masked.partition(HIDDEN) if len(text) >= 16 else ("", HIDDEN, "")
    assert masked == start + HIDDEN + end
    assert len(masked) <= 16
    assert text.startswith(start)
    assert text.endswith(end)
    assert len(start) + len(end) <= len(text) // 2
    assert is_mask(masked)


@given(st.text(max_size=15))
def test_a_short_secret_is_not_shown_at_all(secret: str) -> None:
    """Eight characters of it would be more than half."""
    assert mask(secret) == HIDDEN


@pytest.mark.parametrize(
    ("secret", "shown"),
    [
        ("32characterslong1234567890abcd", "32ch********abcd"),
        ("0123456789abcdef", "0123********cdef"),
        ("0123456789abcde", HIDDEN),
        ("", HIDDEN),
        ("  0123456789abcde  ", HIDDEN),
        ("-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkq\nbbbbcccc\n-----END PRIVATE KEY-----\n", "MIIE********cccc"),
        ("-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\n", HIDDEN),
    ],
)
def test_masks(secret: str, shown: str) -> None:
    """What stands around a pasted secret does not count, and a key's armour, which would make all keys look the same, neither."""
    assert mask(secret) == shown


@pytest.mark.parametrize("text", ["", "****", "0123********45678", "sk_test_0123456789", "a********b********"])
def test_what_is_no_mask(text: str) -> None:
    """A secret is taken for one."""
    assert not is_mask(text)
