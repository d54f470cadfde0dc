"""Writes replies in Alipay's form, and signs exactly the characters that stand in them."""

import json

from sandbox.alipay.keys import sign
from sandbox.alipay.merchants import Merchant
from sandbox.json_types import Resource

_SUCCESS: Resource = {"code": "10000", "msg": "Success"}
_WITHOUT_METHOD = "error_response"


def succeeded(result: Resource) -> Resource:
    return {**_SUCCESS, **result}


def encoded(method: str | None, content: Resource, merchant: Merchant | None) -> str:
    """A caller whom nobody knows gets an unsigned reply. Like Alipay this puts a backslash before each slash."""
    name = _WITHOUT_METHOD if method is None else f"{method.replace('.', '_')}_response"
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":")).replace("/", "\\/")
    tail = ""
    if merchant is not None:
        if merchant.certificates is not None:
            tail += f',"alipay_cert_sn":"{merchant.certificates.alipay_serial}"'
        tail += f',"sign":"{sign(merchant.private_key, text)}"'
    return f'{{"{name}":{text}{tail}}}'
