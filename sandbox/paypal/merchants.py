"""The merchants of the simulated PayPal: their applications' credentials, and where they are told what happens."""

import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

import orjson

from sandbox.paypal.ids import account_id, new_id
from sandbox.paypal.records.webhook import Webhook
from sandbox.settings import PaypalMerchant
from sandbox.state.documents import Documents, Query

GATEWAY = "paypal"
_KIND = "paypal.merchant"
_MOST = 10_000


@dataclass(frozen=True, repr=False)
class Merchant:
    """A business account and its one application; `token_key` signs its access tokens. The secret itself is not kept, only its hash."""

    id: str
    client_id: str
    secret_hash: str
    token_key: str
    webhook_id: str
    webhook_url: str | None = None
    ipn_url: str | None = None

    @property
    def email(self) -> str:
        return f"{self.id.lower()}@business.example.com"


class Merchants:
    """A merchant without addresses of its own is sent its notifications where the first one is."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        bodies, _ = documents.page(Query(GATEWAY, _KIND, _MOST))
        merchants = [Merchant(**orjson.loads(body)) for body in reversed(bodies)]
        self._by_id = {merchant.id: merchant for merchant in merchants}

    def register(self, terms: PaypalMerchant, now: int) -> Merchant:
        """The merchant of this client id, with this secret and these addresses from now on."""
        id = account_id(terms.client_id)
        known = self._by_id.get(id)
        secret_hash = _hash(terms.secret)
        if known is None or not hmac.compare_digest(known.secret_hash, secret_hash):
            webhook_id = known.webhook_id if known else new_id()
            known = Merchant(id, terms.client_id, secret_hash, secrets.token_hex(32), webhook_id)
        merchant = replace(
            known,
            webhook_id=terms.webhook_id or known.webhook_id,
            webhook_url=terms.webhook_url,
            ipn_url=terms.ipn_url,
        )
        self._documents.put(GATEWAY, _KIND, f"{_KIND}.{id}", now, orjson.dumps(merchant).decode())
        self._by_id[id] = merchant
        return merchant

    def authenticated(self, client_id: str, secret: str) -> Merchant | None:
        merchant = self._by_id.get(account_id(client_id))
        if merchant is None or merchant.client_id != client_id:
            return None
        return merchant if hmac.compare_digest(merchant.secret_hash, _hash(secret)) else None

    def by_id(self, id: str) -> Merchant | None:
        return self._by_id.get(id)

    def first(self) -> Merchant | None:
        """The merchant that was registered first."""
        return next(iter(self._by_id.values()), None)

    def all(self) -> Sequence[Merchant]:
        return tuple(self._by_id.values())

    def webhooks(self, merchant: Merchant, created: Sequence[Webhook]) -> Sequence[Webhook]:
        """The account's own webhook, if it or the first merchant has an address, and those `created` by calls.

        The first merchant's address is lent only to who has none: whoever has created a webhook is told there alone.
        """
        url = merchant.webhook_url
        if url is None and not created:
            url = self._first_of("webhook_url")
        account = [Webhook(merchant.webhook_id, 0, url)] if url is not None else []
        return [*account, *created]

    def ipn_url(self, merchant: Merchant) -> str | None:
        return merchant.ipn_url or self._first_of("ipn_url")

    def _first_of(self, address: str) -> str | None:
        first = self.first()
        found: str | None = getattr(first, address, None)
        return found


def _hash(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()
