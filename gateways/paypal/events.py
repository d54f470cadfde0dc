"""PayPal's webhook events: which payment they are about, and what they say of it. What is not certain from an event alone is looked up."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self
from uuid import UUID

from gateways.paypal.disputes import ID, PayPalDispute
from gateways.paypal.outcomes import capture_outcome, refund_outcome
from gateways.paypal.replies import UNREADABLE, Capture, RefundReply, group, items, money, optional_text
from gateways.paypal.strict import read_json_object
from server.domain.callback import DisputeNews, LookUp, News, NoNews, PaymentNews, RefundNews, Unreadable
from server.domain.outcomes import Approved, Refunded, Unknown

# The kinds of events that are about payments. Source: developer.paypal.com/api/rest/webhooks/event-names
_ORDERS = "CHECKOUT."
_AUTHORIZATIONS = "PAYMENT.AUTHORIZATION."
_CAPTURES = frozenset(f"PAYMENT.CAPTURE.{what}" for what in ("COMPLETED", "PENDING", "DENIED", "DECLINED"))
_REFUNDS = frozenset(
    ("PAYMENT.CAPTURE.REFUNDED", "PAYMENT.REFUND.COMPLETED", "PAYMENT.REFUND.PENDING", "PAYMENT.REFUND.FAILED")
)
_REVERSED = "PAYMENT.CAPTURE.REVERSED"
_DISPUTES = "CUSTOMER.DISPUTE."


@dataclass(frozen=True, slots=True)
class Event:
    """A webhook's body, believed or not."""

    id: str | None
    type: str
    resource: Mapping[str, object]

    @classmethod
    def read(cls, body: bytes) -> Self:
        """Raises Unreadable."""
        fields = read_json_object(body)
        event_type, resource = fields.get("event_type"), fields.get("resource")
        if not isinstance(event_type, str) or not isinstance(resource, dict):
            raise Unreadable("is no event of PayPal")
        return cls(optional_text(fields, "id"), event_type, resource)

    @property
    def reference(self) -> str | None:
        """Our number for the payment. A refund of ours has it as its custom id; one made at PayPal has the payment's invoice id, and the payment's own id for the other."""
        if self.type.startswith(_ORDERS):
            return self._of_unit()
        if self.type.startswith(_DISPUTES):
            return optional_text(self._transaction(), "invoice_number")
        invoice_id = optional_text(self.resource, "invoice_id")
        if self.type not in _REFUNDS:
            return invoice_id
        custom_id = optional_text(self.resource, "custom_id")
        return invoice_id if custom_id is None or _is_id(custom_id) else custom_id

    @property
    def order_id(self) -> str | None:
        """PayPal's number for the payment."""
        if self.type.startswith("CHECKOUT.ORDER."):
            return optional_text(self.resource, "id")
        return optional_text(self.resource, "order_id") or optional_text(self._related(), "order_id")

    @property
    def payee_id(self) -> str | None:
        """The merchant whom the money is for, where the event says it."""
        if self.type.startswith(_DISPUTES):
            return optional_text(_inner(self._transaction(), "seller"), "merchant_id")
        return optional_text(_inner(self.resource, "payee"), "merchant_id")

    @property
    def dispute_id(self) -> str | None:
        """PayPal's number for the dispute that it is about, if it is about one."""
        number = optional_text(self.resource, "dispute_id") if self.type.startswith(_DISPUTES) else None
        return number if number is not None and ID.fullmatch(number) else None

    def news(self) -> News:
        """What the event says once it is believed. Raises one of UNREADABLE for a dispute that is none."""
        if self.type.startswith(_DISPUTES):
            return DisputeNews(PayPalDispute.read(self.resource).report)
        if self.type.startswith((_ORDERS, _AUTHORIZATIONS)):
            # An approval is not a payment: whoever looks the order up takes the money.
            return LookUp()
        try:
            if self.type in _CAPTURES:
                return self._of_capture()
            if self.type in _REFUNDS:
                refund = RefundReply.read(self.resource)
                amount = money(self.resource["amount"])
                return RefundNews(refund_outcome(refund), refund.invoice_id, refund.id, amount)
            if self.type == _REVERSED:
                # PayPal itself took the money back, for a dispute say: no refund of ours.
                refund = RefundReply.read(self.resource)
                return RefundNews(Refunded(refund.id), None, refund.id, money(self.resource["amount"]))
        except UNREADABLE:
            return LookUp()
        return NoNews("Events of this kind change no payment and no refund.")

    def _of_capture(self) -> News:
        """The capture of an authorization may be partial, and its refusal leaves the authorization as it is: the order tells."""
        if self.order_id is None or "authorization_id" in self._related():
            return LookUp()
        capture = Capture.read(self.resource)
        outcome = capture_outcome(self.order_id, capture, capture.money.currency)
        if isinstance(outcome, Unknown):
            return LookUp()
        return PaymentNews(outcome, capture.money if isinstance(outcome, Approved) else None)

    def _of_unit(self) -> str | None:
        try:
            units = items(self.resource, "purchase_units")
            return optional_text(group(units[0]), "invoice_id") if units else None
        except TypeError:
            return None

    def _transaction(self) -> Mapping[str, object]:
        """The payment that is disputed."""
        try:
            return group(items(self.resource, "disputed_transactions")[0])
        except (LookupError, TypeError):
            return {}

    def _related(self) -> Mapping[str, object]:
        return _inner(_inner(self.resource, "supplementary_data"), "related_ids")


def _inner(fields: Mapping[str, object], name: str) -> Mapping[str, object]:
    value = fields.get(name)
    return value if isinstance(value, dict) else {}


def _is_id(value: str) -> bool:
    try:
        UUID(value)
    except ValueError:
        return False
    return True
