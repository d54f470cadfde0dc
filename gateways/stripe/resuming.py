"""Finds out what became of an attempt whose answer was lost, and completes it where that cannot charge twice."""

from collections.abc import Callable
from datetime import timedelta
from typing import assert_never

from gateways.stripe.client import StripeApi
from gateways.stripe.failures import Failure, Why
from gateways.stripe.keys import KEPT_FOR, first_key, later_key
from gateways.stripe.outcomes import failed_repeat_outcome, outcome_of
from gateways.stripe.replies import Intent
from gateways.stripe.request import create_params
from server.domain.attempt import Attempt, AttemptKind
from server.domain.clock import Clock
from server.domain.outcomes import Outcome, Unknown

# Nearly every lost call ran within minutes of its attempt, the others at a repeat within the life of the key. Our clock may differ from Stripe's.
_MINUTES = timedelta(minutes=5)
_PERIODS = ((-_MINUTES, _MINUTES), (_MINUTES, KEPT_FOR + _MINUTES))

_FINAL = ("succeeded", "canceled")


class Resuming:
    """Stripe's own safe ways: the same call under the same key, and the state of the intent."""

    def __init__(self, api: StripeApi, clock: Clock) -> None:
        self._api = api
        self._clock = clock

    async def resume(self, attempt: Attempt) -> Outcome:
        """Never starts a second charge; what cannot be found out yet is Unknown."""
        match attempt.kind:
            case AttemptKind.AUTHORISE:
                return await self._authorisation(attempt)
            case AttemptKind.CAPTURE:
                return await self._capture(attempt)
            case AttemptKind.VOID:
                return await self._void(attempt)
        assert_never(attempt.kind)

    async def fetch(self, attempt: Attempt) -> Outcome:
        """Reads where the intent stands."""
        return _read_outcome(await self._read(attempt))

    async def after_change(
        self, attempt: Attempt, reply: Intent | Failure, failed: Callable[[Failure], Outcome]
    ) -> Outcome:
        """The outcome of a capture or a cancel. Where Stripe refused it for the intent's state, that state is the outcome if it is final."""
        if isinstance(reply, Intent):
            return outcome_of(reply)
        if not reply.of_state:
            return failed(reply)
        intent = await self._read(attempt)
        if isinstance(intent, Failure) or intent.status in _FINAL:
            return _read_outcome(intent)
        return failed(reply)

    async def _authorisation(self, attempt: Attempt) -> Outcome:
        if attempt.gateway_payment_id is not None:
            return await self._completed(attempt, attempt.gateway_payment_id)
        if self._clock.now() - attempt.created_at >= KEPT_FOR:
            return await self._found(attempt, otherwise=_not_listed())
        reply = await self._api.create_intent(create_params(attempt), first_key(attempt))
        match reply:
            case Intent(id=intent_id, replayed=True) if reply.status not in _FINAL:
                # A kept reply is as old as the first call: the customer may have gone on since.
                return await self._completed(attempt, intent_id)
            case Intent():
                return outcome_of(reply)
            case Failure(why=Why.STUCK):
                return await self._found(attempt, otherwise=_not_listed())
            case Failure(why=Why.INVALID):
                # Stripe looks at parameters before it looks at the key. An earlier call with the same ones failed the same way, unless Stripe or the account
                # changed in between: so that is checked before the refusal is believed.
                return await self._found(attempt, otherwise=failed_repeat_outcome(reply))
            case Failure():
                return failed_repeat_outcome(reply)
        assert_never(reply)

    async def _found(self, attempt: Attempt, otherwise: Outcome) -> Outcome:
        intent_id = await self._find(attempt)
        if isinstance(intent_id, Failure):
            return failed_repeat_outcome(Failure(Why.LOST))
        return otherwise if intent_id is None else await self._completed(attempt, intent_id)

    async def _completed(self, attempt: Attempt, intent_id: str) -> Outcome:
        """The state of the intent, confirmed first where it waits for that after the customer's challenge. Stripe confirms an intent once."""
        intent = await self._api.retrieve_intent(intent_id)
        if isinstance(intent, Failure) or intent.status != "requires_confirmation":
            return _read_outcome(intent)
        confirmed = await self._api.confirm_intent(intent_id, later_key(attempt, self._clock.now()))
        match confirmed:
            case Intent():
                return outcome_of(confirmed)
            case Failure(why=Why.DECLINED):
                return failed_repeat_outcome(confirmed)
            case Failure():
                return Unknown("Stripe has not confirmed the payment yet.")
        assert_never(confirmed)

    async def _capture(self, attempt: Attempt) -> Outcome:
        intent = await self._read(attempt)
        if isinstance(intent, Failure) or intent.status != "requires_capture":
            return _read_outcome(intent)
        # An intent is captured once. Should the lost call still run, one of both finds the intent captured, with the same amount.
        key = later_key(attempt, self._clock.now())
        reply = await self._api.capture_intent(intent.id, attempt.money, key)
        return await self.after_change(attempt, reply, failed_repeat_outcome)

    async def _void(self, attempt: Attempt) -> Outcome:
        intent = await self._read(attempt)
        if isinstance(intent, Failure) or intent.status in _FINAL:
            return _read_outcome(intent)
        reply = await self._api.cancel_intent(intent.id, later_key(attempt, self._clock.now()))
        return await self.after_change(attempt, reply, failed_repeat_outcome)

    async def _read(self, attempt: Attempt) -> Intent | Failure:
        intent_id = attempt.gateway_payment_id or await self._find(attempt)
        if isinstance(intent_id, Failure):
            return intent_id
        return Failure(Why.LOST) if intent_id is None else await self._api.retrieve_intent(intent_id)

    async def _find(self, attempt: Attempt) -> str | Failure | None:
        """Stripe's search lags behind and its answer would be no proof; the list does not."""
        made, now = attempt.created_at, self._clock.now()
        for since, until in _PERIODS:
            if made + since > now:
                break
            found = await self._api.find_intent(attempt.reference, made + since, made + until)
            if found is not None:
                return found
        return None


def _read_outcome(intent: Intent | Failure) -> Outcome:
    """A failed look tells nothing of the payment, not even `no such payment`: then our credentials are another account's."""
    if isinstance(intent, Failure):
        return Unknown("Stripe has not told yet where the payment stands.")
    return outcome_of(intent)


def _not_listed() -> Unknown:
    return Unknown("Stripe lists no payment with our reference, which is no proof that there will be none.")
