"""The end of a call's way: the servicer's method, if this version has one."""

from collections.abc import Iterable
from contextlib import aclosing
from typing import Any

from server.rpc.call import enter_call
from server.rpc.contract import Contract, Rpc
from server.rpc.exchange import Exchange, Handler
from server.rpc.failures import NotImplementedYet

# Generated servicers, which answer UNIMPLEMENTED to everything, come from such modules.
_GENERATED = "_pb2_grpc"


class Servicers:
    """The servicers by the services that they serve, which their generated base classes name."""

    def __init__(self, servicers: Iterable[object]) -> None:
        self._by_service = {_service_of(servicer): servicer for servicer in servicers}

    def endpoint(self, rpc: Rpc) -> Handler | None:
        """What serves the RPC; None when nothing does yet."""
        servicer = self._by_service.get(rpc.service)
        if servicer is None or not _overrides(servicer, rpc.name):
            return None
        method = getattr(servicer, rpc.name)
        return _streaming(method) if rpc.response_streaming else _unary(method)

    def unimplemented(self, contract: Contract) -> list[str]:
        """The RPCs that nothing serves yet, such as `PayoutService.CreatePayout`, in alphabetical order."""
        missing = (rpc for rpc in contract.rpcs if self.endpoint(rpc) is None)
        return sorted(f"{rpc.service.rpartition('.')[2]}.{rpc.name}" for rpc in missing)


async def not_implemented(_exchange: Exchange, _request: object) -> bytes:
    """The endpoint of an RPC that nothing serves yet."""
    raise NotImplementedYet


def _unary(method: Any) -> Handler:
    async def serve(exchange: Exchange, request: Any) -> bytes:
        _enter(exchange)
        response = await method(request, exchange.context)
        serialised: bytes = response.SerializeToString()
        return serialised

    return serve


def _streaming(method: Any) -> Handler:
    async def serve(exchange: Exchange, request: Any) -> bytes:
        _enter(exchange)
        async with aclosing(method(request, exchange.context)) as responses:
            async for response in responses:
                await exchange.context.write(response.SerializeToString())
        return b""

    return serve


def _enter(exchange: Exchange) -> None:
    assert exchange.call is not None
    enter_call(exchange.call)


def _service_of(servicer: object) -> str:
    for base in type(servicer).__mro__:
        if base.__module__.endswith(_GENERATED):
            return f"{base.__module__.rpartition('.')[0]}.{base.__name__.removesuffix('Servicer')}"
    raise TypeError(f"{type(servicer).__name__} is no servicer: it has no generated base class")


def _overrides(servicer: object, name: str) -> bool:
    owner = next(base for base in type(servicer).__mro__ if name in vars(base))
    return not owner.__module__.endswith(_GENERATED)
