"""The callback inbox: every callback as it came, with what was decided about it and why."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Self
from uuid import UUID

from server.domain.callback import CallbackMessage
from server.domain.masking import SecretFields


class Decision(StrEnum):
    """What was decided about a callback."""

    PENDING = "pending"
    """Stored; not decided yet."""

    APPLIED = "applied"
    """Believed, and something changed by it."""

    IGNORED = "ignored"
    """Believed, and nothing changed: a repeat, an older status, a kind that tells nothing new."""

    REJECTED = "rejected"
    """Not believed; nothing changed."""

    QUARANTINED = "quarantined"
    """Signed rightly, but amount or currency do not agree, or it disputes a payment that is not known here; nothing changed, and an operator must look."""


REPEATED: Mapping[Decision, frozenset[Decision]] = {
    Decision.IGNORED: frozenset({Decision.APPLIED, Decision.IGNORED}),
    Decision.QUARANTINED: frozenset({Decision.QUARANTINED}),
}
"""What a decision only repeats where the same bytes were decided about before: they are counted there. Whoever has one genuine message can send it without end."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """A decision with its reason, and what the callback turned out to be about."""

    decision: Decision
    reason: str | None = None
    event_id: str | None = None
    reference: str | None = None
    payment_id: UUID | None = None


@dataclass(frozen=True, slots=True, repr=False)
class ReceivedCallback:
    """One callback in the inbox. `attempts` counts how often it was decided about; `stored` says whether it is in storage already.

    `repeats` counts how often the same bytes came again and told nothing new, the last time at `repeated_at`.
    """

    id: UUID
    merchant_id: str
    gateway: str | None
    message: CallbackMessage
    judgement: Judgement = Judgement(Decision.PENDING)
    attempts: int = 0
    processed_at: datetime | None = None
    stored: bool = False
    repeats: int = 0
    repeated_at: datetime | None = None

    @property
    def digest(self) -> bytes:
        """By which the same bytes are found again: SHA-256 of the body."""
        return sha256(self.message.body).digest()

    def judged(self, judgement: Judgement, at: datetime) -> Self:
        """The callback after a decision about it."""
        return replace(self, judgement=judgement, attempts=self.attempts + 1, processed_at=at)

    def shown(self, secrets: SecretFields) -> Self:
        """The callback as anybody may read it: what came, but for the secrets in it. For that alone, as no signature covers it any more."""
        # Bytes that are no text come through as they are.
        text = self.message.body.decode(errors="surrogateescape")
        body = secrets.mask(text).encode(errors="surrogateescape")
        return replace(self, message=replace(self.message, body=body))
