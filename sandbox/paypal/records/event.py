"""PayPal's webhook event: what happened to a resource, with the resource as it was then."""

from dataclasses import dataclass
from typing import ClassVar

from sandbox.json_types import Resource
from sandbox.paypal.errors import link
from sandbox.paypal.records.record import Record
from sandbox.paypal.times import timestamp

EVENT_TYPES = (
    "CHECKOUT.ORDER.APPROVED",
    "CHECKOUT.ORDER.COMPLETED",
    "CHECKOUT.ORDER.VOIDED",
    "PAYMENT.AUTHORIZATION.CREATED",
    "PAYMENT.AUTHORIZATION.VOIDED",
    "PAYMENT.CAPTURE.COMPLETED",
    "PAYMENT.CAPTURE.DENIED",
    "PAYMENT.CAPTURE.PENDING",
    "PAYMENT.CAPTURE.REFUNDED",
    "PAYMENT.CAPTURE.REVERSED",
    "PAYMENT.REFUND.PENDING",
)


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
