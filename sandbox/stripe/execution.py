"""Executes one Stripe call as one transaction and stores its reply under its idempotency key."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

import orjson

from sandbox.json_types import Resource
from sandbox.state.database import Database
from sandbox.state.replies import StoredReply
from sandbox.stripe.books import Archive
from sandbox.stripe.calls.expansion import expand
from sandbox.stripe.errors import InternalFailure, InvalidParameter, StripeError
from sandbox.stripe.form import Tree
from sandbox.stripe.idempotency import Idempotency
from sandbox.stripe.merchants import Merchant
from sandbox.stripe.routes import Route
from sandbox.stripe.schema.check import check_group
from sandbox.stripe.schema.params import Params

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Call:
    """One authenticated request; `key` is its idempotency key, if it has one that counts."""

    merchant: Merchant
    route: Route
    id: str
    tree: dict[str, Tree]
    key: str | None
    fingerprint: str
    request_id: str


@dataclass(frozen=True)
class Reply:
    status: int
    body: bytes
    request_id: str
    original_request_id: str | None = None


def encoded(resource: Resource) -> bytes:
    return orjson.dumps(resource)


class Executor:
    def __init__(
        self,
        database: Database,
        archive: Archive,
        idempotency: Idempotency,
        clock: Callable[[], float],
    ) -> None:
        self._database = database
        self._archive = archive
        self._idempotency = idempotency
        self._clock = clock

    def checked(self, call: Call) -> Params:
        """The parameters, typed. Raises `InvalidParameter`."""
        params = Params(check_group(call.tree, call.route.params))
        for name in params.names():
            if name in call.route.unsimulated:
                raise InvalidParameter(f"The sandbox does not simulate the parameter {name}.", None, name)
        return params

    def execute(self, call: Call, params: Params) -> Reply:
        """Does the call. Once this returns, what it did and its reply are on disk."""
        try:
            with self._database.transaction():
                reply = self._carried_out(call, params)
                self._store(call, reply)
                return reply
        except StripeError as refusal:
            return self.refuse(call, refusal)
        except Exception:  # noqa: BLE001 - a caller gets a 500 for our mistakes, as from Stripe, and the log the reason
            _log.exception("%s %s failed", call.route.method, call.route.path)
            return self.refuse(call, InternalFailure())

    def refuse(self, call: Call, refusal: StripeError) -> Reply:
        """Answers a refusal that changes nothing, and stores it if it counts as the result of the call."""
        reply = self._refused(call, refusal)
        if refusal.stored:
            self._store(call, reply)
        return reply

    def replayed(self, call: Call) -> Reply | None:
        """The stored reply of an earlier call with the same key and parameters."""
        if call.key is None:
            return None
        stored = self._idempotency.stored(call.merchant, call.key, call.fingerprint, self._clock())
        if stored is None:
            return None
        return Reply(stored.status, stored.body, call.request_id, stored.request_id)

    def _carried_out(self, call: Call, params: Params) -> Reply:
        books = self._archive.open(call.merchant, call.request_id, call.key)
        try:
            resource = call.route.handler(books, params, call.id)
            resource = expand(books, resource, params.texts("expand"))
        except StripeError as refusal:
            if not refusal.keeps_changes:
                raise
            books.flush()
            return self._refused(call, refusal)
        books.flush()
        return Reply(200, encoded(resource), call.request_id)

    def _refused(self, call: Call, refusal: StripeError) -> Reply:
        return Reply(refusal.status, encoded(refusal.body(call.request_id)), call.request_id)

    def _store(self, call: Call, reply: Reply) -> None:
        if call.key is not None:
            stored = StoredReply(call.fingerprint, reply.request_id, reply.status, reply.body)
            self._idempotency.store(call.merchant, call.key, self._clock(), stored)
