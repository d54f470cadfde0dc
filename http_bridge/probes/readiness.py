"""Whether the server behind the bridge is ready, by the standard gRPC health service."""

import asyncio
from typing import Final

from grpc import aio
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse

_TIMEOUT_SECONDS: Final = 2.0


class Readiness:
    def __init__(self, channel: aio.Channel) -> None:
        self._check = channel.unary_unary(
            "/grpc.health.v1.Health/Check",
            request_serializer=HealthCheckRequest.SerializeToString,
            response_deserializer=HealthCheckResponse.FromString,
        )

    async def is_ready(self) -> bool:
        """The server as a whole: its database and migrations included."""
        try:
            reply = await self._check(HealthCheckRequest(), timeout=_TIMEOUT_SECONDS)
        except aio.AioRpcError:
            return False
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is None or task.cancelling():
                raise
            return False
        return reply.status == HealthCheckResponse.SERVING
