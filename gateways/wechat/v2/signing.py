"""Signatures of API v2: a digest over the sorted fields and the merchant's key."""

import hashlib
import hmac
from collections.abc import Mapping

from gateways.wechat.credentials import HMAC_SHA256, MD5

_DIGITS = {MD5: 32, HMAC_SHA256: 64}


def signature(fields: Mapping[str, str], api_key: str, sign_type: str) -> str:
    """The signature over every field that is not empty, but for `sign` itself; upper-case hexadecimal digits.

    Source: pay.weixin.qq.com, API v2, signature algorithm. Raises ValueError for an algorithm that there is not.
    """
    signed = "&".join(f"{name}={fields[name]}" for name in sorted(fields) if name != "sign" and fields[name])
    # What came from outside may hold halves of characters: they have no place in a genuine message, and no signature either.
    text = f"{signed}&key={api_key}".encode(errors="surrogatepass")
    if sign_type == HMAC_SHA256:
        return hmac.new(api_key.encode(), text, hashlib.sha256).hexdigest().upper()
    if sign_type == MD5:
        return hashlib.md5(text, usedforsecurity=False).hexdigest().upper()
    raise ValueError("no algorithm of WeChat Pay's")


def is_signed(fields: Mapping[str, str], api_key: str, sign_type: str) -> bool:
    """Whether `sign` is the signature over the other fields; compared in constant time."""
    given = fields.get("sign", "").encode(errors="surrogatepass")
    return bool(given) and hmac.compare_digest(given, signature(fields, api_key, sign_type).encode())


def sign_type_of(fields: Mapping[str, str], demanded: str | None) -> str | None:
    """The algorithm that a message is signed by: as it says itself, else as its length tells. None for one that there is not, or that is not the one demanded."""
    by_length = next((name for name, digits in _DIGITS.items() if len(fields.get("sign", "")) == digits), None)
    named = fields.get("sign_type") or by_length
    return named if named in _DIGITS and demanded in (None, named) else None
