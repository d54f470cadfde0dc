"""API v2's XML is read without surprises and written so that every text survives."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.wechat.v2.xml import NotFlatXml, read_xml, write_xml

# What XML 1.0 can carry; a parser turns a carriage return into a line feed.
CHARACTERS = st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="￾￿")
TEXTS = st.dictionaries(
    st.from_regex(r"[a-z_]{1,8}", fullmatch=True),
    st.text(CHARACTERS, max_size=8) | st.sampled_from(["]]>", "]]", "<!-- -->", "&amp;", "a]]>b]]>"]),
    max_size=6,
)


@given(fields=TEXTS)
def test_what_is_written_can_be_read(fields: dict[str, str]) -> None:
    """Markup in a text stays a text."""
    assert read_xml(write_xml(fields)) == fields


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<xml>",
        b"<other/>",
        b"<xml><a>1</a><a>2</a></xml>",
        b"<xml><a><b>1</b></a></xml>",
        b'<xml><a b="1">1</a></xml>',
        b"<xml><a>&unknown;</a></xml>",
        b'<!DOCTYPE xml [<!ENTITY a "1">]><xml><a>&a;</a></xml>',
        b'<?xml version="1.0"?><!DOCTYPE xml SYSTEM "http://127.0.0.1:9/x.dtd"><xml/>',
        '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE xml><xml/>'.encode("utf-16"),
        b'<?xml version="1.0" encoding="utf-7"?>+ADw-!DOCTYPE xml+AD4-<xml/>',
        b"\xc3\x28",
    ],
)
def test_what_is_not_a_flat_list_is_refused(body: bytes) -> None:
    """Document types and entities above all."""
    with pytest.raises(NotFlatXml):
        read_xml(body)
