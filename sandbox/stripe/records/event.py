"""Stripe's Event: what happened to a resource, with the resource as it was then."""

from dataclasses import dataclass
from typing import ClassVar

from sandbox.json_types import Resource
from sandbox.stripe.records.record import Record

API_VERSION = "2026-10-28.endive"


@dataclass
class Event(Record):
    KIND: ClassVar[str] = "event"
    NOUN: ClassVar[str] = "event"

    type: str
    object: Resource
    previous_attributes: Resource | None
    request_id: str | None
    idempotency_key: str | None
    pending_webhooks: int

    def resource(self) -> Resource:
        data: Resource = {"object": self.object}
        if self.previous_attributes is not None:
            data["previous_attributes"] = self.previous_attributes
        return {
            "id": self.id,
            "object": self.KIND,
            "api_version": API_VERSION,
            "created": self.created,
            "data": data,
            "livemode": False,
            "pending_webhooks": self.pending_webhooks,
            "request": {"id": self.request_id, "idempotency_key": self.idempotency_key},
            "type": self.type,
        }
