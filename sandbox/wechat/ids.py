"""Identifiers in WeChat Pay's form: digits and letters around the day on which they were given."""

import secrets
from base64 import urlsafe_b64encode

from sandbox.wechat.times import day, second

_CODE_BYTES = 9


def new_prepay_id(now: float) -> str:
    """`wx`, the second, and 20 hexadecimal digits: 36 characters."""
    return f"wx{second(now)}{secrets.token_hex(10)}"


def new_transaction_id(now: float) -> str:
    """28 digits."""
    return f"4200{_digits(6)}{day(now)}{_digits(10)}"


def new_refund_id(now: float) -> str:
    """29 digits."""
    return f"50{_digits(9)}{day(now)}{_digits(10)}"


def new_complaint_id(now: float) -> str:
    """27 digits."""
    return f"20{_digits(7)}{day(now)}{_digits(10)}"


def new_media_id() -> str:
    return f"file{_digits(5)}_{_digits(8)}.jpg"


def new_code() -> str:
    """What follows `pr=` in a `code_url`."""
    return urlsafe_b64encode(secrets.token_bytes(_CODE_BYTES)).decode().replace("-", "z").replace("_", "Z")


def new_nonce(length: int = 32) -> str:
    return secrets.token_hex(length // 2)


def _digits(count: int) -> str:
    return f"{secrets.randbelow(10**count):0{count}d}"
