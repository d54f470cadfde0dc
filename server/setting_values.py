"""Single settings, from text to value: each function raises ValueError with what the value must be, and does not repeat it."""

import base64
import re
from collections.abc import Callable
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from server.domain.addresses import host_of

# The id of the key that encrypts where no other is set, and that what it has encrypted can always be read with.
DERIVED_KEY_ID = "0"
_HOST = re.compile(r"[a-z0-9._:-]+")
_KEY_ID = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_ENCRYPTION_KEY_BYTES = 32
_SLASHES_OF_AN_ORIGIN = 2


def port(text: str) -> int:
    """A port. Raises ValueError."""
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise ValueError("must be a port, 1 to 65535")
    return int(text)


def key(text: str) -> bytes:
    """A key of 32 to 64 bytes, from base64. Raises ValueError."""
    try:
        decoded = base64.b64decode(text, validate=True)
    except ValueError:
        decoded = b""
    if not 32 <= len(decoded) <= 64:
        raise ValueError("must be 32 to 64 random bytes in base64: make it with `openssl rand -base64 32`")
    return decoded


def encryption_keys(text: str) -> tuple[tuple[str, bytes], ...]:
    """Keys of 32 bytes by their ids, in their order, from `id:base64` pairs separated by commas. Raises ValueError."""
    keys: dict[str, bytes] = {}
    for part in text.split(","):
        key_id, _, encoded = part.strip().partition(":")
        if _KEY_ID.fullmatch(key_id) is None or key_id == DERIVED_KEY_ID or key_id in keys:
            raise ValueError(f"must be id:key pairs, each id once: letters, digits and _.-, and not {DERIVED_KEY_ID}")
        try:
            keys[key_id] = base64.b64decode(encoded, validate=True)
        except ValueError:
            keys[key_id] = b""
        if len(keys[key_id]) != _ENCRYPTION_KEY_BYTES:
            raise ValueError(
                f"must be id:key pairs such as 2026-11:..., each key {_ENCRYPTION_KEY_BYTES} bytes in base64: "
                "make one with `openssl rand -base64 32`"
            )
    return tuple(keys.items())


def address(text: str) -> str:
    """An http or https address. Raises ValueError."""
    if host_of(text) is None:
        raise ValueError("must be an http or https address")
    return text


def origins(text: str) -> tuple[str, ...]:
    """Origins as browsers name them, without a path, or `*` for all. Raises ValueError."""
    named = tuple(text.replace(",", " ").split())
    for origin in named:
        if origin != "*" and (host_of(origin) is None or origin.count("/") != _SLASHES_OF_AN_ORIGIN):
            raise ValueError(
                "must be origins such as https://shop.example, without a path, separated by commas or spaces; or *"
            )
    return named


def hosts(text: str) -> tuple[str, ...]:
    """Names of hosts or IP addresses, without ports. Raises ValueError."""
    named = tuple(name.lower() for name in text.replace(",", " ").split())
    for name in named:
        url = f"https://[{name}]/" if ":" in name else f"https://{name}/"
        if _HOST.fullmatch(name) is None or host_of(url) != name:
            raise ValueError("must be hosts without ports, separated by commas or spaces")
    return named


def minutes_to_pay(text: str) -> int:
    """Gateways take no less than some minutes, and a page that stays open for longer than a day is a surprise to everybody."""
    if not text.isdecimal() or not 5 <= int(text) <= 24 * 60:
        raise ValueError("must be 5 to 1440 minutes")
    return int(text)


def at_least_a_day(text: str) -> int:
    """Hours, 24 at least. Raises ValueError."""
    if not text.isdecimal() or not 24 <= int(text) <= 24 * 365:
        raise ValueError("must be a number of hours, at least 24")
    return int(text)


def up_to_ten(text: str) -> int:
    """A small number, 0 to 10. Raises ValueError."""
    if not text.isdecimal() or int(text) > 10:
        raise ValueError("must be a number from 0 to 10")
    return int(text)


def up_to_twenty(text: str) -> float:
    """More would outlast the time after which the background takes an attempt for lost."""
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0.1 <= seconds <= 20:
        raise ValueError("must be 0.1 to 20 seconds")
    return seconds


def days_by_name(names: tuple[str, ...]) -> Callable[[str], dict[str, int]]:
    """What takes `name:days` pairs of these names, separated by commas, 0 to 90 days."""

    def parse(text: str) -> dict[str, int]:
        days: dict[str, int] = {}
        for part in text.split(","):
            name, _, number = part.strip().partition(":")
            if name not in names or name in days or not number.isdecimal() or int(number) > 90:
                raise ValueError(f"must be name:days pairs, 0 to 90 days, each of {', '.join(names)} once at most")
            days[name] = int(number)
        return days

    return parse


def time_zone(text: str) -> ZoneInfo:
    """A zone of the IANA database. Raises ValueError."""
    try:
        return ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError("must be a time zone such as Asia/Shanghai") from None


def one_of(words: tuple[str, ...]) -> Callable[[str], str]:
    """What takes one of these words alone."""

    def parse(text: str) -> str:
        if text not in words:
            raise ValueError(f"must be one of {', '.join(words)}")
        return text

    return parse


def switch(text: str) -> bool:
    """On or off. Raises ValueError."""
    if text.lower() not in ("0", "1", "false", "true", "no", "yes", "off", "on"):
        raise ValueError("must be on or off")
    return text.lower() in ("1", "true", "yes", "on")
