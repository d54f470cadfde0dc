"""A payment method that a customer has saved: the gateway's token, and what may be known of the card behind it."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self
from uuid import UUID

from server.domain.errors import PaymentMethodNotFound
from server.domain.outcomes import Card
from server.domain.payment import PaymentMethodKind


@dataclass(frozen=True, slots=True)
class SavedMethod:
    """What a merchant's customer can pay with again. `token` and `gateway_customer_id` are the gateway's; a deleted one stays for the payments that were made with it.

    `off_session` says that its holder has agreed, and shown who they are, to payments without them.
    """

    id: UUID
    merchant_id: str
    customer_id: UUID
    gateway: str
    kind: PaymentMethodKind
    token: str
    gateway_customer_id: str
    created_at: datetime
    card: Card | None = None
    is_default: bool = False
    off_session: bool = False
    deleted_at: datetime | None = None

    def as_default(self) -> Self:
        """The one that the customer pays with unless they say otherwise."""
        return replace(self, is_default=True)

    def as_one_of_many(self) -> Self:
        """The default no more."""
        return replace(self, is_default=False)

    def allow_off_session(self) -> Self:
        """Its holder has agreed to payments without them, and the gateway knows."""
        return replace(self, off_session=True)

    def delete(self, at: datetime) -> Self:
        """Nothing can be paid with it any more, and it is nobody's default."""
        return replace(self, is_default=False, deleted_at=at)


def usable(method: SavedMethod | None, customer_id: UUID | None) -> SavedMethod:
    """A method that the customer, any where None is named, can pay with. Raises PaymentMethodNotFound: another customer's does not exist."""
    if method is None or method.deleted_at is not None or customer_id not in (None, method.customer_id):
        raise PaymentMethodNotFound
    return method
