"""`sycee token`: a JSON Web Token for development and tests, signed with the shared secret."""

from datetime import timedelta

import jwt

from server.domain.access import Role
from server.domain.clock import Clock
from server.settings import JwtSettings


class CannotIssue(Exception):
    """There is no shared secret to sign with."""


def issue_token(settings: JwtSettings | None, role: Role, subject: str, valid_for: timedelta, clock: Clock) -> str:
    """A token for a user id, as the settings want it. Raises CannotIssue where they hold no secret."""
    if settings is None:
        raise CannotIssue(
            "SYCEE_JWT_SECRET is required for this, the same as the service has: make one with `openssl rand -base64 32`"
        )
    if settings.secret is None:
        raise CannotIssue("tokens are checked with a public key here; issue them where the private key is")
    now = clock.now()
    claims = {"sub": subject, "role": role.value, "iat": now, "exp": now + valid_for}
    named = {"iss": settings.issuer, "aud": settings.audience}
    claims |= {name: value for name, value in named.items() if value is not None}
    return jwt.encode(claims, settings.secret, algorithm=settings.algorithm)
