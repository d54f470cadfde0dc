"""Where what gateways say by themselves is kept as it came."""

from datetime import datetime
from typing import Protocol
from uuid import UUID

from server.domain.inbox import Decision, ReceivedCallback
from server.domain.listing import CallbackQuery, Page


class Callbacks(Protocol):
    """The inbox."""

    def insert(self, callback: ReceivedCallback) -> None:
        """Stores a callback as it came."""
        ...

    def update(self, callback: ReceivedCallback) -> None:
        """Stores what was decided; what came stays as it is."""
        ...

    def first_alike(self, callback: ReceivedCallback, decision: Decision) -> UUID | None:
        """The first callback of the same gateway, form and body about which was decided what `decision` would only repeat."""
        ...

    def count_again(self, merchant_id: str, callback_id: UUID, at: datetime) -> None:
        """Counts a callback once more that came again."""
        ...

    def get(self, merchant_id: str, callback_id: UUID) -> ReceivedCallback:
        """Raises CallbackNotFound."""
        ...

    def list(self, merchant_id: str, query: CallbackQuery) -> Page[ReceivedCallback]:
        """A page of the merchant's callbacks."""
        ...
