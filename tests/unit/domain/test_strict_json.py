"""What came from outside says one thing, or is no JSON to us."""

import pytest

from server.domain.strict_json import strict_object

_REFUSED = [
    b"",
    b"[]",
    b"1",
    b'{"a": 1, "a": 2}',
    b'{"a": {"b": 1, "b": 1}}',
    b'{"a": [{"b": 1, "b": 1}]}',
    b'{"a": NaN}',
    b'{"a": -Infinity}',
    b'{"a": 1} {"a": 2}',
    b"\xff",
    b"\xef\xbb\xbf{}",
    '{"a": 1}'.encode("utf-16-le"),
    b"[" * 100_000,
    b'{"a": ' + b"1" * 5_000 + b"}",
]


@pytest.mark.parametrize("text", _REFUSED, ids=lambda text: repr(text[:20]))
def test_what_two_readers_could_read_differently_is_refused(text: bytes) -> None:
    """A name that stands twice, another encoding, what only some parsers take for a number; nothing of it is quoted."""
    with pytest.raises(ValueError, match=r"^(is not|has a) [a-zA-Z0-9 -]+$"):
        strict_object(text)


def test_an_object_is_read_with_what_is_inside() -> None:
    """Bytes or text; names may come again in another object."""
    wanted = {"a": {"b": 1}, "c": {"b": "\N{SNOWMAN}"}}
    assert strict_object('{"a": {"b": 1}, "c": {"b": "\N{SNOWMAN}"}}'.encode()) == wanted
    assert strict_object('{"a": {"b": 1}, "c": {"b": "\\u2603"}}') == wanted
