"""Stripe's SDK with one merchant's key: each method is one call, and gives what Stripe answered or why it did not."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from io import BytesIO
from typing import TYPE_CHECKING, TypeVar

import stripe
import stripe._util as sdk_log

from gateways.repeats import repeated
from gateways.stripe.amounts import to_stripe
from gateways.stripe.dispute_api import DisputeApi
from gateways.stripe.failures import Failure, Why, failure_of
from gateways.stripe.lists import PAGE, entries
from gateways.stripe.own_movement_api import OwnMovementApi
from gateways.stripe.payout_api import PayoutApi
from gateways.stripe.replies import CardMethod, Intent, ReturnedMoney, customer_id, read_file_id
from gateways.stripe.request import EXPAND
from gateways.stripe.transport import Transport
from server.domain.money import Money

if TYPE_CHECKING:
    from stripe.params import (
        CustomerCreateParams,
        PaymentIntentCaptureParams,
        PaymentIntentCreateParams,
        PaymentIntentListParams,
        PaymentMethodCreateParams,
        RefundCreateParams,
        RefundListParams,
    )

R = TypeVar("R")
T = TypeVar("T")


class StripeApi:
    """Every call ends within `timeout_seconds`; one that is repeated is so under its key, after each of `pauses_seconds`."""

    def __init__(
        self, secret_key: str, base_url: str | None, timeout_seconds: float, pauses_seconds: Sequence[float]
    ) -> None:
        _keep_quiet()
        self._timeout_seconds = timeout_seconds
        self._pauses_seconds = pauses_seconds
        self._transport = Transport(timeout_seconds)
        address = (base_url or stripe.DEFAULT_API_BASE).rstrip("/")
        uploads = address if base_url else stripe.DEFAULT_UPLOAD_API_BASE
        client = stripe.StripeClient(
            secret_key,
            base_addresses={"api": address, "files": uploads},
            http_client=self._transport,
            # Repeats are ours: the SDK would repeat lost calls as well, for longer than callers wait.
            max_network_retries=0,
        )
        self._intents = client.v1.payment_intents
        self._methods = client.v1.payment_methods
        self._customers = client.v1.customers
        self._refunds = client.v1.refunds
        self.payouts = PayoutApi(client, self._ask, timeout_seconds)
        self.disputes = DisputeApi(client, self._ask, timeout_seconds)
        self.own_movements = OwnMovementApi(client, self._ask, timeout_seconds)
        self._files = client.v1.files

    async def aclose(self) -> None:
        await self._transport.close_async()

    async def create_method(self, params: "PaymentMethodCreateParams", key: str) -> CardMethod | Failure | None:
        """A new PaymentMethod; None if it is no card."""
        return await self._ask(
            lambda: self._methods.create_async(params, {"idempotency_key": key}), CardMethod.read, harmless=True
        )

    async def retrieve_method(self, method_id: str) -> CardMethod | Failure | None:
        """A PaymentMethod of Stripe's; None if it is no card."""
        return await self._ask(lambda: self._methods.retrieve_async(method_id), CardMethod.read, harmless=True)

    async def attach_method(self, method_id: str, customer: str, key: str) -> CardMethod | Failure | None:
        """The PaymentMethod, which from now on its customer can be charged with again and again."""
        return await self._ask(
            lambda: self._methods.attach_async(method_id, {"customer": customer}, {"idempotency_key": key}),
            CardMethod.read,
            harmless=True,
        )

    async def detach_method(self, method_id: str) -> CardMethod | Failure | None:
        """The PaymentMethod, which nobody can be charged with any more."""
        return await self._ask(lambda: self._methods.detach_async(method_id), CardMethod.read, harmless=True)

    async def create_customer(self, params: "CustomerCreateParams", key: str) -> str | Failure:
        """A new Customer's id."""
        return await self._ask(
            lambda: self._customers.create_async(params, {"idempotency_key": key}), customer_id, harmless=True
        )

    async def create_intent(self, params: "PaymentIntentCreateParams", key: str) -> Intent | Failure:
        return await self._ask(lambda: self._intents.create_async(params, {"idempotency_key": key}), Intent.read)

    async def confirm_intent(self, intent_id: str, key: str) -> Intent | Failure:
        return await self._ask(
            lambda: self._intents.confirm_async(intent_id, {"expand": list(EXPAND)}, {"idempotency_key": key}),
            Intent.read,
        )

    async def capture_intent(self, intent_id: str, money: Money, key: str) -> Intent | Failure:
        """Takes that much and releases the rest."""

        async def capture() -> stripe.PaymentIntent:
            params: PaymentIntentCaptureParams = {"amount_to_capture": to_stripe(money), "expand": list(EXPAND)}
            return await self._intents.capture_async(intent_id, params, {"idempotency_key": key})

        return await self._ask(capture, Intent.read)

    async def cancel_intent(self, intent_id: str, key: str) -> Intent | Failure:
        return await self._ask(
            lambda: self._intents.cancel_async(intent_id, {"expand": list(EXPAND)}, {"idempotency_key": key}),
            Intent.read,
        )

    async def retrieve_intent(self, intent_id: str) -> Intent | Failure:
        return await self._ask(
            lambda: self._intents.retrieve_async(intent_id, {"expand": list(EXPAND)}), Intent.read, harmless=True
        )

    async def find_intent(self, reference: str, since: datetime, until: datetime) -> str | Failure | None:
        """The id of the intent with our reference among those made in a period, None if there is none. A period with too many of them is a failure."""

        async def search() -> str | None:
            params: PaymentIntentListParams = {
                "created": {"gte": int(since.timestamp()), "lte": int(until.timestamp())},
                "limit": PAGE,
            }
            async with asyncio.timeout(self._timeout_seconds):
                async for intent in entries(self._intents.list_async(params)):
                    if (found := Intent.read(intent)).reference == reference:
                        return found.id
            return None

        return await self._ask(search, lambda found: found, harmless=True)

    async def create_refund(self, params: "RefundCreateParams", key: str) -> ReturnedMoney | Failure:
        return await self._ask(lambda: self._refunds.create_async(params, {"idempotency_key": key}), ReturnedMoney.read)

    async def retrieve_refund(self, refund_id: str) -> ReturnedMoney | Failure:
        return await self._ask(lambda: self._refunds.retrieve_async(refund_id), ReturnedMoney.read, harmless=True)

    async def find_refund(self, intent_id: str, reference: str) -> ReturnedMoney | Failure | None:
        """The intent's refund with our reference, None if there is none. An intent with too many refunds is a failure."""

        async def search() -> ReturnedMoney | None:
            params: RefundListParams = {"payment_intent": intent_id, "limit": PAGE}
            async with asyncio.timeout(self._timeout_seconds):
                async for refund in entries(self._refunds.list_async(params)):
                    if (found := ReturnedMoney.read(refund)).reference == reference:
                        return found
            return None

        return await self._ask(search, lambda found: found, harmless=True)

    async def upload_file(self, file: BytesIO) -> str | Failure:
        """The id of a document that can be named as evidence from now on; one that is never named counts for nothing."""

        async def upload() -> stripe.File:
            file.seek(0)
            return await self._files.create_async({"file": file, "purpose": "dispute_evidence"})

        return await self._ask(upload, read_file_id, harmless=True)

    async def _ask(
        self, call: Callable[[], Awaitable[R]], read: Callable[[R], T], harmless: bool = False
    ) -> T | Failure:
        """Makes a call and reads its answer; `harmless` ones move no money, whatever becomes of them."""

        async def once() -> tuple[T | Failure, bool]:
            try:
                return read(await call()), False
            except Exception as error:  # noqa: BLE001 - the SDK stumbles over unreadable answers in many ways: each is a lost answer
                failure = failure_of(error)
                return failure, _may_repeat(error, failure, harmless)

        return await repeated(once, self._pauses_seconds)


def _may_repeat(error: Exception, failure: Failure, harmless: bool) -> bool:
    """Stripe turns a call that comes too fast away unread. A harmless one may be repeated after any quick accident; the caller has no time for a second time-out."""
    if isinstance(error, stripe.RateLimitError):
        return True
    return harmless and failure.why in (Why.NOT_SENT, Why.LOST) and not isinstance(error, TimeoutError)


def _keep_quiet() -> None:
    """Lets nothing of the SDK's logs out: they hold whole request bodies, card numbers included, and Stripe's messages, which quote keys.

    An environment variable alone would make the SDK print them. Telemetry would write a file in the home directory.
    """
    stripe.enable_telemetry = False
    stripe.log = None
    sdk_log.STRIPE_LOG = None
    logging.getLogger("stripe").addFilter(_drop)


def _drop(_: logging.LogRecord) -> bool:
    return False
