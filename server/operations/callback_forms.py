"""Recognises a callback: in which form it came and which gateway's it claims to be, before anything of it is believed."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from server.domain.callback import CallbackDialect, CallbackFormat, CallbackMessage, Unreadable
from server.domain.errors import GatewayUnsupported
from server.domain.strict_json import strict_object
from server.operations.callback_judging import short

Dialects = Mapping[str, CallbackDialect]

_GATEWAY = "gateway"
# Every gateway's notifications are a few kilobytes; what is larger is somebody else's.
MOST_BYTES = 64 * 1024
_KEPT_OUT = frozenset({"authorization", "cookie", "proxy-authorization"})
_FORMATS = {b"{": CallbackFormat.SIGNED_JSON, b"<": CallbackFormat.XML}


@dataclass(frozen=True, slots=True, repr=False)
class Post:
    """An HTTP request to the callback address. `gateway` is the one that the path names, empty where it names none; headers' names are in lower case."""

    gateway: str
    content_type: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Recognised:
    """A callback of a gateway's, by its looks."""

    gateway: str
    dialect: CallbackDialect
    message: CallbackMessage


def message_of(post: Post, received_at: datetime) -> CallbackMessage:
    """The message, as it is stored whatever it is: cut where it is too long, and without anybody's credentials. Its format is the one that it looks like."""
    return CallbackMessage(
        format=_FORMATS.get(post.body.lstrip()[:1], CallbackFormat.FORM if post.body else CallbackFormat.UNKNOWN),
        content_type=post.content_type,
        headers={name: value for name, value in post.headers.items() if name not in _KEPT_OUT},
        body=post.body[:MOST_BYTES],
        received_at=received_at,
    )


def recognise(message: CallbackMessage, gateway: str, dialects: Dialects) -> Recognised:
    """Whose callback it claims to be; `gateway` is what the path says, empty where it says nothing. Raises Unreadable, GatewayUnsupported."""
    if gateway and gateway not in dialects:
        raise GatewayUnsupported
    if len(message.body) >= MOST_BYTES:
        raise Unreadable(f"is longer than {MOST_BYTES} bytes")
    is_documented = message.format is CallbackFormat.DOCUMENTED_JSON
    fields = _json_object(message.body) if is_documented or message.format is CallbackFormat.SIGNED_JSON else None
    # A stored callback of the documented form is read as that again.
    candidates = {} if is_documented else {gateway: dialects[gateway]} if gateway else dialects
    for name, dialect in candidates.items():
        if dialect.recognises(message):
            return Recognised(name, dialect, message)
    if fields is not None and _GATEWAY in fields:
        return _documented(message, fields, gateway, dialects)
    raise Unreadable("is not a notification of any gateway")


def _documented(message: CallbackMessage, fields: Mapping[str, Any], gateway: str, dialects: Dialects) -> Recognised:
    named = fields[_GATEWAY]
    if not isinstance(named, str) or named not in dialects:
        raise GatewayUnsupported
    if gateway and gateway != named:
        raise Unreadable("names another gateway than its address does")
    for name, value in fields.items():
        if not isinstance(value, str):
            raise Unreadable(f"{short(name)}: expected a string")
        if not _is_whole(name + value):
            raise Unreadable("holds half of a character")
    documented = {name: value for name, value in fields.items() if name != _GATEWAY}
    read = replace(message, format=CallbackFormat.DOCUMENTED_JSON, documented=documented)
    return Recognised(named, dialects[named], read)


def _is_whole(text: str) -> bool:
    """Whether it can be written down: JSON's escapes can name half of a character, which no signature covers and no database stores."""
    return text == text.encode(errors="replace").decode()


def _json_object(body: bytes) -> Mapping[str, Any]:
    try:
        return strict_object(body)
    except ValueError as error:
        raise Unreadable(str(error)) from None
