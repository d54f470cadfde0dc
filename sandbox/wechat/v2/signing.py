"""API v2's signatures. Source: pay.weixin.qq.com/doc/v2/merchant/4011985891, "signature algorithm"."""

import hmac
from collections.abc import Mapping
from hashlib import md5, sha256
from typing import Literal

SignType = Literal["MD5", "HMAC-SHA256"]
SIGN_TYPES: tuple[SignType, ...] = ("MD5", "HMAC-SHA256")


def signature(fields: Mapping[str, str], api_key: str, sign_type: SignType) -> str:
    """Over all fields but `sign` and the empty ones, in the order of their names; upper-case hexadecimal."""
    pairs = [f"{name}={fields[name]}" for name in sorted(fields) if name != "sign" and fields[name]]
    text = "&".join([*pairs, f"key={api_key}"]).encode()
    if sign_type == "MD5":
        return md5(text, usedforsecurity=False).hexdigest().upper()
    return hmac.new(api_key.encode(), text, sha256).hexdigest().upper()


def signed(fields: Mapping[str, str], api_key: str, sign_type: SignType) -> dict[str, str]:
    return {**fields, "sign": signature(fields, api_key, sign_type)}


def verifies(fields: Mapping[str, str], api_key: str, sign_type: SignType) -> bool:
    """In constant time."""
    expected = signature(fields, api_key, sign_type).encode()
    return hmac.compare_digest(expected, fields.get("sign", "").encode())
