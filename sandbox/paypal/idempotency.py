"""PayPal-Request-Id: a repeat of a call gets the first reply again, whatever its body says.

Source: PayPal's "idempotency": "PayPal returns the latest status of the previous request that used that same header". Refusals are no status of anything
that was done: a repeat after one is tried anew.
"""

from sandbox.paypal.call import Call, Reply
from sandbox.paypal.merchants import Merchant
from sandbox.paypal.routes import Route
from sandbox.state.replies import Replies, StoredReply


class Idempotency:
    """Ids belong to a merchant and to one address: the same id on another resource is another request."""

    def __init__(self, replies: Replies) -> None:
        self._replies = replies

    def stored(self, merchant: Merchant, route: Route, call: Call, now: float) -> Reply | None:
        if call.request_id is None or not route.kept_seconds:
            return None
        reply = self._replies.find(_owner(merchant, route.kept_seconds), _key(route, call), now - route.kept_seconds)
        if reply is None:
            return None
        status = route.repeated_status if reply.status == 201 and route.repeated_status else reply.status
        return Reply(status, reply.body)

    def store(self, merchant: Merchant, route: Route, call: Call, now: float, reply: Reply) -> None:
        if call.request_id is not None and route.kept_seconds:
            stored = StoredReply(route.path, call.request_id, reply.status, reply.body)
            self._replies.store(_owner(merchant, route.kept_seconds), _key(route, call), now, stored)

    def forget(self, merchant: Merchant, kept_seconds: int, now: float) -> None:
        """Deletes what has been kept for that long."""
        self._replies.forget(_owner(merchant, kept_seconds), now - kept_seconds)


def _owner(merchant: Merchant, kept_seconds: int) -> str:
    return f"paypal.{merchant.id}.{kept_seconds}"


def _key(route: Route, call: Call) -> str:
    return f"{route.path} {call.id} {call.request_id}"
