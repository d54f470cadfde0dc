"""What all kinds of calls do alike: name the method, pass on headers, read a JSON body."""

from dataclasses import dataclass
from typing import Final

from google.protobuf.descriptor import MethodDescriptor

from http_bridge.calls.exchange import Exchange
from http_bridge.calls.wiring import Wiring
from http_bridge.dialects.dialect import Dialect
from http_bridge.requests.body import require_json
from http_bridge.requests.metadata import Metadata
from sycee.v1 import options_pb2
from sycee.v1.options_pb2 import Rest


@dataclass(frozen=True, slots=True)
class Rpc:
    """One method of the contract under a path of one dialect."""

    method: MethodDescriptor
    dialect: Dialect

    @property
    def rest(self) -> Rest:
        return self.method.GetOptions().Extensions[options_pb2.rest]

    @property
    def label(self) -> str:
        return f"{self.method.containing_service.name}.{self.method.name}"

    @property
    def grpc_path(self) -> str:
        return f"/{self.method.containing_service.full_name}/{self.method.name}"

    @property
    def has_side_effects(self) -> bool:
        options = self.method.GetOptions()
        return options.idempotency_level != options.NO_SIDE_EFFECTS


class Call:
    """Made once per route; what does not depend on the request is looked up here."""

    def __init__(self, rpc: Rpc, wiring: Wiring) -> None:
        self.label: Final = rpc.label
        self.rest: Final = rpc.rest
        self.has_side_effects: Final = rpc.has_side_effects
        self.dialect: Final = rpc.dialect
        self.wiring: Final = wiring
        self.write: Final = rpc.dialect.success(rpc.method.output_type, rpc.rest)

    def metadata(self, exchange: Exchange) -> Metadata:
        return self.wiring.metadata.read(exchange.request, exchange.request_id, has_side_effects=self.has_side_effects)

    async def json_body(self, exchange: Exchange) -> bytes:
        body = await self.wiring.bodies.read(exchange.request)
        if body:
            require_json(exchange.request)
        return body
