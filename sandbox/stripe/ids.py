"""Identifiers in Stripe's form: they begin with their time, so that new ones are neighbours in an index."""

import os
import time
from base64 import b64encode

_REQUEST_ID_BYTES = 12
_SECRET_BYTES = 18
_TAIL_BYTES = 9
_ALPHANUMERIC = b"0Z"
_TIME_UNITS_A_SECOND = 10_000


def new_id(prefix: str) -> str:
    """A fresh id such as `pi_` and 24 letters and digits."""
    return f"{prefix}_{_time_text()}{_random_text(_TAIL_BYTES)}"


def new_request_id() -> str:
    return f"req_{_random_text(_REQUEST_ID_BYTES)}"


def new_client_secret(object_id: str) -> str:
    return f"{object_id}_secret_{_random_text(_SECRET_BYTES)}"


def _time_text() -> str:
    # The order of ids matters to the database's speed only, so the machine's own clock will do here.
    return f"{int(time.time() * _TIME_UNITS_A_SECOND):012x}"


def _random_text(size: int) -> str:
    return b64encode(os.urandom(size), altchars=_ALPHANUMERIC).decode()
