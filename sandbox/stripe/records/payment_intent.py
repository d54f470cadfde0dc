"""Stripe's PaymentIntent."""

from dataclasses import dataclass, field
from typing import ClassVar

from sandbox.json_types import Json, Resource
from sandbox.stripe.records.record import Record


@dataclass
class PaymentIntent(Record):
    """`challenge` is the secret in the address of a pending 3-D Secure page; `authenticated` says that the customer has
    passed it and the merchant has yet to confirm again; `asked_off_session` is what the last confirmation said.
    """

    KIND: ClassVar[str] = "payment_intent"
    NOUN: ClassVar[str] = "payment_intent"
    EXPANDABLE: ClassVar[frozenset[str]] = frozenset({"customer", "latest_charge", "payment_method"})

    amount: int
    currency: str
    client_secret: str
    capture_method: str
    confirmation_method: str
    payment_method_types: list[str]
    automatic_payment_methods: Json
    status: str = "requires_payment_method"
    allowed_payment_method_types: list[str] | None = None
    excluded_payment_method_types: list[str] | None = None
    amount_capturable: int = 0
    amount_received: int = 0
    canceled_at: int | None = None
    cancellation_reason: str | None = None
    customer: str | None = None
    description: str | None = None
    last_payment_error: Json = None
    latest_charge: str | None = None
    metadata: dict[str, str] = field(default_factory=dict)
    next_action: Json = None
    payment_method: str | None = None
    request_three_d_secure: str = "automatic"
    receipt_email: str | None = None
    setup_future_usage: str | None = None
    shipping: Json = None
    statement_descriptor: str | None = None
    statement_descriptor_suffix: str | None = None
    transfer_group: str | None = None
    return_url: str | None = None
    challenge: str | None = None
    authenticated: bool = False

    def resource(self) -> Resource:
        return {
            "id": self.id,
            "object": self.KIND,
            "allowed_payment_method_types": self.allowed_payment_method_types,
            "amount": self.amount,
            "amount_capturable": self.amount_capturable,
            "amount_details": {"tip": {}},
            "amount_received": self.amount_received,
            "application": None,
            "application_fee_amount": None,
            "automatic_payment_methods": self.automatic_payment_methods,
            "canceled_at": self.canceled_at,
            "cancellation_reason": self.cancellation_reason,
            "capture_method": self.capture_method,
            "client_secret": self.client_secret,
            "confirmation_method": self.confirmation_method,
            "created": self.created,
            "currency": self.currency,
            "customer": self.customer,
            "customer_account": None,
            "description": self.description,
            "excluded_payment_method_types": self.excluded_payment_method_types,
            "last_payment_error": self.last_payment_error,
            "latest_charge": self.latest_charge,
            "livemode": False,
            "metadata": self.metadata,
            "next_action": self.next_action,
            "on_behalf_of": None,
            "payment_method": self.payment_method,
            "payment_method_configuration_details": None,
            "payment_method_options": self._payment_method_options(),
            "payment_method_types": self.payment_method_types,
            "processing": None,
            "receipt_email": self.receipt_email,
            "review": None,
            "setup_future_usage": self.setup_future_usage,
            "shipping": self.shipping,
            "source": None,
            "statement_descriptor": self.statement_descriptor,
            "statement_descriptor_suffix": self.statement_descriptor_suffix,
            "status": self.status,
            "transfer_data": None,
            "transfer_group": self.transfer_group,
        }

    def _payment_method_options(self) -> Resource:
        return {
            "card": {
                "installments": None,
                "mandate_options": None,
                "network": None,
                "request_three_d_secure": self.request_three_d_secure,
            }
        }
