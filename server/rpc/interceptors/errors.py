"""Turns whatever is raised further in into the status that the contract promises."""

from typing import Any

import grpc

from server.rpc.contract import Rpc
from server.rpc.exchange import STATUS_DETAILS, Exchange, Handler
from server.rpc.failures import Failures, status_of


class Errors:
    """Answers errors. A caller that is gone and a deadline that is over are no errors of ours (CancelledError) and pass."""

    def __init__(self, failures: Failures) -> None:
        self._failures = failures

    def around(self, rpc: Rpc, inner: Handler) -> Handler:
        async def answered(exchange: Exchange, request: Any) -> bytes:
            try:
                return await inner(exchange, request)
            except grpc.aio.AbortError:
                # The answer has been sent; gRPC insists on seeing its own error again.
                exchange.code = grpc.StatusCode.UNKNOWN
                raise
            except Exception as error:  # noqa: BLE001  (whatever it is, gRPC would tell the caller its text)
                failure = self._failures.of(error, exchange.request_id)
            exchange.code, message = status_of(failure)
            metadata = (*exchange.trailing, (STATUS_DETAILS, failure.status))
            return await exchange.context.abort(exchange.code, message, metadata)

        return answered
