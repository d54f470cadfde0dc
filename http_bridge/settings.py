"""What a bridge is told when it is made; reading the environment is the composition root's part."""

from dataclasses import dataclass
from typing import Final

MEBIBYTE: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class BridgeSettings:
    """`grpc_target` is the server's address: `unix:/path/to.sock` or `host:port`. Port 0 takes a free one."""

    grpc_target: str
    host: str = "127.0.0.1"
    port: int = 8080
    # Origins whose pages may call, such as `https://shop.example`; `*` allows all.
    cors_origins: frozenset[str] = frozenset()
    mall_time_zone: str = "Asia/Shanghai"
    # Longer than the server waits for a gateway, so that its answer about an unknown outcome arrives.
    call_timeout_seconds: float = 60.0
    stream_timeout_seconds: float = 3600.0
    # In how long a body, once begun, must be there.
    body_timeout_seconds: float = 30.0
    file_timeout_seconds: float = 120.0
    # How long a connection may stay idle, or its headers incomplete; above the 60 seconds of usual reverse proxies.
    keepalive_timeout_seconds: float = 75.0
    # How long requests that run may take to end after a stop.
    drain_timeout_seconds: float = 30.0
    max_body_bytes: int = MEBIBYTE
    max_file_bytes: int = 6 * MEBIBYTE
    max_header_bytes: int = 16 * 1024
    # Uploads are held in memory, so that their parts may come in any order; this many at a time.
    max_uploads: int = 8
    # How many reverse proxies in front append to `X-Forwarded-For`; 0 takes the connection's own address.
    trusted_proxies: int = 0
    # The URL under which the gRPC server shows its own metrics, if it does; they are appended to the bridge's.
    server_metrics_url: str | None = None
    # Several bridges on one port, a process each.
    reuse_port: bool = False
