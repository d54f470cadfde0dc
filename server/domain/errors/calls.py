"""A call that is not made now: there are too many, or its idempotency key stands against it."""

from server.domain.errors.refusal import DomainError


class RateLimited(DomainError):
    """Too many calls at a time."""

    reason = "RATE_LIMITED"

    def __init__(self, message: str = "too many calls are under way; repeat later") -> None:
        super().__init__(message)


class IdempotencyKeyInUse(DomainError):
    """The first call with this key is still running."""

    reason = "IDEMPOTENCY_KEY_IN_USE"

    def __init__(self) -> None:
        super().__init__(
            "the first call with this idempotency key is still running; repeat it later under the same key"
        )


class IdempotencyKeyReused(DomainError):
    """The key was used for another request."""

    reason = "IDEMPOTENCY_KEY_REUSED"

    def __init__(self) -> None:
        super().__init__("this idempotency key was used for another request; use a new key")
