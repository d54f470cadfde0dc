"""PayPal's webhook: an address, and the types of events that are sent there."""

from dataclasses import dataclass, field
from typing import ClassVar

from sandbox.json_types import Resource
from sandbox.paypal.errors import link
from sandbox.paypal.records.record import Record, Site

EVERY_EVENT = "*"


@dataclass
class Webhook(Record):
    KIND: ClassVar[str] = "webhook"

    url: str
    event_types: list[str] = field(default_factory=lambda: [EVERY_EVENT])
    deleted: bool = False

    def wants(self, event_type: str) -> bool:
        return EVERY_EVENT in self.event_types or event_type in self.event_types

    def resource(self, site: Site) -> Resource:
        own = f"{site.base_url}/v1/notifications/webhooks/{self.id}"
        return {
            "id": self.id,
            "url": self.url,
            "event_types": [{"name": name} for name in self.event_types],
            "links": [link(own, "self"), link(own, "update", "PATCH"), link(own, "delete", "DELETE")],
        }
