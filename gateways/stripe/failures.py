"""What a failed call to Stripe says about the operation, read from whatever the SDK raised."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto

import aiohttp
import stripe

from server.domain.errors import InvalidAmount


class Why(Enum):
    """What became of the operation."""

    NOT_SENT = auto()
    """Nothing was executed: no connection came about, or Stripe turned the call away unread."""

    LOST = auto()
    """It may have been executed: a time-out, a cut line, a 5xx, an answer that cannot be read, or Stripe still working on the same key."""

    STUCK = auto()
    """The idempotency key will never tell more: it holds a 500, or it was first used with other parameters."""

    DENIED = auto()
    """Stripe does not accept our credentials for this; that is looked at before the idempotency key and says nothing of an earlier call."""

    INVALID = auto()
    """Stripe refused the request as such."""

    DECLINED = auto()
    """The card was refused."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A call without a result. `message` is Stripe's text where it is made for customers; all others stay out, as they can quote keys and parameters."""

    why: Why
    code: str | None = None
    decline_code: str | None = None
    param: str | None = None
    message: str | None = None
    payment_intent_id: str | None = None

    @property
    def of_state(self) -> bool:
        """Whether Stripe refused because of the state that the intent is in."""
        return self.code == "payment_intent_unexpected_state"


def failure_of(error: Exception) -> Failure:
    """The failure that an exception of the SDK, or of the transport below it, stands for."""
    match error:
        case stripe.CardError():
            return _described(Why.DECLINED, error, message=error.user_message)
        case stripe.InvalidRequestError():
            return _described(Why.INVALID, error)
        case InvalidAmount():
            return Failure(Why.INVALID, code="inexpressible_amount")
        case stripe.AuthenticationError() | stripe.PermissionError():
            return Failure(Why.DENIED)
        case stripe.RateLimitError():
            return Failure(Why.NOT_SENT)
        case aiohttp.ClientConnectorError() | aiohttp.ConnectionTimeoutError() | aiohttp.InvalidURL():
            return Failure(Why.NOT_SENT)
        case stripe.IdempotencyError():
            return Failure(Why.STUCK)
        case stripe.APIError() if is_replayed(error.headers):
            return Failure(Why.STUCK)
        case _:
            return Failure(Why.LOST)


def is_replayed(headers: Mapping[str, str] | None) -> bool:
    """Whether a reply is what Stripe kept of the first call under the key, as old as that call."""
    return headers is not None and headers.get("Idempotent-Replayed") == "true"


def _described(why: Why, error: stripe.StripeError, message: str | None = None) -> Failure:
    body = error.json_body
    details = body.get("error") if isinstance(body, dict) else None
    fields: dict[str, object] = details if isinstance(details, dict) else {}
    intent = fields.get("payment_intent")
    return Failure(
        why,
        code=_text(fields.get("code")),
        decline_code=_text(fields.get("decline_code")),
        param=_text(fields.get("param")),
        message=message,
        payment_intent_id=_text(intent.get("id")) if isinstance(intent, dict) else None,
    )


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
