"""Makes a PaymentMethod of what the caller wants to pay with; no money moves."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from gateways.stripe.client import StripeApi
from gateways.stripe.declines import CARD_FIELDS, PARAM_FIELDS, decline_message, decline_reason
from gateways.stripe.failures import Failure, Why
from gateways.stripe.outcomes import BUSY_MESSAGE, DENIED_MESSAGE, refusal_message
from gateways.stripe.replies import CardMethod
from server.domain.clock import Clock
from server.domain.gateway import Instrument, RawCard
from server.domain.outcomes import (
    Card,
    Declined,
    DeclineReason,
    NotSent,
    Refused,
    Tokenised,
    TokeniseOutcome,
    Unusable,
)

if TYPE_CHECKING:
    from stripe.params import PaymentMethodCreateParamsCard

_METHOD_PREFIX = "pm_"
_TOKEN_PREFIX = "tok_"  # noqa: S105 - what such a token begins with


class Tokeniser:
    """Turns raw cards and Stripe's tokens into PaymentMethods."""

    def __init__(self, api: StripeApi, clock: Clock, fingerprint: Callable[[str], str]) -> None:
        self._api = api
        self._clock = clock
        self._fingerprint = fingerprint

    async def tokenise(self, instrument: Instrument, key: str) -> TokeniseOutcome:
        """The number and the security code go to Stripe, and nowhere else."""
        if instrument.card is not None:
            return await self._raw(instrument.card, key)
        if instrument.token is not None:
            return await self._token(instrument.token, key)
        return Unusable("card", "a card or a token is required")

    async def _raw(self, card: RawCard, key: str) -> TokeniseOutcome:
        params: PaymentMethodCreateParamsCard = {
            "number": card.number,
            "exp_month": card.exp_month,
            "exp_year": card.exp_year,
        }
        if card.cvc is not None:
            params["cvc"] = card.cvc
        reply = await self._api.create_method({"type": "card", "card": params}, key)
        if isinstance(reply, Failure) and (reply.why in (Why.DECLINED, Why.INVALID)):
            return self._refused_card(card, reply)
        return self.outcome(reply)

    async def _token(self, token: str, key: str) -> TokeniseOutcome:
        if token.startswith(_METHOD_PREFIX):
            reply = await self._api.retrieve_method(token)
        elif token.startswith(_TOKEN_PREFIX):
            reply = await self._api.create_method({"type": "card", "card": {"token": token}}, key)
        else:
            return Unusable("token", "must be a token of stripe: pm_... or tok_...")
        if isinstance(reply, Failure) and reply.why is Why.INVALID:
            return Unusable("token", "stripe knows no such token, or it was used before")
        return self.outcome(reply)

    def _refused_card(self, card: RawCard, failure: Failure) -> TokeniseOutcome:
        field = CARD_FIELDS.get(failure.code or "") or PARAM_FIELDS.get(failure.param or "")
        if field in ("card.exp_month", "card.exp_year") and self._expired(card):
            return Declined(DeclineReason.EXPIRED_CARD, "The card has expired.")
        if field is not None:
            return Unusable(field, "is not valid")
        return self.outcome(failure)

    def _expired(self, card: RawCard) -> bool:
        """Stripe gives one code for a date that cannot be and for one that is over; only the second is a decline."""
        now = self._clock.now()
        return 1 <= card.exp_month <= 12 and (card.exp_year, card.exp_month) < (now.year, now.month)

    def outcome(self, reply: CardMethod | Failure | None) -> TokeniseOutcome:
        """What Stripe's answer about a PaymentMethod means."""
        match reply:
            case CardMethod():
                return Tokenised(reply.id, self._card(reply))
            case None:
                return Unusable("token", "is not a card")
            case Failure(why=Why.DECLINED, code=code, decline_code=decline_code, message=message):
                return Declined(decline_reason(code, decline_code), decline_message(code, message))
            case Failure(why=Why.INVALID):
                return Refused(refusal_message(reply))
            case Failure(why=Why.DENIED):
                return Refused(DENIED_MESSAGE)
            case Failure():
                # No money moved, whatever became of the call, so that the caller may simply call again.
                return NotSent(BUSY_MESSAGE)

    def _card(self, method: CardMethod) -> Card:
        return Card(
            brand=method.brand,
            last4=method.last4,
            exp_month=method.exp_month,
            exp_year=method.exp_year,
            fingerprint=self._fingerprint(method.fingerprint or method.id),
        )
