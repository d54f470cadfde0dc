"""What every refusal is: a reason of the contract, a message for people and facts for programs."""

from collections.abc import Mapping
from typing import ClassVar


class DomainError(Exception):
    """An operation that was refused. `reason` names a value of the contract's ErrorReason without its prefix."""

    reason: ClassVar[str]

    def __init__(self, message: str, **facts: str) -> None:
        super().__init__(message)
        self.message = message
        self.facts: Mapping[str, str] = facts


class FieldError(DomainError):
    """A field of the request that cannot be accepted; `field` is its path in the request."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field = field
        self.violation = message
