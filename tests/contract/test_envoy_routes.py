"""Envoy's transcoder, which knows nothing of us, reads the exported contract and finds the routes that our bridge serves."""

import itertools
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import aiohttp
import orjson
import pytest
import pytest_asyncio
from google.protobuf.descriptor import EnumValueDescriptor
from google.protobuf.message import Message
from yarl import URL

from http_bridge.serving import running
from http_bridge.settings import BridgeSettings
from scripts.export import write_image
from sycee.v1 import options_pb2
from tests.contract.echo import Echo, running_echo
from tests.contract.envoy_process import running_envoy
from tests.contract.routes import VARIABLE, Route, routes
from tests.contract.samples import MULTIPART_HEADERS, Sample, multipart, sample
from tests.contract.sources import methods, short_name, word

ROUTES = list(routes())
VERBS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def proto_name(value: EnumValueDescriptor) -> str:
    """A stock transcoder speaks of enum values by their names in the proto."""
    return value.name


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def echo() -> AsyncIterator[Echo]:
    async with running_echo() as echo:
        yield echo


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def envoy(echo: Echo, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[aiohttp.ClientSession]:
    """A client of an Envoy that has the exported image and nothing else of ours."""
    folder: Path = tmp_path_factory.mktemp("envoy")
    image = write_image(folder / "protos.binpb")
    services = {method.containing_service.full_name for method in methods()}
    with running_envoy(folder, image, services, echo.address) as base_url:
        async with aiohttp.ClientSession(base_url) as client:
            yield client


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def bridge(echo: Echo) -> AsyncIterator[aiohttp.ClientSession]:
    """A client of our own bridge in front of the same server."""
    async with (
        running(BridgeSettings(grpc_target=echo.address, port=0)) as port,
        aiohttp.ClientSession(f"http://127.0.0.1:{port}") as client,
    ):
        yield client


async def calls_of(sent: Sample, verb: str, client: aiohttp.ClientSession, echo: Echo) -> list[tuple[str, Message]]:
    """The RPCs that a request reached, with what arrived there."""
    echo.take()
    url = URL(sent.url, encoded=True)
    async with client.request(verb, url, data=sent.body, headers=sent.headers) as reply:
        assert reply.ok, await reply.text()
        await reply.read()
    return echo.take()


@pytest.mark.parametrize("route", ROUTES, ids=str)
async def test_envoy_brings_every_field_to_the_right_rpc(
    route: Route, envoy: aiohttp.ClientSession, echo: Echo
) -> None:
    """Path, query and body of a request with every field arrive as the message with every field."""
    sent = sample(route, proto_name)
    assert await calls_of(sent, route.verb, envoy, echo) == [(short_name(route.rpc), sent.message)]


@pytest.mark.parametrize("route", ROUTES, ids=str)
async def test_the_bridge_agrees_with_envoy(
    route: Route, envoy: aiohttp.ClientSession, bridge: aiohttp.ClientSession, echo: Echo
) -> None:
    """The same request, in the documented words, arrives through the bridge as the same message at the same RPC."""
    theirs = await calls_of(sample(route, proto_name), route.verb, envoy, echo)
    ours = await calls_of(documented_sample(route), route.verb, bridge, echo)
    if route.rest.body == options_pb2.REST_BODY_RAW:
        # The bridge alone passes on the HTTP headers.
        ours[0][1].ClearField("headers")
    # Through the bridge a file's bytes follow, each chunk a message of its own.
    assert ours[: len(theirs)] == theirs


def documented_sample(route: Route) -> Sample:
    """As the documents speak: in lower-case words, and a file in a form."""
    sent = sample(route, word)
    if route.rest.body != options_pb2.REST_BODY_MULTIPART:
        return sent
    [part] = orjson.loads(sent.body)
    return replace(sent, body=multipart({**part["info"], "file": "%PDF-1.7"}), headers=MULTIPART_HEADERS)


async def test_envoy_knows_no_other_method(envoy: aiohttp.ClientSession, echo: Echo) -> None:
    """A known path with a method that the protos do not declare for it reaches no RPC."""
    for verb, path in itertools.product(VERBS, sorted({route.path for route in ROUTES})):
        if any(route.verb == verb and route.crosses(path) for route in ROUTES):
            continue
        async with envoy.request(verb, URL(VARIABLE.sub("1", path), encoded=True)) as reply:
            assert reply.status == 404, f"{verb} {path}"
    assert echo.take() == []
