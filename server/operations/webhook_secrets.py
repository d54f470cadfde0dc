"""The secrets that an endpoint's webhooks are signed with: made here, sealed when they are stored, and opened for whoever signs."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from server.domain.ids import Ids
from server.domain.ports import Transaction
from server.domain.vault import Vault
from server.domain.webhook import Sealed, WebhookEndpoint
from server.domain.webhook_signing import SECRET_BYTES, secret_text

# Each signs every webhook while it lasts; whoever rotates faster loses the oldest.
_MOST_OLD_ONES = 3


@dataclass(frozen=True, slots=True, repr=False)
class Secret:
    """One secret, and until when it signs: for good if it is the newest. It has no representation that could reach a log."""

    text: str
    until: datetime | None = None


class WebhookSecrets:
    """The one way to endpoints' secrets."""

    def __init__(self, vault: Vault, ids: Ids, random: Callable[[int], bytes]) -> None:
        """`random`: that many bytes that nobody can guess."""
        self._vault = vault
        self._ids = ids
        self._random = random

    def first(self, tx: Transaction, merchant_id: str, endpoint_id: UUID, at: datetime) -> tuple[Sealed, str]:
        """A new endpoint's secret, sealed and as its merchant sees it this once."""
        made = secret_text(self._random(SECRET_BYTES))
        return self._sealed(tx, merchant_id, endpoint_id, [Secret(made)], at), made

    def rotated(
        self, tx: Transaction, endpoint: WebhookEndpoint, overlap: timedelta, at: datetime
    ) -> tuple[Sealed, str]:
        """A new secret beside the old ones, which sign until the overlap is over and not longer."""
        made, end = secret_text(self._random(SECRET_BYTES)), at + overlap
        old = [Secret(one.text, min(one.until or end, end)) for one in self._opened(tx, endpoint)]
        kept = [one for one in old if one.until is not None and one.until > at][:_MOST_OLD_ONES]
        return self._sealed(tx, endpoint.merchant_id, endpoint.id, [Secret(made), *kept], at), made

    def valid(self, tx: Transaction, endpoint: WebhookEndpoint, at: datetime) -> list[str]:
        """What signs now, the newest first. Raises UnknownEncryptionKey, SealBroken."""
        return [one.text for one in self._opened(tx, endpoint) if one.until is None or one.until > at]

    def newest(self, tx: Transaction, endpoint: WebhookEndpoint) -> str:
        """The secret that was shown last."""
        return self._opened(tx, endpoint)[0].text

    def _sealed(
        self, tx: Transaction, merchant_id: str, endpoint_id: UUID, secrets: Sequence[Secret], at: datetime
    ) -> Sealed:
        data_key = self._vault.new_data_key(merchant_id, self._ids.new(), at)
        plain = json.dumps([[one.text, one.until and one.until.isoformat()] for one in secrets]).encode()
        tx.data_keys.insert(data_key)
        return Sealed(data_key.id, self._vault.seal(data_key, plain, _bound_to(merchant_id, endpoint_id)))

    def _opened(self, tx: Transaction, endpoint: WebhookEndpoint) -> list[Secret]:
        data_key = tx.data_keys.get(endpoint.merchant_id, endpoint.sealed.data_key_id)
        bound_to = _bound_to(endpoint.merchant_id, endpoint.id)
        plain = self._vault.unseal(data_key, endpoint.sealed.text, bound_to)
        return [Secret(text, until and datetime.fromisoformat(until)) for text, until in json.loads(plain)]


def _bound_to(merchant_id: str, endpoint_id: UUID) -> tuple[str, ...]:
    return "webhook_endpoint", merchant_id, str(endpoint_id)
