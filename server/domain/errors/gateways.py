"""What went wrong at a gateway, or with what claims to be from one."""

from server.domain.errors.refusal import DomainError


class GatewayError(DomainError):
    """The gateway refused for a reason that is not the customer's."""

    reason = "GATEWAY_ERROR"


class GatewayUnavailable(DomainError):
    """The gateway could not be reached and nothing was sent."""

    reason = "GATEWAY_UNAVAILABLE"


class GatewayTimedOut(DomainError):
    """The gateway did not tell in time what became of the call; the same call resumes it."""

    reason = "TIMEOUT"


class SignatureInvalid(DomainError):
    """A callback whose signature does not hold, or that nothing can be checked of."""

    reason = "SIGNATURE_INVALID"
