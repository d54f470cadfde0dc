"""The merchants of the simulated Stripe, found by the secret key of a request."""

import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

import orjson

from sandbox.settings import StripeMerchant
from sandbox.state.documents import Documents, Query

GATEWAY = "stripe"
_KIND = "stripe.merchant"
_MOST = 10_000


@dataclass(frozen=True, repr=False)
class Merchant:
    """`hash_key` keys the card fingerprints and request fingerprints of this merchant; the secret key itself is not
    kept, only its hash.
    """

    id: str
    key_hash: str
    hash_key: str
    webhook_secret: str | None = None
    webhook_url: str | None = None
    webhook_events: Sequence[str] = ("*",)

    def wants(self, event_type: str) -> bool:
        """Whether this merchant is told of such events."""
        if not self.webhook_url or not self.webhook_secret:
            return False
        return "*" in self.webhook_events or event_type in self.webhook_events

    def fingerprint(self, text: str, length: int = 16) -> str:
        """The same text gives the same fingerprint for one merchant and another one for the next."""
        return hmac.new(self.hash_key.encode(), text.encode(), sha256).hexdigest()[:length]


class Merchants:
    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        bodies, _ = documents.page(Query(GATEWAY, _KIND, _MOST))
        merchants = [Merchant(**orjson.loads(body)) for body in reversed(bodies)]
        self._by_id = {merchant.id: merchant for merchant in merchants}
        self._by_key_hash = {merchant.key_hash: merchant for merchant in merchants}

    def register(self, terms: StripeMerchant, now: int) -> Merchant:
        """The merchant of this secret key, with these webhook settings from now on."""
        key_hash = _hash(terms.secret_key)
        known = self._by_key_hash.get(key_hash)
        if known is None:
            known = Merchant(f"acct_{key_hash[:16]}", key_hash, secrets.token_hex(32))
        merchant = replace(
            known,
            webhook_secret=terms.webhook_secret,
            webhook_url=terms.webhook_url,
            webhook_events=terms.webhook_events,
        )
        self._documents.put(GATEWAY, _KIND, merchant.id, now, orjson.dumps(merchant).decode())
        self._by_id[merchant.id] = merchant
        self._by_key_hash[key_hash] = merchant
        return merchant

    def by_secret_key(self, secret_key: str) -> Merchant | None:
        return self._by_key_hash.get(_hash(secret_key))

    def by_id(self, id: str) -> Merchant | None:
        return self._by_id.get(id)

    def default(self) -> Merchant | None:
        """The merchant that was registered first."""
        return next(iter(self._by_id.values()), None)

    def all(self) -> list[Merchant]:
        return list(self._by_id.values())


def _hash(secret_key: str) -> str:
    return sha256(secret_key.encode()).hexdigest()
