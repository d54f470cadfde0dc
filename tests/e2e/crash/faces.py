"""The service as it runs in production, a server and a bridge in processes of their own, and what its two faces answer."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp
import grpc

from server.commands.cards import card
from server.commands.ports import free_ports
from server.commands.rest_client import RestClient
from server.processes.group import ProcessGroup, process_group
from tests.e2e.crash.caller import Answer, Caller
from tests.e2e.crash.environment import environment_with
from tests.e2e.crash.scenes import GOOD_CARD, a_wish
from tests.e2e.crash.shop import Shop

_PORTS = ("SYCEE_HTTP_PORT", "SYCEE_GRPC_PORT", "SYCEE_METRICS_PORT")


@dataclass(frozen=True, slots=True)
class Faces:
    """REST and gRPC of one installation."""

    rest: RestClient
    caller: Caller

    async def pay(self, key: str, *, rest: bool, amount: str = "59.49") -> Answer:
        """The same call over either face. Raises AioRpcError or aiohttp.ClientError when there is no answer."""
        if not rest:
            return await self.caller.create(key, a_wish(amount=amount))
        body = {"amount": amount, "currency": "USD", "gateway": "stripe", "payment_method": card(GOOD_CARD)}
        answer = await self.rest.post("/api/v1/payments", body, key)
        replayed = answer.headers.get("Idempotent-Replayed") == "true"
        told = answer.json
        if answer.status != 201:
            return Answer(told["error"]["code"], "", answer.body, replayed)
        return Answer(f"{told['status']} {told['captured_amount']}", told["id"], answer.body, replayed)


@asynccontextmanager
async def served(shop: Shop) -> AsyncIterator[tuple[ProcessGroup, Faces]]:
    """The shop's server and bridge for as long as the block runs."""
    ports = dict(zip(_PORTS, map(str, free_ports(len(_PORTS))), strict=True))
    environment = environment_with(shop.environment | ports)
    async with (
        process_group(("server", "bridge"), environment) as group,
        faces(
            f"http://127.0.0.1:{ports['SYCEE_HTTP_PORT']}", f"127.0.0.1:{ports['SYCEE_GRPC_PORT']}", shop.secret_key
        ) as faces_of_it,
    ):
        yield group, faces_of_it


@asynccontextmanager
async def faces(http: str, rpc: str, secret_key: str) -> AsyncIterator[Faces]:
    """Both faces at their addresses, for the bearer of a key."""
    async with grpc.aio.insecure_channel(rpc) as channel, aiohttp.ClientSession() as session:
        yield Faces(RestClient(session, http, secret_key), Caller(channel, secret_key))
