"""The access token of one merchant's client: fetched once at a time, kept until it ends or PayPal turns it away."""

from collections.abc import Callable
from threading import Lock
from typing import Any, Protocol


class TokenRefused(Exception):
    """PayPal gives this client no token."""


class TokenMissing(Exception):
    """No token could be had now; without one nothing is sent."""


class Auth(Protocol):
    """The SDK's handler of its token."""

    def is_valid(self) -> bool:
        """Whether there is a token, which is fetched if need be."""
        ...

    def fetch_token(self) -> Any:
        """A new token."""
        ...


class Tokens:
    """The SDK guards nothing: threads that start at once would each fetch a token, a failure would hide why, and a token that PayPal has revoked would be used for hours."""

    def __init__(self, is_refusal: Callable[[Exception], bool], wait_seconds: float) -> None:
        self._is_refusal = is_refusal
        self._wait_seconds = wait_seconds
        self._lock = Lock()
        self._token: Any = None

    def provide(self, _last: Any, auth: Auth) -> Any:
        """What the SDK calls when it has no token that lasts."""
        self._token = auth.fetch_token()
        return self._token

    def ready(self, auth: Auth) -> object:
        """The token that the next call will use. Raises TokenRefused or TokenMissing."""
        if not self._lock.acquire(timeout=self._wait_seconds):
            raise TokenMissing
        try:
            valid = auth.is_valid()
        except Exception as error:  # noqa: BLE001 - whatever stands between us and a token, nothing was sent
            raise (TokenRefused if self._is_refusal(error) else TokenMissing) from None
        finally:
            self._lock.release()
        if not valid or not self._token.access_token:
            raise TokenMissing
        return self._token

    def drop(self, token: Any) -> None:
        """Lets the SDK take a token that PayPal turned away for one that has ended; another one that was fetched meanwhile stays."""
        token.expiry = 0
