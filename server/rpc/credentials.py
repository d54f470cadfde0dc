"""Whose a bearer is: an API key's or a JSON Web Token's; what was found is remembered for a moment, so that a busy caller costs no look-up a call."""

import hashlib
from collections.abc import Callable
from datetime import timedelta

from server.domain.access import KeyKind
from server.domain.clock import Clock
from server.domain.errors import Unauthenticated
from server.operations.access import Grant, KeyAccess
from server.rpc.tokens import Tokens

# A revoked key is refused everywhere after this long. One read a second and key is nothing; a longer time would only delay revocations.
KEY_REMEMBERED_FOR = timedelta(seconds=1)

# Nobody can take a token back before it expires, so this only bounds how long an idle one takes room.
TOKEN_REMEMBERED_FOR = timedelta(minutes=5)

_AT_MOST = 10_000
_KEY_PREFIXES = tuple(f"{kind.value}_" for kind in KeyKind)


class Credentials:
    """Checks the `authorization` of calls."""

    def __init__(self, keys: KeyAccess, tokens: Tokens | None, clock: Clock) -> None:
        self._keys = keys
        self._tokens = tokens
        self._now: Callable[[], float] = lambda: clock.now().timestamp()
        # By the bearer's hash, so that memory keeps no credential; oldest first.
        self._remembered: dict[bytes, tuple[Grant, float]] = {}

    async def verify(self, authorization: str | None) -> Grant:
        """What the bearer allows. Raises Unauthenticated."""
        scheme, _, bearer = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not bearer:
            raise Unauthenticated("an `authorization` of the form `Bearer ...` is needed")
        name = hashlib.sha256(bearer.encode(errors="replace")).digest()
        remembered = self._remembered.get(name)
        if remembered is not None and self._now() < remembered[1]:
            return remembered[0]
        grant, until = await self._look_up(bearer)
        self._remember(name, grant, until)
        return grant

    async def _look_up(self, bearer: str) -> tuple[Grant, float]:
        # Read before the look-up: a key that is revoked meanwhile must not be remembered for longer.
        now = self._now()
        if bearer.startswith(_KEY_PREFIXES):
            return await self._keys.verify(bearer), now + KEY_REMEMBERED_FOR.total_seconds()
        if self._tokens is None:
            raise Unauthenticated("tokens are not accepted: none is configured")
        token = self._tokens.verify(bearer)
        return Grant(token.caller), min(token.expires_at, now + TOKEN_REMEMBERED_FOR.total_seconds())

    def _remember(self, name: bytes, grant: Grant, until: float) -> None:
        self._remembered.pop(name, None)
        if len(self._remembered) >= _AT_MOST:
            del self._remembered[next(iter(self._remembered))]
        self._remembered[name] = (grant, until)
