"""Lets a call pass whose credential is of the kind that its RPC names."""

from typing import Any

from server.domain.access import DEFAULT_MERCHANT, Call, Caller
from server.domain.errors import PermissionDenied
from server.rpc.contract import Rpc
from server.rpc.credentials import Credentials
from server.rpc.exchange import AUTHORIZATION, Exchange, Handler

ANYBODY = Caller(merchant_id=DEFAULT_MERCHANT, credential="anybody")
"""The caller of a public RPC, whatever credential was sent."""


class AccessCheck:
    """Checks credentials against the contract's access option."""

    def __init__(self, credentials: Credentials) -> None:
        self._credentials = credentials

    def around(self, rpc: Rpc, inner: Handler) -> Handler:
        rule = rpc.access

        async def public(exchange: Exchange, request: Any) -> bytes:
            exchange.call = Call(ANYBODY, exchange.id, request_id=exchange.request_id)
            return await inner(exchange, request)

        async def guarded(exchange: Exchange, request: Any) -> bytes:
            grant = await self._credentials.verify(exchange.only_value(AUTHORIZATION))
            exchange.call = Call(grant.caller, exchange.id, request_id=exchange.request_id)
            if not grant.allows(rule.scope, rule.roles):
                raise PermissionDenied(_wanted(rpc))
            return await inner(exchange, request)

        return public if rule.public else guarded


def _wanted(rpc: Rpc) -> str:
    kinds = [f"an API key with the scope {rpc.access.scope}"] if rpc.access.scope else []
    kinds += [f"a token with the role {role.value}" for role in sorted(rpc.access.roles)]
    return f"the credential does not allow this call; it takes {' or '.join(kinds)}"
