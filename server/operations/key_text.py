"""An API key's text: what kind it is, 160 random bits, and a checksum by which a slip of the pen is told from a key."""

import hashlib
import re
import zlib
from collections.abc import Callable

from server.domain.access import KeyKind

Random = Callable[[int], bytes]
"""That many random bytes, unpredictable ones."""

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_RANDOM_BYTES = 20
_RANDOM_DIGITS = 27
_CHECK_DIGITS = 6

_KEY = re.compile(rf"(?:{'|'.join(kind.value for kind in KeyKind)})_[0-9A-Za-z]{{{_RANDOM_DIGITS + _CHECK_DIGITS}}}")


def make_key(kind: KeyKind, random: Random) -> str:
    """A new key, such as `sk_` and 33 letters and digits: 27 of them random, 6 their checksum."""
    body = f"{kind.value}_{_base62(int.from_bytes(random(_RANDOM_BYTES)), _RANDOM_DIGITS)}"
    return body + _checksum(body)


def well_formed(text: str) -> bool:
    """Whether this can be a key at all. What is mistyped or cut off is refused here, and the database is not asked."""
    return _KEY.fullmatch(text) is not None and _checksum(text[:-_CHECK_DIGITS]) == text[-_CHECK_DIGITS:]


def hash_of(text: str) -> bytes:
    """What is stored of a key. A slow, salted hash protects what people choose; nobody guesses 160 random bits, so SHA-256 does, and a call costs a microsecond."""
    return hashlib.sha256(text.encode()).digest()


def _checksum(body: str) -> str:
    return _base62(zlib.crc32(body.encode()), _CHECK_DIGITS)


def _base62(number: int, width: int) -> str:
    digits = []
    for _ in range(width):
        number, digit = divmod(number, 62)
        digits.append(_DIGITS[digit])
    return "".join(reversed(digits))
