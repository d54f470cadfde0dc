"""Envoy's transcoder, which knows nothing of us, reads the exported contract and finds the same routes."""

import itertools
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio
from google.protobuf.descriptor import EnumValueDescriptor
from yarl import URL

from scripts.export import write_image
from tests.contract.echo import Echo, running_echo
from tests.contract.envoy_process import running_envoy
from tests.contract.routes import VARIABLE, Route, routes
from tests.contract.samples import sample
from tests.contract.sources import methods, short_name

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


@pytest.mark.parametrize("route", ROUTES, ids=str)
async def test_envoy_brings_every_field_to_the_right_rpc(
    route: Route, envoy: aiohttp.ClientSession, echo: Echo
) -> None:
    """Path, query and body of a request with every field arrive as the message with every field."""
    sent = sample(route, proto_name)
    url = URL(sent.url, encoded=True)
    async with envoy.request(route.verb, url, data=sent.body, headers=sent.headers) as reply:
        assert reply.status == 200, await reply.text()
        await reply.read()
    assert echo.take() == [(short_name(route.rpc), sent.message)]


async def test_envoy_knows_no_other_method(envoy: aiohttp.ClientSession, echo: Echo) -> None:
    """A known path with a method that the protos do not declare for it reaches no RPC."""
    for verb, path in itertools.product(VERBS, sorted({route.path for route in ROUTES})):
        if any(route.verb == verb and route.crosses(path) for route in ROUTES):
            continue
        async with envoy.request(verb, URL(VARIABLE.sub("1", path), encoded=True)) as reply:
            assert reply.status == 404, f"{verb} {path}"
    assert echo.take() == []
