"""Identifiers in Stripe's form."""

import os
from base64 import b64encode

_REQUEST_ID_BYTES = 12
_OBJECT_ID_BYTES = 18
_ALPHANUMERIC = b"0Z"


def new_id(prefix: str) -> str:
    """A fresh id such as `pi_` and 24 letters and digits."""
    return f"{prefix}_{_random_text(_OBJECT_ID_BYTES)}"


def new_request_id() -> str:
    return f"req_{_random_text(_REQUEST_ID_BYTES)}"


def new_client_secret(object_id: str) -> str:
    return f"{object_id}_secret_{_random_text(_OBJECT_ID_BYTES)}"


def _random_text(size: int) -> str:
    return b64encode(os.urandom(size), altchars=_ALPHANUMERIC).decode()
