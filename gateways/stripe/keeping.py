"""Keeps PaymentMethods for customers: attached to a Customer of Stripe's, they can be charged again. Source: docs.stripe.com/payments/save-and-reuse."""

from gateways.stripe.cards import Tokeniser
from gateways.stripe.client import StripeApi
from gateways.stripe.failures import Failure, Why
from gateways.stripe.replies import CardMethod
from server.domain.gateway import Instrument, Owner
from server.domain.outcomes import KeepOutcome, Kept, Tokenised, Unusable

# The one key of ours in the metadata of a Customer.
_CUSTOMER_KEY = "sycee_customer"
_ALREADY_ATTACHED = "payment_method_already_attached"


class Keeping:
    """The way of a card that its customer wants to pay with again."""

    def __init__(self, api: StripeApi, tokeniser: Tokeniser) -> None:
        self._api = api
        self._tokeniser = tokeniser

    async def keep(self, instrument: Instrument, owner: Owner, key: str) -> KeepOutcome:
        """Makes a PaymentMethod, makes its owner a Customer where they are none yet, and attaches the one to the other."""
        tokenised = await self._tokeniser.tokenise(instrument, f"{key}:tokenise")
        if not isinstance(tokenised, Tokenised):
            return tokenised
        assert tokenised.token is not None, "Stripe numbers every PaymentMethod"
        customer = owner.gateway_customer_id or await self._new_customer(owner)
        attached = await self._attach(tokenised.token, customer, key)
        if isinstance(attached, Failure) and _is_gone(attached):
            # Somebody has deleted the Customer at Stripe, or the merchant's account is another one by now.
            customer = await self._new_customer(owner)
            attached = await self._attach(tokenised.token, customer, key)
        if isinstance(attached, Failure) and attached.code == _ALREADY_ATTACHED:
            attached = await self._api.retrieve_method(tokenised.token)
        if instrument.token is not None and isinstance(attached, Failure) and attached.why is Why.INVALID:
            return Unusable("token", "stripe does not keep it: it was used up, or let go of")
        return self._outcome(attached, customer)

    async def let_go(self, token: str) -> bool:
        """Detaches; what Stripe does not know, or has detached, is let go of."""
        reply = await self._api.detach_method(token)
        return not isinstance(reply, Failure) or reply.why is Why.INVALID

    async def _new_customer(self, owner: Owner) -> str | Failure:
        """Two calls at a time get one Customer; after one that has vanished there is another."""
        former = owner.gateway_customer_id or "none"
        key = f"{owner.merchant_id}:{owner.customer_id}:customer:{former}"
        return await self._api.create_customer({"metadata": {_CUSTOMER_KEY: str(owner.customer_id)}}, key)

    async def _attach(self, token: str, customer: str | Failure, key: str) -> CardMethod | Failure | None:
        if isinstance(customer, Failure):
            return customer
        return await self._api.attach_method(token, customer, f"{key}:attach:{token}:{customer}")

    def _outcome(self, reply: CardMethod | Failure | None, customer: str | Failure) -> KeepOutcome:
        if isinstance(reply, CardMethod) and reply.customer != customer:
            return Unusable("token", "belongs to another customer at stripe")
        outcome = self._tokeniser.outcome(reply)
        if not isinstance(outcome, Tokenised):
            return outcome
        assert isinstance(reply, CardMethod), "only a card is tokenised"
        assert isinstance(customer, str), "attached to somebody"
        return Kept(reply.id, customer, outcome.card)


def _is_gone(failure: Failure) -> bool:
    return failure.code == "resource_missing" and failure.param == "customer"
