"""PayPal's access tokens: signed, so that none has to be kept, and over after nine hours."""

import hmac
import secrets
from base64 import b64decode, urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from hashlib import sha256
from urllib.parse import parse_qs

from aiohttp import web

from sandbox.json_types import Resource
from sandbox.paypal.errors import AuthenticationFailed, InvalidToken
from sandbox.paypal.ids import new_debug_id
from sandbox.paypal.merchants import Merchant, Merchants
from sandbox.paypal.times import timestamp

LASTS_SECONDS = 32_400
_PREFIX = "A21AA"
_SCOPE = (
    "https://uri.paypal.com/services/applications/webhooks https://uri.paypal.com/services/payments/payment/authcapture"
    " https://uri.paypal.com/services/payments/realtimepayment https://uri.paypal.com/services/payments/refund"
)


class Tokens:
    """`POST /v1/oauth2/token`, and what it has given out. Source: PayPal's "get an access token"."""

    def __init__(self, merchants: Merchants, clock: Callable[[], float]) -> None:
        self._merchants = merchants
        self._clock = clock

    async def issue(self, request: web.Request) -> web.Response:
        merchant = self._authenticated(request.headers.get("Authorization", ""))
        if merchant is None:
            return _answer(401, {"error": "invalid_client", "error_description": "Client Authentication failed"})
        form = parse_qs((await request.read()).decode(errors="replace"))
        grant = form.get("grant_type", [None])[0]
        if grant != "client_credentials":
            reason = "Grant Type is NULL" if grant is None else "unsupported grant_type"
            return _answer(400, {"error": "unsupported_grant_type", "error_description": reason})
        return _answer(200, self._granted(merchant))

    def holder(self, authorization: str) -> Merchant:
        """The merchant whose token a request carries. Raises `AuthenticationFailed` or `InvalidToken`."""
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise AuthenticationFailed
        content, _, signature = token.strip().removeprefix(_PREFIX).partition(".")
        merchant_id, expires_at = _read(content)
        merchant = self._merchants.by_id(merchant_id)
        if merchant is None or not hmac.compare_digest(_signature(merchant, content), signature):
            raise InvalidToken
        if expires_at <= self._clock():
            raise InvalidToken
        return merchant

    def _granted(self, merchant: Merchant) -> Resource:
        now = self._clock()
        plain = f"{merchant.id}:{int(now) + LASTS_SECONDS}:{secrets.token_hex(8)}"
        content = urlsafe_b64encode(plain.encode()).decode().rstrip("=")
        return {
            "scope": _SCOPE,
            "access_token": f"{_PREFIX}{content}.{_signature(merchant, content)}",
            "token_type": "Bearer",
            "app_id": f"APP-{merchant.id}",
            "expires_in": LASTS_SECONDS,
            "nonce": f"{timestamp(now)}{secrets.token_urlsafe(32)}",
        }

    def _authenticated(self, authorization: str) -> Merchant | None:
        scheme, _, credentials = authorization.partition(" ")
        if scheme.lower() != "basic":
            return None
        try:
            client_id, _, secret = b64decode(credentials, validate=True).decode().partition(":")
        except ValueError:
            return None
        return self._merchants.authenticated(client_id, secret)


def _signature(merchant: Merchant, content: str) -> str:
    return hmac.new(merchant.token_key.encode(), content.encode(), sha256).hexdigest()


def _read(content: str) -> tuple[str, int]:
    try:
        merchant_id, expires_at, _ = urlsafe_b64decode(content + "=" * (-len(content) % 4)).decode().split(":")
        return merchant_id, int(expires_at)
    except ValueError:
        raise InvalidToken from None


def _answer(status: int, body: Resource) -> web.Response:
    headers = {"Paypal-Debug-Id": new_debug_id(), "Cache-Control": "no-store"}
    return web.json_response(body, status=status, headers=headers)
