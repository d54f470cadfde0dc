"""The simulated PayPal as a whole, put together for the sandbox."""

from collections.abc import Sequence
from pathlib import Path

from aiohttp import web

from sandbox.callbacks import CallbackRequest
from sandbox.faulty_line import FaultyLine
from sandbox.paypal.books import Archive, document_kind
from sandbox.paypal.calls.invoices import INVOICE
from sandbox.paypal.calls.order_views import CAPTURE_PARENT, REFUND_PARENT
from sandbox.paypal.certificates import Certificates
from sandbox.paypal.control import REFERENCE_PATH, PaypalControl
from sandbox.paypal.http import PaypalApi, failed, turned_away
from sandbox.paypal.idempotency import Idempotency
from sandbox.paypal.jobs import JOBS
from sandbox.paypal.merchants import GATEWAY, Merchant, Merchants
from sandbox.paypal.notifications import CERTIFICATES_PATH, Notifications
from sandbox.paypal.pages import DIGEST_PATH, PaypalPages
from sandbox.paypal.records.authorization import Authorization
from sandbox.paypal.records.capture import Capture
from sandbox.paypal.records.event import Event
from sandbox.paypal.records.ipn import Ipn
from sandbox.paypal.records.order import Order
from sandbox.paypal.records.refund import Refund
from sandbox.paypal.routes import ORDERS_KEPT_SECONDS, PAYMENTS_KEPT_SECONDS, routes
from sandbox.paypal.tokens import Tokens
from sandbox.settings import PaypalMerchant
from sandbox.surroundings import Surroundings

MOUNT = "/paypal"
"""`http://127.0.0.1:8090/paypal` is the SDK's base address: it appends `/v1/...` and `/v2/...`."""

_NOTIFICATIONS_KEPT_SECONDS = 30 * 24 * 60 * 60
_INDEXES = (
    (Order, REFERENCE_PATH),
    (Authorization, INVOICE),
    (Capture, INVOICE),
    (Capture, CAPTURE_PARENT),
    (Refund, INVOICE),
    (Refund, REFUND_PARENT),
    (Ipn, DIGEST_PATH),
)


class PaypalSandbox:
    """Implements `SimulatedGateway`."""

    def __init__(self, around: Surroundings, data_dir: Path) -> None:
        for kind, path in _INDEXES:
            around.documents.index(document_kind(kind), path)
        self._database = around.database
        self._documents = around.documents
        self._clock = around.clock
        self._data_dir = data_dir
        self._merchants = Merchants(around.documents)
        self._archive = Archive(
            around.documents,
            self._merchants,
            around.callbacks,
            around.jobs,
            around.clock,
            around.public_url + MOUNT,
            around.later_seconds,
        )
        self._certificates = Certificates(around.documents, around.clock)
        self._notifications = Notifications(self._archive, self._certificates, around.clock)
        self.control = PaypalControl(around.database, self._merchants, self._archive, self.open_for)
        self._pages = PaypalPages(around.database, self._archive, self._certificates)
        self._tokens = Tokens(self._merchants, around.clock)
        self._idempotency = Idempotency(around.replies)
        self._api = PaypalApi(
            routes=routes(self._notifications),
            tokens=self._tokens,
            line=FaultyLine(GATEWAY, around.faults, around.hangings, failed, turned_away),
            database=around.database,
            archive=self._archive,
            idempotency=self._idempotency,
            clock=around.clock,
        )

    def open_for(self, terms: PaypalMerchant) -> Merchant:
        """Knows this merchant from now on, and tells those who run beside it whose certificates to trust."""
        merchant = self._merchants.register(terms, int(self._clock()))
        self._certificates.write_root(self._data_dir)
        return merchant

    def routes(self) -> Sequence[web.RouteDef]:
        return [
            web.post(MOUNT + "/v1/oauth2/token", self._tokens.issue),
            web.get(MOUNT + CERTIFICATES_PATH + "{name}", self._pages.show_certificate),
            web.get(MOUNT + "/checkoutnow", self._pages.show_order),
            web.post(MOUNT + "/checkoutnow", self._pages.decide),
            web.post(MOUNT + "/cgi-bin/webscr", self._pages.validate_ipn),
            *self._api.routes(MOUNT),
        ]

    def tidy(self) -> None:
        now = self._clock()
        with self._database.transaction():
            for merchant in self._merchants.all():
                for kept_seconds in (ORDERS_KEPT_SECONDS, PAYMENTS_KEPT_SECONDS):
                    self._idempotency.forget(merchant, kept_seconds, now)
                for kind in (Event, Ipn):
                    oldest = int(now) - _NOTIFICATIONS_KEPT_SECONDS
                    self._documents.delete_older(merchant.id, document_kind(kind), oldest)

    def run_job(self, owner: str, name: str, subject: str) -> None:
        merchant = self._merchants.by_id(owner)
        if merchant is not None:
            books = self._archive.open(merchant)
            JOBS[name](books, subject)
            books.flush()

    @property
    def retry_seconds(self) -> Sequence[float]:
        return self._notifications.retry_seconds

    def callback(self, owner: str, subject: str) -> CallbackRequest | None:
        return self._notifications.callback(owner, subject)

    def acknowledges(self, status: int, body: bytes) -> bool:
        return self._notifications.acknowledges(status, body)
