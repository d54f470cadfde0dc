"""A caller who may not."""

from server.domain.errors.refusal import DomainError


class Unauthenticated(DomainError):
    """No credential, or one that is not valid."""

    reason = "UNAUTHENTICATED"


class PermissionDenied(DomainError):
    """A valid credential that does not allow the call."""

    reason = "PERMISSION_DENIED"
