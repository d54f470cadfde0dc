"""A notification of Alipay's as it came: its fields, and the exact bytes that its signature covers."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from server.domain.callback import CallbackFormat, CallbackMessage, Unreadable

SIGN = "sign"
SIGN_TYPE = "sign_type"
MESSAGE = "msg_method"
OUR_NUMBERS = ("out_trade_no", "out_order_no")

_UNSIGNED = (SIGN.encode(), SIGN_TYPE.encode())
_CHARSETS = {"utf-8": "utf-8", "gbk": "gbk", "gb2312": "gbk", "gb18030": "gb18030"}
_MOST_FIELDS = 200


@dataclass(frozen=True, slots=True, repr=False)
class Notification:
    """`signed` is every field but `sign` and `sign_type`, the empty ones included, sorted by name, in the charset that the notification declares; `signed_whole`, which only a message has,
    is the same with `sign_type`.

    Source: the open platform's page on verifying notifications (open/200/106120).
    """

    fields: Mapping[str, str]
    signed: bytes
    charset: str
    native: bool
    signed_whole: bytes | None = None

    def number(self) -> str | None:
        """Our number for the payment, as the notification claims it."""
        return next((self.fields[name] for name in OUR_NUMBERS if self.fields.get(name)), None)


def read_notification(message: CallbackMessage) -> Notification:
    """Raises Unreadable."""
    if message.format is CallbackFormat.DOCUMENTED_JSON:
        pairs = [(name.encode(), value.encode()) for name, value in (message.documented or {}).items()]
        return _notification(pairs, "utf-8", native=False)
    pairs = form_pairs(message.body)
    declared = next((value for name, value in pairs if name == b"charset"), b"utf-8")
    charset = _CHARSETS.get(declared.decode("ascii", "replace").lower())
    if charset is None:
        raise Unreadable("declares a charset that is neither UTF-8 nor GBK")
    return _notification(pairs, charset, native=True)


def form_pairs(body: bytes) -> list[tuple[bytes, bytes]]:
    """The fields of a form, decoded to the bytes that they stand for. Raises Unreadable."""
    parts = body.split(b"&") if body else []
    if len(parts) > _MOST_FIELDS:
        raise Unreadable("has too many fields")
    pairs = []
    for part in parts:
        name, equals, value = part.partition(b"=")
        if not name or not equals:
            raise Unreadable("is not a form")
        pairs.append((_unquoted(name), _unquoted(value)))
    return pairs


def _notification(pairs: list[tuple[bytes, bytes]], charset: str, *, native: bool) -> Notification:
    if len({name for name, _ in pairs}) != len(pairs):
        raise Unreadable("has a field that stands twice")
    try:
        fields = {name.decode(charset): value.decode(charset) for name, value in pairs}
    except UnicodeDecodeError:
        raise Unreadable("is not in the charset that it declares") from None
    whole = _joined(pairs, SIGN.encode()) if native and MESSAGE in fields else None
    return Notification(fields, _joined(pairs, *_UNSIGNED), charset, native, whole)


def _joined(pairs: list[tuple[bytes, bytes]], *without: bytes) -> bytes:
    return b"&".join(b"=".join(pair) for pair in sorted(pairs) if pair[0] not in without)


def _unquoted(text: bytes) -> bytes:
    # Most fields hold nothing to be undone; each form is read three times on its way.
    return unquote_to_bytes(text.replace(b"+", b" ")) if b"%" in text or b"+" in text else text
