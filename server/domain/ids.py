"""Names of things: UUIDs that carry the order of creation, and our reference at the gateways."""

import hashlib
from datetime import datetime
from typing import Protocol
from uuid import UUID

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


class Ids(Protocol):
    """Makes ids."""

    def new(self) -> UUID:
        """A UUIDv7, later than every one made before it in this process."""
        ...


def reference_of(payment_id: UUID, try_number: int = 1) -> str:
    """Our number for a payment at its gateway: 26 base32 characters of its id; a later attempt at the same gateway adds `_2`, `_3`."""
    number, characters = payment_id.int, []
    for _ in range(26):
        number, digit = divmod(number, 32)
        characters.append(_CROCKFORD[digit])
    suffix = "" if try_number == 1 else f"_{try_number}"
    return "".join(reversed(characters)) + suffix


def id_from(created_at: datetime, *names: str) -> UUID:
    """The UUIDv7 of something that others named and made at that time: whoever sees it first gives it this id, and it has its place among ours."""
    digest = int.from_bytes(hashlib.sha256("\0".join(names).encode()).digest()[:10])
    milliseconds = int(created_at.timestamp() * 1000)
    return UUID(
        int=milliseconds << 80 | 7 << 76 | (digest >> 64 & 0xFFF) << 64 | 2 << 62 | digest & 0x3FFF_FFFF_FFFF_FFFF
    )


def prefixed(prefix: str, id: UUID) -> str:
    """The id of what is not known by a bare UUID, such as `evt_...`: the prefix says what it names."""
    return f"{prefix}_{id.hex}"


def unprefixed(text: str, prefix: str) -> UUID | None:
    """The UUID of such an id; None for what is not one of that prefix, in exactly the form in which we write it."""
    try:
        id = UUID(hex=text.removeprefix(f"{prefix}_"))
    except ValueError:
        return None
    return id if text == prefixed(prefix, id) else None
