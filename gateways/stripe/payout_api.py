"""Stripe's calls about payouts: each method is one call, and gives what Stripe answered or why it did not."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TYPE_CHECKING, Protocol, TypeVar

import stripe

from gateways.stripe.failures import Failure
from gateways.stripe.lists import PAGE, entries
from gateways.stripe.replies import SentMoney

if TYPE_CHECKING:
    from stripe.params import PayoutCreateParams, PayoutListParams

R = TypeVar("R")
T = TypeVar("T")


class Ask(Protocol):
    """Makes a call and reads its answer; `harmless` ones move no money, whatever becomes of them."""

    async def __call__(
        self, call: Callable[[], Awaitable[R]], read: Callable[[R], T], harmless: bool = False
    ) -> T | Failure: ...


class PayoutApi:
    """Payouts of the account to its own bank."""

    def __init__(self, client: stripe.StripeClient, ask: Ask, timeout_seconds: float) -> None:
        self._payouts = client.v1.payouts
        self._ask = ask
        self._timeout_seconds = timeout_seconds

    async def create(self, params: "PayoutCreateParams", key: str) -> SentMoney | Failure:
        return await self._ask(lambda: self._payouts.create_async(params, {"idempotency_key": key}), SentMoney.read)

    async def cancel(self, payout_id: str, key: str) -> SentMoney | Failure:
        return await self._ask(
            lambda: self._payouts.cancel_async(payout_id, {}, {"idempotency_key": key}), SentMoney.read
        )

    async def retrieve(self, payout_id: str) -> SentMoney | Failure:
        return await self._ask(lambda: self._payouts.retrieve_async(payout_id), SentMoney.read, harmless=True)

    async def find(self, reference: str, since: datetime, until: datetime) -> SentMoney | Failure | None:
        """The payout with our reference among those made in a period, None if there is none."""
        made = await self.list(since, until)
        if isinstance(made, Failure):
            return made
        return next((payout for payout in made if payout.reference == reference), None)

    async def list(self, since: datetime, until: datetime | None = None) -> list[SentMoney] | Failure:
        """Every payout made in a period, newest first. Too many of them are a failure, which nobody may take for a list."""
        params: PayoutListParams = {"created": {"gte": int(since.timestamp())}, "limit": PAGE}
        if until is not None:
            params["created"] = {"gte": int(since.timestamp()), "lte": int(until.timestamp())}

        async def collect() -> list[SentMoney]:
            async with asyncio.timeout(self._timeout_seconds):
                return [SentMoney.read(payout) async for payout in entries(self._payouts.list_async(params))]

        return await self._ask(collect, lambda found: found, harmless=True)
