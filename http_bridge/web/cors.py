"""Which pages of other origins may call, as browsers ask it."""

from collections.abc import Iterable, Mapping
from typing import Final

from aiohttp import web
from aiohttp.hdrs import (
    ACCESS_CONTROL_ALLOW_HEADERS,
    ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS,
    ACCESS_CONTROL_MAX_AGE,
    ACCESS_CONTROL_REQUEST_METHOD,
    ORIGIN,
    VARY,
)

_ANY: Final = "*"
_REQUEST_HEADERS: Final = "Authorization, Content-Type, Idempotency-Key, X-Request-Id"
_RESPONSE_HEADERS: Final = "Idempotent-Replayed, Retry-After, X-Request-Id"
_PREFLIGHT_SECONDS: Final = "600"


class Cors:
    """Credentials travel in `Authorization`, which a page sets itself; cookies are never asked for."""

    def __init__(self, origins: Iterable[str]) -> None:
        self._origins = frozenset(origin.rstrip("/") for origin in origins)
        self._none: Mapping[str, str] = {VARY: ORIGIN} if self._origins - {_ANY} else {}
        self._any: Mapping[str, str] = {
            ACCESS_CONTROL_ALLOW_ORIGIN: _ANY,
            ACCESS_CONTROL_EXPOSE_HEADERS: _RESPONSE_HEADERS,
        }

    def headers(self, request: web.BaseRequest) -> Mapping[str, str]:
        """What every response carries, errors included. `Vary` also where the origin does not match, since caches must tell the two apart."""
        if not self._origins:
            return self._none
        if _ANY in self._origins:
            return self._any
        origin = request.headers.get(ORIGIN)
        if origin is None or origin not in self._origins:
            return self._none
        return {**self._any, **self._none, ACCESS_CONTROL_ALLOW_ORIGIN: origin}

    def preflight(self, request: web.BaseRequest, allowed_methods: str) -> Mapping[str, str]:
        """What a preflight adds to the headers above; nothing for an origin that does not match."""
        if ACCESS_CONTROL_REQUEST_METHOD not in request.headers or ACCESS_CONTROL_ALLOW_ORIGIN not in self.headers(
            request
        ):
            return {}
        return {
            ACCESS_CONTROL_ALLOW_METHODS: allowed_methods,
            ACCESS_CONTROL_ALLOW_HEADERS: _REQUEST_HEADERS,
            ACCESS_CONTROL_MAX_AGE: _PREFLIGHT_SECONDS,
        }
