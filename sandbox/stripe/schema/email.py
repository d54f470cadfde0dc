"""Stripe's check of e-mail addresses."""

import re

from sandbox.stripe.errors import InvalidParameter
from sandbox.stripe.schema.params import Params

_ADDRESS = re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+")


def checked_email(params: Params, name: str) -> str | None:
    """The address, or None when it is absent or unset."""
    address = params.text(name)
    if address is not None and not _ADDRESS.fullmatch(address):
        raise InvalidParameter(f"Invalid email address: {address}", "email_invalid", params.name(name))
    return address
