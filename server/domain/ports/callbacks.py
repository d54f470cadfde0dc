"""Where what gateways say by themselves is kept as it came."""

from typing import Protocol
from uuid import UUID

from server.domain.inbox import ReceivedCallback
from server.domain.listing import CallbackQuery, Page


class Callbacks(Protocol):
    """The inbox."""

    def insert(self, callback: ReceivedCallback) -> None:
        """Stores a callback as it came."""
        ...

    def update(self, callback: ReceivedCallback) -> None:
        """Stores what was decided; what came stays as it is."""
        ...

    def get(self, merchant_id: str, callback_id: UUID) -> ReceivedCallback:
        """Raises CallbackNotFound."""
        ...

    def list(self, merchant_id: str, query: CallbackQuery) -> Page[ReceivedCallback]:
        """A page of the merchant's callbacks."""
        ...
