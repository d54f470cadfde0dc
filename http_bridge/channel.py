"""The connection to the gRPC server, over a Unix socket or TCP."""

from typing import Final

from grpc import aio

# A server that restarts is found again within a second, rather than in the two minutes to which gRPC's pauses grow.
_OPTIONS: Final = (
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 1000),
    # A reply that is too large to be received would be an unknown outcome; the server bounds its pages.
    ("grpc.max_receive_message_length", -1),
    ("grpc.enable_http_proxy", 0),
)


def connect(target: str) -> aio.Channel:
    """`target`: `unix:/path/to.sock` or `host:port`. Connects when the first call is made."""
    return aio.insecure_channel(target, options=_OPTIONS)
