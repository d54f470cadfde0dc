"""The HTTP headers that go on to the server as gRPC metadata, checked: gRPC itself takes visible ASCII alone."""

import re
from collections.abc import Callable
from ipaddress import ip_address
from typing import Final, TypeAlias

from aiohttp import web
from aiohttp.hdrs import AUTHORIZATION, X_FORWARDED_FOR

from http_bridge.failures.failure import Failed, Failure, invalid
from sycee.v1.errors_pb2 import ERROR_REASON_UNAUTHENTICATED

Metadata: TypeAlias = list[tuple[str, str]]

REQUEST_ID_HEADER: Final = "X-Request-Id"
KEY_HEADER: Final = "Idempotency-Key"
REQUEST_ID: Final = "x-request-id"
KEY: Final = "idempotency-key"

_REQUEST_ID: Final = re.compile(r"[!-~]{1,128}")
_KEY: Final = re.compile(r"[!-~]{1,255}")
# All of a call's metadata must stay below the 8 kB that gRPC's servers take.
_CREDENTIAL: Final = re.compile(r"[ -~]{1,4096}")
# Some proxies append the port as well, behind IPv6's address in brackets (RFC 7239, section 6).
_ADDRESS: Final = re.compile(
    r"([0-9.]{7,15})(?::[0-9]{1,5})?|\[([0-9A-Fa-f:.]{2,45})\](?::[0-9]{1,5})?|([0-9A-Fa-f:.]{2,45})"
)


def request_id_of(request: web.BaseRequest, new_request_id: Callable[[], str]) -> str:
    """The caller's own, if it is 1 to 128 visible characters of ASCII."""
    given = request.headers.get(REQUEST_ID_HEADER)
    return given if given is not None and _REQUEST_ID.fullmatch(given) else new_request_id()


class MetadataReader:
    """`trusted_proxies`: how many proxies in front append the address they saw to `X-Forwarded-For`."""

    def __init__(self, trusted_proxies: int) -> None:
        self._trusted_proxies = trusted_proxies

    def read(self, request: web.BaseRequest, request_id: str, *, has_side_effects: bool) -> Metadata:
        """Raises Failed for a credential or a key that cannot be one. Keys and the caller's address go with calls that change something."""
        metadata = [(REQUEST_ID, request_id)]
        credentials = request.headers.getall(AUTHORIZATION, ())
        if credentials:
            if len(credentials) > 1 or not _CREDENTIAL.fullmatch(credentials[0]):
                raise Failed(Failure(ERROR_REASON_UNAUTHENTICATED, "The Authorization header is malformed."))
            metadata.append(("authorization", credentials[0]))
        if has_side_effects:
            keys = request.headers.getall(KEY_HEADER, ())
            if keys:
                if len(keys) > 1 or not _KEY.fullmatch(keys[0]):
                    raise invalid(KEY_HEADER, "expected 1 to 255 visible characters")
                metadata.append((KEY, keys[0]))
            address = self._address(request)
            if address is not None:
                metadata.append(("x-forwarded-for", address))
        return metadata

    def _address(self, request: web.BaseRequest) -> str | None:
        """The customer's address as the outermost trusted proxy saw it."""
        if not self._trusted_proxies:
            return request.remote
        seen = [part.strip() for line in request.headers.getall(X_FORWARDED_FOR, ()) for part in line.split(",")]
        if len(seen) < self._trusted_proxies:
            return request.remote
        return _address_in(seen[-self._trusted_proxies]) or request.remote


def _address_in(entry: str) -> str | None:
    """The address that a proxy saw, without its port; None for what is none."""
    match = _ADDRESS.fullmatch(entry)
    if match is None:
        return None
    address = match[1] or match[2] or match[3]
    try:
        ip_address(address)
    except ValueError:
        return None
    return address
