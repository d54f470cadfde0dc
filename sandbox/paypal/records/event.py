"""PayPal's webhook event: what happened to a resource, with the resource as it was then."""

from dataclasses import dataclass
from typing import ClassVar

from sandbox.json_types import Resource
from sandbox.paypal.errors import link
from sandbox.paypal.records.record import Record
from sandbox.paypal.times import timestamp

EVENT_TYPES = frozenset(
    "CHECKOUT.ORDER.APPROVED CHECKOUT.ORDER.COMPLETED CHECKOUT.ORDER.SAVED CHECKOUT.ORDER.VOIDED CHECKOUT.PAYMENT-APPROVAL.REVERSED"
    " CUSTOMER.DISPUTE.CREATED CUSTOMER.DISPUTE.RESOLVED CUSTOMER.DISPUTE.UPDATED"
    " PAYMENT.AUTHORIZATION.CREATED PAYMENT.AUTHORIZATION.VOIDED"
    " PAYMENT.CAPTURE.COMPLETED PAYMENT.CAPTURE.DECLINED PAYMENT.CAPTURE.DENIED PAYMENT.CAPTURE.PENDING PAYMENT.CAPTURE.REFUNDED"
    " PAYMENT.CAPTURE.REVERSED PAYMENT.REFUND.FAILED PAYMENT.REFUND.PENDING"
    " PAYMENT.PAYOUTSBATCH.DENIED PAYMENT.PAYOUTSBATCH.PROCESSING PAYMENT.PAYOUTSBATCH.SUCCESS"
    " PAYMENT.PAYOUTS-ITEM.BLOCKED PAYMENT.PAYOUTS-ITEM.CANCELED PAYMENT.PAYOUTS-ITEM.DENIED PAYMENT.PAYOUTS-ITEM.FAILED"
    " PAYMENT.PAYOUTS-ITEM.HELD PAYMENT.PAYOUTS-ITEM.REFUNDED PAYMENT.PAYOUTS-ITEM.RETURNED PAYMENT.PAYOUTS-ITEM.SUCCEEDED"
    " PAYMENT.PAYOUTS-ITEM.UNCLAIMED".split()
)
"""What a webhook can ask for around payments, disputes and payouts, though not all of it happens here. Source: PayPal's "webhook event names"."""


@dataclass
class Event(Record):
    KIND: ClassVar[str] = "event"

    event_type: str
    resource_type: str
    summary: str
    resource: Resource
    base_url: str

    def shown(self) -> Resource:
        own = f"{self.base_url}/v1/notifications/webhooks-events/{self.id}"
        return {
            "id": self.id,
            "event_version": "1.0",
            "create_time": timestamp(self.created).replace("Z", ".000Z"),
            "resource_type": self.resource_type,
            "resource_version": "2.0",
            "event_type": self.event_type,
            "summary": self.summary,
            "resource": self.resource,
            "links": [link(own, "self"), link(f"{own}/resend", "resend", "POST")],
        }
