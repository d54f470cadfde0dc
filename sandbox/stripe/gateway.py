"""The simulated Stripe as a whole, put together for the sandbox."""

from collections.abc import Sequence

from aiohttp import web

from sandbox.callbacks import CallbackRequest
from sandbox.stripe.books import Archive, document_kind
from sandbox.stripe.control import REFERENCE_PATH, StripeControl
from sandbox.stripe.control_calls import StripeControlCalls
from sandbox.stripe.execution import Executor
from sandbox.stripe.http import StripeApi
from sandbox.stripe.idempotency import Idempotency
from sandbox.stripe.jobs import JOBS
from sandbox.stripe.merchants import Merchants
from sandbox.stripe.pages import StripePages
from sandbox.stripe.records.balance_transaction import BalanceTransaction
from sandbox.stripe.records.charge import Charge
from sandbox.stripe.records.dispute import Dispute
from sandbox.stripe.records.event import Event
from sandbox.stripe.records.payment_intent import PaymentIntent
from sandbox.stripe.records.payment_method import PaymentMethod
from sandbox.stripe.records.refund import Refund
from sandbox.stripe.routes import Router
from sandbox.stripe.webhooks import StripeWebhooks
from sandbox.surroundings import Surroundings

MOUNT = "/stripe"
"""`http://127.0.0.1:8090/stripe` is the SDK's base address: it appends `/v1/...`."""

_EVENTS_KEPT_SECONDS = 30 * 24 * 60 * 60
_INDEXES = (
    (PaymentIntent, REFERENCE_PATH),
    (PaymentIntent, "$.customer"),
    (Charge, "$.payment_intent"),
    (Refund, "$.charge"),
    (Refund, "$.payment_intent"),
    (Dispute, "$.charge"),
    (BalanceTransaction, "$.source"),
    (PaymentMethod, "$.customer"),
)


class StripeSandbox:
    """Implements `SimulatedGateway`."""

    def __init__(self, around: Surroundings) -> None:
        for kind, path in _INDEXES:
            around.documents.index(document_kind(kind), path)
        self._database = around.database
        self._documents = around.documents
        self._clock = around.clock
        self._archive = Archive(
            around.documents,
            around.callbacks,
            around.jobs,
            around.clock,
            around.public_url + MOUNT,
            around.later_seconds,
        )
        self.merchants = Merchants(around.documents)
        self._webhooks = StripeWebhooks(self.merchants, around.documents, around.clock)
        self.control = StripeControl(around.database, self.merchants, self._archive, around.clock)
        self._control_calls = StripeControlCalls(around.database, self.merchants, self._archive)
        self._pages = StripePages(around.database, self.merchants, self._archive)
        self._idempotency = Idempotency(around.replies)
        executor = Executor(around.database, self._archive, self._idempotency, around.clock)
        self._api = StripeApi(
            mount=MOUNT,
            merchants=self.merchants,
            router=Router(),
            idempotency=self._idempotency,
            executor=executor,
            faults=around.faults,
            hangings=around.hangings,
        )

    def routes(self) -> Sequence[web.RouteDef]:
        challenge = MOUNT + "/redirect/authenticate/{id}"
        return [
            web.route("*", MOUNT + "/v1/{path:.*}", self._api.handle),
            web.get(challenge, self._pages.show_challenge),
            web.post(challenge, self._pages.end_challenge),
            web.get(MOUNT + "/receipts/{id}", self._pages.show_receipt),
            *self._control_calls.routes(),
        ]

    def tidy(self) -> None:
        now = self._clock()
        with self._database.transaction():
            for merchant in self.merchants.all():
                self._idempotency.forget_expired(merchant, now)
                self._documents.delete_older(merchant.id, document_kind(Event), int(now) - _EVENTS_KEPT_SECONDS)

    def run_job(self, owner: str, name: str, subject: str) -> None:
        merchant = self.merchants.by_id(owner)
        if merchant is not None:
            books = self._archive.open(merchant)
            JOBS[name](books, subject)
            books.flush()

    @property
    def retry_seconds(self) -> Sequence[float]:
        return self._webhooks.retry_seconds

    def callback(self, owner: str, subject: str) -> CallbackRequest | None:
        return self._webhooks.callback(owner, subject)

    def acknowledges(self, status: int, body: bytes) -> bool:
        return self._webhooks.acknowledges(status, body)
