"""Finds what is signed in an answer of Alipay's gateway: the exact text of one member, as it came."""

import json
import re
from dataclasses import dataclass

_BLANK = re.compile(r"[ \t\r\n]*")
_DECODER = json.JSONDecoder()
_ERROR = "error_response"


@dataclass(frozen=True, slots=True)
class SignedReply:
    """`text` is what the signature covers, `fields` what it says; no `signature` where Alipay gave none."""

    text: str
    fields: dict[str, object]
    signature: str | None


def read_reply(raw: str, name: str) -> SignedReply:
    """The method's member, or the error in its place. Raises ValueError for anything else.

    The span comes from a JSON decoder: counting braces, as the SDK does, goes wrong at the first `}` in a customer's text, after the operation has succeeded.
    """
    members = _members(raw)
    text, value = members.get(name) or members.get(_ERROR) or ("", None)
    if not isinstance(value, dict):
        raise ValueError("neither the method's answer nor an error")  # noqa: TRY004 - an answer, not an argument
    signature = members.get("sign", ("", None))[1]
    return SignedReply(text, value, signature if isinstance(signature, str) and signature else None)


def _members(raw: str) -> dict[str, tuple[str, object]]:
    """Every member of the outermost object with its own text. A member that is there twice is read by nobody."""
    members: dict[str, tuple[str, object]] = {}
    at = _after_blank(raw, _past(raw, _after_blank(raw, 0), "{"))
    while not raw.startswith("}", at):
        if members:
            at = _after_blank(raw, _past(raw, at, ","))
        name, at = _DECODER.raw_decode(raw, at)
        start = _after_blank(raw, _past(raw, _after_blank(raw, at), ":"))
        value, end = _DECODER.raw_decode(raw, start)
        if not isinstance(name, str) or name in members:
            raise ValueError("a member without a name of its own")
        members[name] = (raw[start:end], value)
        at = _after_blank(raw, end)
    if _after_blank(raw, at + 1) != len(raw):
        raise ValueError("more than one object")
    return members


def _past(raw: str, at: int, mark: str) -> int:
    if not raw.startswith(mark, at):
        raise ValueError("not JSON")
    return at + len(mark)


def _after_blank(raw: str, at: int) -> int:
    blank = _BLANK.match(raw, at)
    return at if blank is None else blank.end()
