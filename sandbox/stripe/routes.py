"""The table of the Stripe calls that the sandbox answers."""

from collections.abc import Callable
from dataclasses import dataclass, field

import stripe.params as accepted

from sandbox.faults import Operation
from sandbox.json_types import Resource
from sandbox.stripe.books import Books
from sandbox.stripe.calls import (
    balance,
    charges,
    customers,
    disputes,
    events,
    files,
    intent_fields,
    payment_intents,
    payment_methods,
    payouts,
    refunds,
    tokens,
)
from sandbox.stripe.errors import InvalidRequest
from sandbox.stripe.schema.params import Params
from sandbox.stripe.schema.shape import Group, Shape
from sandbox.stripe.upload import FILE, FILENAME

Handler = Callable[[Books, Params, str], Resource]
"""Does the call: the merchant's books, the checked parameters, the id in the path (empty if there is none)."""

_RAW_CARD = {"card": Shape(group=Group(accepted.PaymentMethodCreateParamsCard)), "type": Shape(text=True)}
"""Stripe takes cards in `payment_method_data`, though the SDK's types leave them out."""


@dataclass(frozen=True)
class Route:
    """`operation` is what a fault can hit; `unsimulated` are parameters that would need more than the sandbox has;
    an upload is a multipart form.
    """

    method: str
    path: str
    params: Group
    handler: Handler
    operation: Operation | None = None
    unsimulated: frozenset[str] = field(default=frozenset())
    is_upload: bool = False


def _with_raw_card(typed_dict: type, data_typed_dict: type) -> Group:
    data = Group(data_typed_dict, _RAW_CARD)
    return Group(typed_dict, {"payment_method_data": Shape(group=data)})


_CUSTOMER_ACCOUNT = frozenset({"customer_account"})
_INTENT_UNSIMULATED = intent_fields.UNSIMULATED

ROUTES: tuple[Route, ...] = (
    Route(
        "POST",
        "/v1/payment_intents",
        _with_raw_card(accepted.PaymentIntentCreateParams, accepted.PaymentIntentCreateParamsPaymentMethodData),
        payment_intents.create,
        "pay",
        _INTENT_UNSIMULATED,
    ),
    Route(
        "GET",
        "/v1/payment_intents",
        Group(accepted.PaymentIntentListParams),
        payment_intents.list_all,
        "fetch",
        _CUSTOMER_ACCOUNT,
    ),
    Route(
        "GET",
        "/v1/payment_intents/{id}",
        Group(accepted.PaymentIntentRetrieveParams),
        payment_intents.retrieve,
        "fetch",
    ),
    Route(
        "POST",
        "/v1/payment_intents/{id}",
        _with_raw_card(accepted.PaymentIntentUpdateParams, accepted.PaymentIntentUpdateParamsPaymentMethodData),
        payment_intents.update,
        None,
        _INTENT_UNSIMULATED,
    ),
    Route(
        "POST",
        "/v1/payment_intents/{id}/confirm",
        _with_raw_card(accepted.PaymentIntentConfirmParams, accepted.PaymentIntentConfirmParamsPaymentMethodData),
        payment_intents.confirm_intent,
        "pay",
        _INTENT_UNSIMULATED,
    ),
    Route(
        "POST",
        "/v1/payment_intents/{id}/capture",
        Group(accepted.PaymentIntentCaptureParams),
        payment_intents.capture,
        "capture",
        _INTENT_UNSIMULATED,
    ),
    Route(
        "POST",
        "/v1/payment_intents/{id}/cancel",
        Group(accepted.PaymentIntentCancelParams),
        payment_intents.cancel,
        "cancel",
    ),
    Route("POST", "/v1/refunds", Group(accepted.RefundCreateParams), refunds.create, "refund", refunds.UNSIMULATED),
    Route("GET", "/v1/refunds", Group(accepted.RefundListParams), refunds.list_all, "fetch"),
    Route("GET", "/v1/refunds/{id}", Group(accepted.RefundRetrieveParams), refunds.retrieve, "fetch"),
    Route("POST", "/v1/refunds/{id}", Group(accepted.RefundUpdateParams), refunds.update),
    Route("GET", "/v1/balance", Group(accepted.BalanceRetrieveParams), balance.retrieve, "fetch"),
    Route(
        "GET",
        "/v1/balance_transactions",
        Group(accepted.BalanceTransactionListParams),
        balance.list_transactions,
        "fetch",
        balance.UNSIMULATED_FILTERS,
    ),
    Route(
        "GET",
        "/v1/balance_transactions/{id}",
        Group(accepted.BalanceTransactionRetrieveParams),
        balance.retrieve_transaction,
        "fetch",
    ),
    Route("GET", "/v1/disputes", Group(accepted.DisputeListParams), disputes.list_all, "fetch"),
    Route("GET", "/v1/disputes/{id}", Group(accepted.DisputeRetrieveParams), disputes.retrieve, "fetch"),
    Route(
        "POST",
        "/v1/disputes/{id}",
        Group(accepted.DisputeUpdateParams),
        disputes.update,
        "evidence",
        disputes.UNSIMULATED,
    ),
    Route(
        "POST",
        "/v1/files",
        Group(accepted.FileCreateParams, {FILE: Shape(text=True), FILENAME: Shape(text=True)}),
        files.create,
        None,
        files.UNSIMULATED,
        is_upload=True,
    ),
    Route("GET", "/v1/files", Group(accepted.FileListParams), files.list_all, "fetch"),
    Route("GET", "/v1/files/{id}", Group(accepted.FileRetrieveParams), files.retrieve, "fetch"),
    Route("POST", "/v1/payouts", Group(accepted.PayoutCreateParams), payouts.create, "pay", payouts.UNSIMULATED),
    Route(
        "GET", "/v1/payouts", Group(accepted.PayoutListParams), payouts.list_all, "fetch", payouts.UNSIMULATED_FILTERS
    ),
    Route("POST", "/v1/payouts/{id}/cancel", Group(accepted.PayoutCancelParams), payouts.cancel, "cancel"),
    Route("GET", "/v1/payouts/{id}", Group(accepted.PayoutRetrieveParams), payouts.retrieve, "fetch"),
    Route("GET", "/v1/charges", Group(accepted.ChargeListParams), charges.list_all, "fetch"),
    Route("GET", "/v1/charges/{id}", Group(accepted.ChargeRetrieveParams), charges.retrieve, "fetch"),
    Route(
        "POST",
        "/v1/payment_methods",
        Group(accepted.PaymentMethodCreateParams),
        payment_methods.create,
        None,
        payment_methods.UNSIMULATED,
    ),
    Route(
        "GET",
        "/v1/payment_methods",
        Group(accepted.PaymentMethodListParams),
        payment_methods.list_all,
        None,
        _CUSTOMER_ACCOUNT,
    ),
    Route("GET", "/v1/payment_methods/{id}", Group(accepted.PaymentMethodRetrieveParams), payment_methods.retrieve),
    Route("POST", "/v1/payment_methods/{id}", Group(accepted.PaymentMethodUpdateParams), payment_methods.update),
    Route("POST", "/v1/payment_methods/{id}/attach", Group(accepted.PaymentMethodAttachParams), payment_methods.attach),
    Route("POST", "/v1/payment_methods/{id}/detach", Group(accepted.PaymentMethodDetachParams), payment_methods.detach),
    Route("POST", "/v1/customers", Group(accepted.CustomerCreateParams), customers.create, None, customers.UNSIMULATED),
    Route("GET", "/v1/customers", Group(accepted.CustomerListParams), customers.list_all),
    Route("GET", "/v1/customers/{id}", Group(accepted.CustomerRetrieveParams), customers.retrieve),
    Route(
        "POST",
        "/v1/customers/{id}",
        Group(accepted.CustomerUpdateParams),
        customers.update,
        None,
        customers.UNSIMULATED,
    ),
    Route("DELETE", "/v1/customers/{id}", Group(accepted.CustomerDeleteParams), customers.delete),
    Route(
        "GET",
        "/v1/customers/{id}/payment_methods",
        Group(accepted.CustomerPaymentMethodListParams),
        payment_methods.list_of_customer,
    ),
    Route("POST", "/v1/tokens", Group(accepted.TokenCreateParams), tokens.create, None, tokens.UNSIMULATED),
    Route("GET", "/v1/tokens/{id}", Group(accepted.TokenRetrieveParams), tokens.retrieve),
    Route("GET", "/v1/events", Group(accepted.EventListParams), events.list_all, "fetch", events.UNSIMULATED_FILTERS),
    Route("GET", "/v1/events/{id}", Group(accepted.EventRetrieveParams), events.retrieve, "fetch"),
)


class Router:
    def __init__(self, routes: tuple[Route, ...] = ROUTES) -> None:
        self._routes = {(route.method, route.path): route for route in routes}

    def find(self, method: str, path: str) -> tuple[Route, str]:
        """The route and the id in the path. Raises Stripe's 404 for an address that it does not have."""
        parts = path.split("/")
        id = parts[3] if len(parts) > 3 else ""
        if len(parts) > 3:
            parts[3] = "{id}"
        route = self._routes.get((method, "/".join(parts)))
        if route is None or (len(parts) > 3 and not id):
            raise InvalidRequest(
                f"Unrecognized request URL ({method}: {path}). Please see https://stripe.com/docs or we can help at"
                " https://support.stripe.com/.",
                status=404,
            )
        return route, id
