"""Names of things: UUIDs that carry the order of creation, and our reference at the gateways."""

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
