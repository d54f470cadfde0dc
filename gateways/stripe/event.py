"""Stripe's events as they are posted to us, read before and after they are believed. Source: docs.stripe.com/api/events/object."""

from collections.abc import Mapping
from dataclasses import dataclass

from server.domain.callback import Unreadable
from server.domain.strict_json import strict_object

SIGNATURE_HEADER = "stripe-signature"

INTENT = "payment_intent"
REFUND = "refund"
PAYOUT = "payout"
DISPUTE = "dispute"
CHARGE = "charge"


@dataclass(frozen=True, slots=True, repr=False)
class Event:
    """An event: what happened, and to which object, as that was then. `kind` is what the object says of itself; `account` whose it is, unless the merchant's own."""

    id: str
    type: str
    kind: str
    fields: Mapping[str, object]
    account: str | None

    @property
    def metadata(self) -> Mapping[str, object]:
        """The object's metadata, if it has any."""
        metadata = self.fields.get("metadata")
        return metadata if isinstance(metadata, dict) else {}

    def text(self, name: str) -> str | None:
        """A text of the object's, if it is one."""
        value = self.fields.get(name)
        return value if isinstance(value, str) and value else None


def read_event(body: bytes) -> Event:
    """Raises Unreadable for anything but an event whose every name stands there once."""
    try:
        event = strict_object(body)
    except ValueError as error:
        raise Unreadable(str(error)) from None
    if event.get("object") != "event":
        raise Unreadable("is no event of Stripe")
    data = event.get("data")
    fields = data.get("object") if isinstance(data, dict) else None
    id, type = event.get("id"), event.get("type")
    if not isinstance(fields, dict) or not isinstance(id, str) or not isinstance(type, str):
        raise Unreadable("is no event of Stripe")
    kind, account = fields.get("object"), event.get("account")
    return Event(id, type, kind if isinstance(kind, str) else "", fields, None if account is None else str(account))
