"""Identifiers in PayPal's forms."""

import secrets
from hashlib import sha256

_LETTERS_AND_DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
_ACCOUNT_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_ID_LENGTH = 17
_ACCOUNT_LENGTH = 13


def new_id() -> str:
    """A fresh id of 17 capital letters and digits, as orders, authorizations, captures and refunds have."""
    return "".join(secrets.choice(_LETTERS_AND_DIGITS) for _ in range(_ID_LENGTH))


def new_event_id() -> str:
    return f"WH-{new_id()}-{new_id()}"


def new_debug_id() -> str:
    return secrets.token_hex(7)[:13]


def account_id(of: str) -> str:
    """The account number that belongs to a name, always the same one. Source: `account_id` in PayPal's description of orders."""
    digest = sha256(of.encode()).digest()
    return "".join(_ACCOUNT_LETTERS[byte % len(_ACCOUNT_LETTERS)] for byte in digest[:_ACCOUNT_LENGTH])
