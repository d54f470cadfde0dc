"""Signs webhooks as receivers verify them. Source: the Standard Webhooks specification, "Signature scheme" with symmetric secrets."""

import base64
import binascii
import hmac
from collections.abc import Sequence
from datetime import datetime

_PREFIX = "whsec_"
SECRET_BYTES = 32
"""The specification asks for 24 to 64."""


def secret_text(key: bytes) -> str:
    """A secret as merchants see it."""
    return _PREFIX + base64.b64encode(key).decode()


def key_of(secret: str) -> bytes:
    """The key that signs. Raises ValueError for what is no secret."""
    if not secret.startswith(_PREFIX):
        raise ValueError(f"a secret begins with {_PREFIX}")
    try:
        return base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except binascii.Error:
        raise ValueError("a secret is base64") from None


def signed_headers(message_id: str, at: datetime, body: bytes, secrets: Sequence[str]) -> dict[str, str]:
    """The headers of one try, signed with each secret that is valid: the id is the same on every try, the time is this one's."""
    timestamp = int(at.timestamp())
    signatures = " ".join(signature(message_id, timestamp, body, secret) for secret in secrets)
    return {"webhook-id": message_id, "webhook-timestamp": str(timestamp), "webhook-signature": signatures}


def signature(message_id: str, timestamp: int, body: bytes, secret: str) -> str:
    """One signature with its version, over id, time (seconds since 1970) and body."""
    signed = b".".join((message_id.encode(), str(timestamp).encode(), body))
    return "v1," + base64.b64encode(hmac.digest(key_of(secret), signed, "sha256")).decode()
