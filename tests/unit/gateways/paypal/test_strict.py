"""What came from outside is read as it is, or not at all."""

import pytest

from gateways.paypal.strict import read_form, read_json_object
from server.domain.callback import Unreadable


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"1",
        b'{"a": 1, "a": 2}',
        b'{"a": {"b": 1, "b": 1}}',
        b'{"a": NaN}',
        b'{"a": 1} {"a": 2}',
        b'{"a": 1}, "b": 2',
        b"\xff",
        b"\xef\xbb\xbf{}",
        b"[" * 100_000,
        b'{"a": ' + b"1" * 5_000 + b"}",
    ],
    ids=lambda body: repr(body[:20]),
)
def test_what_is_not_one_plain_json_object_is_unreadable(body: bytes) -> None:
    """A name that stands there twice is read differently by different readers."""
    with pytest.raises(Unreadable):
        read_json_object(body)


@pytest.mark.parametrize(
    "body",
    [b"a=1&a=2", b"a", b"a=1&b", b"\xe4=1", b"&".join(b"a%d=1" % number for number in range(201))],
    ids=lambda body: repr(body[:20]),
)
def test_what_is_not_a_plain_form_is_unreadable(body: bytes) -> None:
    """Nor are there hundreds of fields."""
    with pytest.raises(Unreadable):
        read_form(body)


@pytest.mark.parametrize(
    ("body", "name"),
    [
        (b"name=J%FCrgen", "Jürgen"),
        (b"name=J%FCrgen&charset=windows-1252", "Jürgen"),
        (b"name=J%C3%BCrgen&charset=UTF-8", "Jürgen"),
        (b"name=%D0%A1&charset=gb18030", "小"),
        (b"name=J%FCrgen&charset=no-such", "Jürgen"),
        (b"name=J%FCrgen&charset=base64", "Jürgen"),
    ],
)
def test_a_form_is_read_in_the_charset_that_it_names(body: bytes, name: str) -> None:
    """In PayPal's default where it names none that PayPal has."""
    assert read_form(body)["name"] == name
