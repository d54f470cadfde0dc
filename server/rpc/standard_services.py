"""The services that every gRPC server is expected to have: health, and reflection in both of its versions."""

from collections.abc import Sequence

import grpc
from grpc_health.v1 import health_pb2
from grpc_health.v1.health import aio as health
from grpc_health.v1.health_pb2_grpc import add_HealthServicer_to_server
from grpc_reflection.v1alpha import reflection, reflection_pb2

_REFLECTION_V1 = "grpc.reflection.v1.ServerReflection"
_HEALTH = health_pb2.DESCRIPTOR.services_by_name["Health"].full_name


class Health:
    """Tells load balancers whether to send calls here: for the server as a whole (the empty name) and for each service."""

    def __init__(self, server: grpc.aio.Server, services: Sequence[str]) -> None:
        self._servicer = health.HealthServicer()
        self._names = ("", *services)
        add_HealthServicer_to_server(self._servicer, server)

    async def tell(self, *, serving: bool) -> None:
        """Changes the answer."""
        status = health_pb2.HealthCheckResponse.SERVING if serving else health_pb2.HealthCheckResponse.NOT_SERVING
        for name in self._names:
            await self._servicer.set(name, status)


def add_reflection(server: grpc.aio.Server, services: Sequence[str]) -> None:
    """Lets tools such as grpcurl list and call the services without their protos."""
    names = (*services, _HEALTH, reflection.SERVICE_NAME, _REFLECTION_V1)
    reflection.enable_server_reflection(names, server)
    # The library serves v1alpha only. Version 1 has the same messages under another name, and newer tools ask for that first.
    handler = grpc.stream_stream_rpc_method_handler(
        reflection.aio.ReflectionServicer(names).ServerReflectionInfo,
        request_deserializer=reflection_pb2.ServerReflectionRequest.FromString,
        response_serializer=reflection_pb2.ServerReflectionResponse.SerializeToString,
    )
    server.add_registered_method_handlers(_REFLECTION_V1, {"ServerReflectionInfo": handler})
