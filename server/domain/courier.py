"""The port to the world outside: carries one webhook to one address."""

from collections.abc import Mapping
from typing import Protocol

from server.domain.webhook import Reply


class Courier(Protocol):
    """Carries webhooks. It follows no redirect, waits no longer than it must, and goes nowhere but to the public Internet and to what the operator allows."""

    async def carry(self, url: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """Sends one request and tells what came of it, whatever that is; raises nothing but what stops the process."""
        ...
