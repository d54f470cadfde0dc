"""The merchants of the simulated Stripe, found by the secret key of a request."""

import hmac
import json
import secrets
from dataclasses import asdict, dataclass, replace
from hashlib import sha256

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

    def fingerprint(self, text: str, length: int = 16) -> str:
        """The same text gives the same fingerprint for one merchant and another one for the next."""
        return hmac.new(self.hash_key.encode(), text.encode(), sha256).hexdigest()[:length]


class Merchants:
    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        bodies, _ = documents.page(Query(GATEWAY, _KIND, _MOST))
        merchants = [Merchant(**json.loads(body)) for body in bodies]
        self._by_id = {merchant.id: merchant for merchant in merchants}
        self._by_key_hash = {merchant.key_hash: merchant for merchant in merchants}

    def register(self, secret_key: str, webhook_secret: str | None, webhook_url: str | None, now: int) -> Merchant:
        """The merchant of this secret key, with these webhook settings from now on."""
        key_hash = _hash(secret_key)
        known = self._by_key_hash.get(key_hash)
        if known is None:
            known = Merchant(f"acct_{key_hash[:16]}", key_hash, secrets.token_hex(32))
        merchant = replace(known, webhook_secret=webhook_secret, webhook_url=webhook_url)
        self._documents.put(GATEWAY, _KIND, merchant.id, now, json.dumps(asdict(merchant)))
        self._by_id[merchant.id] = merchant
        self._by_key_hash[key_hash] = merchant
        return merchant

    def by_secret_key(self, secret_key: str) -> Merchant | None:
        return self._by_key_hash.get(_hash(secret_key))

    def by_id(self, id: str) -> Merchant | None:
        return self._by_id.get(id)

    def all(self) -> list[Merchant]:
        return list(self._by_id.values())


def _hash(secret_key: str) -> str:
    return sha256(secret_key.encode()).hexdigest()
