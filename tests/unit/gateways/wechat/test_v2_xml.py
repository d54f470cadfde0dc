"""API v2's XML: what is read, and what is never given to a parser."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateways.wechat.v2.xml import NotFlat, read, written

NAMES = st.from_regex(r"[a-z_][a-z_0-9]{0,15}", fullmatch=True)
TEXTS = st.text(st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters="\ufffe\uffff"), max_size=30)


@given(st.dictionaries(NAMES, TEXTS, max_size=8))
def test_what_is_written_is_read(fields: dict[str, str]) -> None:
    """Whatever text a field holds, markup included."""
    assert read(written(fields)) == fields


def test_what_wechat_pay_writes_is_read() -> None:
    """Sections of character data, an empty element, spaces between elements, a declaration, a byte order mark."""
    body = (
        '\ufeff<?xml version="1.0" encoding="UTF-8"?>\n<xml>\n  <return_code><![CDATA[SUCCESS]]></return_code>\n'
        "  <attach><![CDATA[<b>茶</b>]]></attach>\n  <device_info></device_info>\n  <total_fee>1</total_fee>\n</xml>\n"
    )
    assert read(body.encode()) == {
        "return_code": "SUCCESS",
        "attach": "<b>茶</b>",
        "device_info": "",
        "total_fee": "1",
    }


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"<xml>",
        b"<xml></xml><xml></xml>",
        b"<html></html>",
        b"<xml a='1'></xml>",
        b"<xml><a b='1'>1</a></xml>",
        b"<xml><a>1</a><a>2</a></xml>",
        b"<xml><a><b>1</b></a></xml>",
        b"<xml><a>&unknown;</a></xml>",
        b'<!DOCTYPE xml [<!ENTITY e "x">]><xml><a>&e;</a></xml>',
        b'<?xml version="1.0"?><!DOCTYPE xml SYSTEM "file:///etc/passwd"><xml></xml>',
        b'<!-- --><!DOCTYPE xml [<!ENTITY e "x">]><xml></xml>',
        b'<?x ?><!DOCTYPE xml [<!ENTITY e "x">]><xml></xml>',
        b'<xml><!DOCTYPE xml [<!ENTITY e "x">]></xml>',
        b"<xml><?php phpinfo() ?></xml>",
        "<xml><a>1</a></xml>".encode("utf-16"),
        b"<xml><a>\xff</a></xml>",
        b'<?xml version="1.0" encoding="utf-16"?><xml><a>\x00</a></xml>',
        b"<xml><a>" + b"1" * 300_000 + b"</a></xml>",
    ],
    ids=lambda body: repr(body[:60]),
)
def test_what_is_not_flat_is_refused(body: bytes) -> None:
    """Document types, entities, nesting, attributes, repeated names, other encodings and endless texts."""
    with pytest.raises(NotFlat):
        read(body)


def test_a_billion_laughs_never_reach_a_parser(monkeypatch: pytest.MonkeyPatch) -> None:
    """A document type stands in front of the root, where nothing but a declaration may: it is refused unparsed."""

    def never(*_: object) -> None:
        raise AssertionError("a parser was made")

    monkeypatch.setattr("gateways.wechat.v2.xml.expat.ParserCreate", never)
    laughs = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 10))
    with pytest.raises(NotFlat):
        read(f'<?xml version="1.0"?><!DOCTYPE xml [<!ENTITY l0 "ha">{laughs}]><xml><a>&l9;</a></xml>'.encode())


def test_an_entity_of_xml_itself_is_a_character() -> None:
    """The five that need no declaration."""
    assert read(b"<xml><a>&lt;&amp;&gt;&quot;&apos;&#65;</a></xml>") == {"a": "<&>\"'A"}
