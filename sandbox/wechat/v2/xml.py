"""API v2's XML: one flat element, without any of what makes XML dangerous."""

from collections.abc import Mapping
from xml.etree.ElementTree import ParseError, XMLParser


class NotFlatXml(ValueError):
    """The text is no XML, or more than a list of named texts."""


def read_xml(body: bytes) -> dict[str, str]:
    """The names and texts below the root `xml`. Raises `NotFlatXml`; a document type or an entity is refused unparsed."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        raise NotFlatXml("not UTF-8") from None
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise NotFlatXml("a document type")
    parser = XMLParser(encoding="utf-8")  # noqa: S314 - there is neither a document type nor an entity in it
    try:
        parser.feed(text.encode())
        root = parser.close()
    except ParseError:
        raise NotFlatXml("not well-formed") from None
    if root.tag != "xml" or root.attrib:
        raise NotFlatXml("the root is not xml")
    fields: dict[str, str] = {}
    for element in root:
        if len(element) or element.attrib or element.tag in fields:
            raise NotFlatXml(f"{element.tag} is not flat, or comes twice")
        fields[element.tag] = element.text or ""
    return fields


def write_xml(fields: Mapping[str, str], root: str = "xml") -> bytes:
    """Each text as CDATA, as WeChat Pay writes it."""
    lines = [f"<{name}><![CDATA[{_split(text)}]]></{name}>" for name, text in fields.items()]
    return f"<{root}>{''.join(lines)}</{root}>".encode()


def _split(text: str) -> str:
    return text.replace("]]>", "]]]]><![CDATA[>")
