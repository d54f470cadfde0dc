"""The flat XML of API v2: a root whose children hold text. Whatever else XML can say is refused before a parser sees it, or by it."""

import re
from collections.abc import Mapping
from typing import Final
from xml.parsers import expat
from xml.sax.saxutils import escape

_LONGEST_BYTES: Final = 256 * 1024

# A document type can only stand in front of the root: there nothing but a declaration may be. So there are no entities but XML's own five.
_START = re.compile(r"\s*(?:<\?xml[^<>]*\?>\s*)?<(xml|root)>")


class NotFlat(Exception):
    """A text that is not WeChat Pay's kind of XML; the message says why and quotes nothing of it."""


def written(fields: Mapping[str, str]) -> bytes:
    """The fields as WeChat Pay reads them."""
    return f"<xml>{''.join(f'<{name}>{escape(value)}</{name}>' for name, value in fields.items())}</xml>".encode()


def read(body: bytes, root: str = "xml") -> Mapping[str, str]:
    """The fields of a body in UTF-8. Raises NotFlat."""
    if len(body) > _LONGEST_BYTES:
        raise NotFlat("too long")
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise NotFlat("not in UTF-8") from None
    start = _START.match(text)
    if start is None or start[1] != root:
        raise NotFlat(f"does not begin with <{root}>")
    return _Reader().read(text)


class _Reader:
    """One document."""

    def __init__(self) -> None:
        self._fields: dict[str, str] = {}
        self._open: list[str] = []
        self._parts: list[str] = []

    def read(self, text: str) -> Mapping[str, str]:
        # Named, so that a declaration of another encoding changes nothing.
        parser = expat.ParserCreate("utf-8")
        parser.StartDoctypeDeclHandler = _refuse
        parser.EntityDeclHandler = _refuse
        parser.ProcessingInstructionHandler = _refuse
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._parts.append
        try:
            parser.Parse(text.encode(), True)
        except expat.ExpatError:
            raise NotFlat("malformed") from None
        return self._fields

    def _start(self, name: str, attributes: Mapping[str, str]) -> None:
        if len(self._open) > 1:
            raise NotFlat("nested")
        if attributes:
            raise NotFlat("has attributes")
        if name in self._fields:
            raise NotFlat("names a field twice")
        self._open.append(name)
        self._parts.clear()

    def _end(self, name: str) -> None:
        self._open.pop()
        if self._open:
            self._fields[name] = "".join(self._parts)
        self._parts.clear()


def _refuse(*_: object) -> None:
    raise NotFlat("declares something")
