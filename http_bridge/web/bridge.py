"""Where every HTTP request comes in and every response goes out: finds what serves it, and gives failures their face."""

import logging
import traceback
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Final

from aiohttp import HttpVersion11, web
from aiohttp.hdrs import (
    ALLOW,
    CACHE_CONTROL,
    CONNECTION,
    METH_OPTIONS,
    RETRY_AFTER,
    SERVER,
    TRANSFER_ENCODING,
    WWW_AUTHENTICATE,
)

from http_bridge.calls.ending import REPLAYED
from http_bridge.calls.exchange import Endpoint, Exchange
from http_bridge.dialects.choice import Dialects
from http_bridge.dialects.dialect import Answer, Dialect
from http_bridge.failures.failure import Failed, Failure
from http_bridge.failures.from_grpc import INTERNAL
from http_bridge.probes.metrics import BridgeMetrics
from http_bridge.requests.metadata import REQUEST_ID_HEADER, request_id_of
from http_bridge.routing.router import NotServed, Router, Served
from http_bridge.web.cors import Cors
from http_bridge.web.target import split_target
from sycee.v1.errors_pb2 import ERROR_REASON_METHOD_NOT_ALLOWED, ERROR_REASON_NOT_FOUND, ERROR_REASON_VALIDATION_ERROR
from sycee.v1.options_pb2 import Rest

_LOG: Final = logging.getLogger(__name__)
_NO_RPC: Final = "none"
# What a caller who hung up would have seen, as nginx counts it.
_HUNG_UP: Final = 499
_ALWAYS: Final[Mapping[str, str]] = {
    # Answers carry payments; no cache keeps them.
    CACHE_CONTROL: "no-store",
    "X-Content-Type-Options": "nosniff",
    SERVER: "sycee",
}
_CHALLENGE: Final[Mapping[str, str]] = {WWW_AUTHENTICATE: "Bearer"}
_CLOSING: Final[Mapping[str, str]] = {CONNECTION: "close"}
_NO_REST: Final = Rest()


class Bridge:
    """`new_request_id` names requests that come without a name; `clock`: seconds, for durations."""

    def __init__(
        self,
        *,
        router: Router[Endpoint],
        dialects: Dialects,
        cors: Cors,
        metrics: BridgeMetrics,
        new_request_id: Callable[[], str],
        clock: Callable[[], float],
    ) -> None:
        self._router = router
        self._dialects = dialects
        self._cors = cors
        self._metrics = metrics
        self._new_request_id = new_request_id
        self._clock = clock

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        if request.version < HttpVersion11 and TRANSFER_ENCODING in request.headers:
            # Where its body ends is anybody's guess, and a proxy's may differ from ours (RFC 9112, 6.1).
            refusal = self.unreadable(request)
            refusal.force_close()
            return refusal
        started = self._clock()
        path, query = split_target(request.raw_path)
        found = self._router.find(request.method, path)
        exchange = self._exchange(request, query, found)
        label = found.endpoint.label if isinstance(found, Served) else _NO_RPC
        status = _HUNG_UP
        self._metrics.in_progress.inc()
        try:
            response = await self._respond(exchange, self._dialects.of(path), found)
            status = response.status
        finally:
            self._metrics.in_progress.dec()
            self._metrics.count(label, status, self._clock() - started)
        return response

    def unreadable(self, request: web.BaseRequest) -> web.Response:
        """For bytes that are no HTTP request: there is neither a path nor a header to go by."""
        failure = Failure(ERROR_REASON_VALIDATION_ERROR, "The request is not valid HTTP, or its headers are too large.")
        exchange = self._exchange(request, "", NotServed(()))
        return self._refuse(exchange, self._dialects.v1, _NO_REST, failure, _CLOSING)

    def _exchange(self, request: web.BaseRequest, query: str, found: Served[Endpoint] | NotServed) -> Exchange:
        request_id = request_id_of(request, self._new_request_id)
        headers = {**_ALWAYS, REQUEST_ID_HEADER: request_id, **self._cors.headers(request)}
        return Exchange(request, request_id, headers, found.variables if isinstance(found, Served) else {}, query)

    async def _respond(
        self, exchange: Exchange, dialect: Dialect, found: Served[Endpoint] | NotServed
    ) -> web.StreamResponse:
        if isinstance(found, NotServed):
            return self._not_served(exchange, dialect, found)
        endpoint = found.endpoint
        try:
            return await endpoint.serve(exchange)
        except Failed as failed:
            return self._refuse(exchange, dialect, endpoint.rest, failed.failure)
        except ConnectionError:
            # The caller hung up while the response was written.
            raise
        except Exception as error:  # noqa: BLE001 - a fault of ours is told in the error shape, whatever it is
            _log_fault(error, endpoint.label, exchange.request_id)
            if exchange.request.writer.output_size:
                raise ConnectionResetError from None
            return self._refuse(exchange, dialect, endpoint.rest, INTERNAL)

    def _not_served(self, exchange: Exchange, dialect: Dialect, found: NotServed) -> web.Response:
        if not found.allowed:
            failure = Failure(ERROR_REASON_NOT_FOUND, "There is nothing at this path.")
            return self._refuse(exchange, dialect, _NO_REST, failure)
        allowed = ", ".join((*found.allowed, METH_OPTIONS))
        if exchange.request.method == METH_OPTIONS:
            preflight = self._cors.preflight(exchange.request, allowed)
            return exchange.respond(Answer(204, b""), {ALLOW: allowed, **preflight})
        failure = Failure(ERROR_REASON_METHOD_NOT_ALLOWED, f"This path takes {allowed}.")
        return self._refuse(exchange, dialect, _NO_REST, failure, {ALLOW: allowed})

    def _refuse(
        self,
        exchange: Exchange,
        dialect: Dialect,
        rest: Rest,
        failure: Failure,
        further_headers: Mapping[str, str] | None = None,
    ) -> web.Response:
        answer = dialect.failure(failure, rest, exchange.request_id)
        headers = dict(further_headers or {})
        if failure.retry_after_seconds is not None:
            headers[RETRY_AFTER] = str(failure.retry_after_seconds)
        if failure.replayed:
            headers.update(REPLAYED)
        if answer.status == HTTPStatus.UNAUTHORIZED:
            headers.update(_CHALLENGE)
        return exchange.respond(answer, headers)


def _log_fault(error: Exception, label: str, request_id: str) -> None:
    """Where it happened and what kind of error it was, without its text: that may quote the request, and the request may hold a card."""
    frames = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)]
    fault = {"request_id": request_id, "rpc": label, "error": type(error).__qualname__, "frames": frames}
    _LOG.error("unexpected error in the bridge", extra=fault)
