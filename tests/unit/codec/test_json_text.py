"""A body's text is one JSON object, read strictly, and a refusal repeats nothing of it."""

import pytest

from codec.json_text import read_object
from codec.problem import Refused


def _refusal(raw: bytes) -> str:
    refused = read_object(raw)
    assert isinstance(refused, Refused)
    return "; ".join(map(str, refused.problems))


def test_an_object_is_read() -> None:
    """Every kind of JSON value arrives as Python's own."""
    assert read_object(b'{"a": "\xe8\xae\xa2", "b": [1, 2.5, true, null], "c": {"d": "\\ud83d\\ude00"}}') == {
        "a": "订",
        "b": [1, 2.5, True, None],
        "c": {"d": "😀"},
    }


@pytest.mark.parametrize(
    ("raw", "path"),
    [
        (b'{"amount": "1", "amount": "100"}', "amount"),
        (b'{"amount": "1", "am\\u006funt": "100"}', "amount"),
        (b'{"card": {"number": "1", "cvc": "2", "number": "3"}}', "card.number"),
        (b'{"items": [{}, {"a": [{"b": 1, "b": 1}]}]}', "items[1].a[0].b"),
        (b'{"a": {"x": 1, "x": 2}, "a": {}}', "a"),
    ],
)
def test_a_key_that_appears_twice_is_refused_by_path(raw: bytes, path: str) -> None:
    """Two readers of one body must not see two amounts: duplicates are refused at any depth, however they are spelt."""
    assert _refusal(raw) == f"{path}: appears twice"


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"", "the body is not valid JSON: line 1, column 1"),
        (b'{"a": 1', "the body is not valid JSON: line 1, column 8"),
        (b'{"a": 1}\n{', "the body is not valid JSON: line 2, column 1"),
        (b'{"a": "\x00"}', "the body is not valid JSON: line 1, column 8"),
        (b"{'a': 1}", "the body is not valid JSON: line 1, column 2"),
        (b'\xef\xbb\xbf{"a": 1}', "the body is not valid JSON: line 1, column 1"),
        (b'{"a": "\xff"}', "the body is not valid UTF-8"),
        ('{"a": 1}'.encode("utf-16"), "the body is not valid UTF-8"),
        (b'{"a": "\\ud800"}', "the body is not valid JSON: half of a surrogate pair"),
        (b'{"\\udc00": 1}', "the body is not valid JSON: half of a surrogate pair"),
        (b'{"a": NaN}', "the body is not valid JSON: a number that JSON does not have"),
        (b'{"a": -Infinity}', "the body is not valid JSON: a number that JSON does not have"),
        (b'{"a": ' + b"9" * 5000 + b"}", "the body is not valid JSON: a number that JSON does not have"),
        (b'{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "the body is nested too deeply"),
        (b'{"a":' * 100_000, "the body is nested too deeply"),
        (b"[]", "the body must be a JSON object"),
        (b'"text"', "the body must be a JSON object"),
        (b"null", "the body must be a JSON object"),
    ],
)
def test_what_is_no_json_object_is_refused(raw: bytes, message: str) -> None:
    """The refusal says where the text is wrong, and repeats none of it."""
    assert _refusal(raw) == message
