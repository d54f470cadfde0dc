"""Signs events and hands them to the courier as webhooks."""

import hmac
from collections.abc import Callable
from hashlib import sha256

from sandbox.callbacks import CallbackRequest
from sandbox.state.documents import Documents
from sandbox.stripe.books import document_kind
from sandbox.stripe.execution import encoded
from sandbox.stripe.merchants import Merchants
from sandbox.stripe.records.event import Event

# Stripe says "for up to three days with an exponential back off"; these are its first tries. Source: docs.stripe.com/webhooks, "retry behavior".
_RETRY_SECONDS = (100, 200, 500, 1_000, 3_000, 6_000, 12_000, 30_000)


def signature(payload: bytes, secret: str, timestamp: int) -> str:
    """The `Stripe-Signature` header. Source: docs.stripe.com/webhooks, "verify manually"."""
    signed = hmac.new(secret.encode(), b"%d." % timestamp + payload, sha256).hexdigest()
    return f"t={timestamp},v1={signed}"


class StripeWebhooks:
    retry_seconds = _RETRY_SECONDS

    def __init__(self, merchants: Merchants, documents: Documents, clock: Callable[[], float]) -> None:
        self._merchants = merchants
        self._documents = documents
        self._clock = clock

    def callback(self, owner: str, subject: str) -> CallbackRequest | None:
        merchant = self._merchants.by_id(owner)
        stored = self._documents.get(owner, document_kind(Event), subject)
        if merchant is None or stored is None or not merchant.webhook_url or not merchant.webhook_secret:
            return None
        payload = encoded(Event.load(stored).resource())
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Stripe-Signature": signature(payload, merchant.webhook_secret, int(self._clock())),
            "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
        }
        return CallbackRequest(merchant.webhook_url, headers, payload)

    def acknowledges(self, status: int, body: bytes) -> bool:
        return 200 <= status < 300
