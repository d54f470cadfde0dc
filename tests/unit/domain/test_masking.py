"""Secrets as they are shown."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.masking import SecretFields, is_mask, mask

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


FIELDS = SecretFields({"client_secret", "key"})
SECRET = "pi_3_secret_0123456789"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f'{{"id": "pi_3", "client_secret": "{SECRET}"}}', '{"id": "pi_3", "client_secret": "pi_3********6789"}'),
        (f'{{"client_secret"\n :\t"{SECRET}","a":1}}', '{"client_secret"\n :\t"pi_3********6789","a":1}'),
        (f'[{{"key":"{SECRET}"}},{{"key":"short"}}]', f'[{{"key":"pi_3********6789"}},{{"key":"{HIDDEN}"}}]'),
        (r'{"key": "\u00e90123456789012345\u00e9"}', f'{{"key": "{HIDDEN}"}}'),
        (r'{"key": "a\"01234567890123456", "b": "c"}', f'{{"key": "{HIDDEN}", "b": "c"}}'),
        (f'{{"key": "{SECRET}', '{"key": "pi_3********6789'),
        (f'{{"url": "https://a.example/?b&key={SECRET}&d"}}', '{"url": "https://a.example/?b&key=pi_3********6789&d"}'),
        (rf"https://a.example/?b\u0026key={SECRET}\u0026d", r"https://a.example/?b\u0026key=pi_3********6789\u0026d"),
    ],
)
def test_secret_fields_are_masked_inside_a_text(text: str, shown: str) -> None:
    """However the JSON is written, though it was cut short within the secret, and in addresses."""
    assert FIELDS.mask(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no JSON",
        '{"client_secret": null, "key": 7, "monkey": "0123456789abcdef", "client_secrets": "0123456789abcdef"}',
        '{"a": "client_secret", "b": "0123456789abcdef"}',
        "a=b&monkey=0123456789abcdef",
        "\udcff",
    ],
)
def test_everything_else_stands_as_it_stood(text: str) -> None:
    """What is shown of a message is what came."""
    assert FIELDS.mask(text) == text
    assert SecretFields(()).mask(f'{{"key": "{SECRET}"}}{text}') == f'{{"key": "{SECRET}"}}{text}'


@given(st.text(), st.text(min_size=16))
def test_a_masked_object_is_one(name: str, secret: str) -> None:
    """With the secret's field masked and every other as it was."""
    sent = {f"a {name}": name, "key": secret, "inner": {"key": secret}}
    shown = json.loads(FIELDS.mask(json.dumps(sent)))
    assert shown.keys() == sent.keys()
    assert (shown[f"a {name}"], is_mask(shown["key"]), shown["inner"]) == (name, True, {"key": shown["key"]})
