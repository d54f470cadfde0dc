"""Which kind of call serves a route."""

from google.api.http_pb2 import HttpRule

from http_bridge.calls.call import Rpc
from http_bridge.calls.exchange import Endpoint
from http_bridge.calls.raw import RawCall
from http_bridge.calls.server_stream import ServerStreamCall
from http_bridge.calls.unary import UnaryCall
from http_bridge.calls.upload import UploadCall
from http_bridge.calls.wiring import Wiring
from http_bridge.requests.binding import RequestBinder
from http_bridge.routing.template import Template
from sycee.v1.options_pb2 import REST_BODY_MULTIPART, REST_BODY_RAW


def endpoint_of(rpc: Rpc, rule: HttpRule, template: Template, wiring: Wiring) -> Endpoint:
    """Raises ValueError for a route that no kind of call can serve."""
    if rpc.rest.body == REST_BODY_RAW:
        return RawCall(rpc, rule.body, wiring)
    if rpc.rest.body == REST_BODY_MULTIPART:
        return UploadCall(rpc, wiring)
    if rpc.method.client_streaming:
        raise ValueError(f"{rpc.label} streams its requests, and its route does not say from what")
    binder = RequestBinder(rpc.method.input_type, rule, template, rpc.dialect.codec)
    if rpc.method.server_streaming:
        return ServerStreamCall(rpc, binder, wiring)
    return UnaryCall(rpc, binder, wiring)
