"""The calls of the simulated PayPal: what each takes, what does it, and which faults can hit it."""

from collections.abc import Callable
from dataclasses import dataclass

from sandbox.faults import Operation
from sandbox.paypal.books import Books
from sandbox.paypal.call import Call, Reply, shown
from sandbox.paypal.calls import authorizations, captures, dispute_list, disputes, orders, patching, webhooks
from sandbox.paypal.notifications import Notifications
from sandbox.paypal.schema import requests
from sandbox.paypal.schema.shapes import UNKNOWN_FIELD, Shape

Handler = Callable[[Books, Call], Reply]
ORDERS_KEPT_SECONDS = 6 * 60 * 60
PAYMENTS_KEPT_SECONDS = 45 * 24 * 60 * 60


@dataclass(frozen=True)
class Route:
    """`kept_seconds` is how long a reply is kept under its PayPal-Request-Id; 0 is not at all.

    `repeated_status` replaces the 201 of a reply that is given again; `unknown_field` is the issue of a field that is not in `body`;
    a form is a multipart one.
    """

    method: str
    path: str
    handler: Handler
    body: Shape | None = None
    operation: Operation | None = None
    kept_seconds: int = 0
    repeated_status: int | None = None
    unknown_field: str = UNKNOWN_FIELD
    is_form: bool = False


def routes(notifications: Notifications) -> tuple[Route, ...]:
    return (*_ORDERS, *_PAYMENTS, *_DISPUTES, *_WEBHOOKS, _verification(notifications))


def _order_call(path: str, handler: Handler, body: Shape, operation: Operation) -> Route:
    return Route("POST", f"/v2/checkout/orders{path}", handler, body, operation, ORDERS_KEPT_SECONDS, 200)


def _payment_call(path: str, handler: Handler, body: Shape, operation: Operation) -> Route:
    kept = PAYMENTS_KEPT_SECONDS
    return Route(
        "POST", f"/v2/payments{path}", handler, body, operation, kept, unknown_field="INVALID_PARAMETER_SYNTAX"
    )


_ORDERS = (
    _order_call("", orders.create, requests.ORDER, "pay"),
    Route("GET", "/v2/checkout/orders/{id}", orders.retrieve, operation="fetch"),
    Route("PATCH", "/v2/checkout/orders/{id}", patching.patch, requests.PATCH),
    _order_call("/{id}/authorize", orders.authorize, requests.NOTHING, "pay"),
    _order_call("/{id}/capture", orders.capture, requests.NOTHING, "capture"),
)
_PAYMENTS = (
    Route("GET", "/v2/payments/authorizations/{id}", authorizations.retrieve, operation="fetch"),
    _payment_call("/authorizations/{id}/capture", authorizations.capture, requests.CAPTURE, "capture"),
    _payment_call("/authorizations/{id}/void", authorizations.void, requests.NOTHING, "cancel"),
    Route("GET", "/v2/payments/captures/{id}", captures.retrieve, operation="fetch"),
    _payment_call("/captures/{id}/refund", captures.refund, requests.REFUND, "refund"),
    Route("GET", "/v2/payments/refunds/{id}", captures.retrieve_refund, operation="fetch"),
)
_DISPUTES = (
    Route("GET", "/v1/customer/disputes", dispute_list.list_all, operation="fetch"),
    Route("GET", "/v1/customer/disputes/{id}", disputes.retrieve, operation="fetch"),
    Route(
        "POST",
        "/v1/customer/disputes/{id}/provide-evidence",
        disputes.provide_evidence,
        operation="evidence",
        is_form=True,
    ),
    Route("POST", "/v1/customer/disputes/{id}/accept-claim", disputes.accept_claim, requests.ACCEPTED_CLAIM),
)
_WEBHOOKS = (
    Route("POST", "/v1/notifications/webhooks", webhooks.create, requests.WEBHOOK),
    Route("GET", "/v1/notifications/webhooks", webhooks.list_all),
    Route("GET", "/v1/notifications/webhooks/{id}", webhooks.retrieve),
    Route("DELETE", "/v1/notifications/webhooks/{id}", webhooks.delete),
)


def _verification(notifications: Notifications) -> Route:
    def verify(books: Books, call: Call) -> Reply:
        own = any(webhook.id == call.text("webhook_id") for webhook in books.webhooks())
        genuine = own and notifications.genuine(call.fields)
        return shown({"verification_status": "SUCCESS" if genuine else "FAILURE"})

    return Route("POST", "/v1/notifications/verify-webhook-signature", verify, requests.SIGNED_WEBHOOK)
