"""A bridge in front of a scripted server, one pair for all tests of the bridge."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from aiohttp import ClientSession

from http_bridge.serving import running
from http_bridge.settings import BridgeSettings
from tests.integration.bridge.scripted_server import ScriptedServer

SHOP = "https://shop.example"


@pytest_asyncio.fixture(scope="session")
async def scripted(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[ScriptedServer, str]]:
    script = ScriptedServer()
    target = f"unix:{tmp_path_factory.mktemp('grpc') / 's.sock'}"
    server = await script.start(target)
    yield script, target
    await server.stop(None)


@pytest_asyncio.fixture(scope="session")
async def bridge_port(scripted: tuple[ScriptedServer, str]) -> AsyncIterator[int]:
    settings = BridgeSettings(
        grpc_target=scripted[1],
        port=0,
        cors_origins=frozenset({SHOP}),
        drain_timeout_seconds=1.0,
    )
    async with running(settings) as port:
        yield port


@pytest.fixture
def server(scripted: tuple[ScriptedServer, str]) -> ScriptedServer:
    scripted[0].reset()
    return scripted[0]


@pytest_asyncio.fixture
async def http(bridge_port: int) -> AsyncIterator[ClientSession]:
    async with ClientSession(f"http://127.0.0.1:{bridge_port}") as session:
        yield session
