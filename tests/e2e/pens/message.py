"""Callbacks on their way, in the forms in which they travel."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

FORM = "application/x-www-form-urlencoded; charset=utf-8"
JSON = "application/json"
XML = "text/xml"


@dataclass(frozen=True, slots=True)
class Message:
    """A callback on its way."""

    content_type: str
    body: bytes
    headers: Mapping[str, str]

    def with_body(self, body: bytes) -> "Message":
        """The same under the same signature, with another body."""
        return Message(self.content_type, body, self.headers)

    def with_headers(self, **headers: str) -> "Message":
        """The same with other headers, written with `_` for `-`."""
        changed = {name.replace("_", "-"): value for name, value in headers.items()}
        return Message(self.content_type, self.body, {**self.headers, **changed})


def form(fields: Mapping[str, str]) -> Message:
    return Message(FORM, urlencode(fields).encode(), {})


def xml(fields: Mapping[str, str]) -> Message:
    return Message(
        XML,
        f"<xml>{''.join(f'<{name}><![CDATA[{value}]]></{name}>' for name, value in fields.items())}</xml>".encode(),
        {},
    )


def documented(fields: Mapping[str, Any]) -> Message:
    return Message(JSON, json.dumps(fields, ensure_ascii=False).encode(), {})
