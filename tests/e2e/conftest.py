"""The whole service for tests from outside: its processes, on free ports of this machine, with a data directory of its own; and callers of it."""

import json
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import aiohttp
import grpc
import pytest
import pytest_asyncio

from server.commands.customer import Customer
from server.commands.dev import development
from server.commands.ports import free_ports
from server.commands.rest_client import RestClient
from server.commands.running import Development
from server.commands.sandbox_client import SandboxClient
from server.processes.group import ProcessFailed
from sycee.v1.payment_service_pb2_grpc import PaymentServiceStub
from tests.e2e.installation import SHOP, Installation, writing_to
from tests.e2e.mall import Mall
from tests.e2e.pens.gateways import pens

if TYPE_CHECKING:
    # In the types only: at run time one class serves both kinds of channel.
    from sycee.v1.payment_service_pb2_grpc import PaymentServiceAsyncStub

_PORTS = ("HTTP_PORT", "GRPC_PORT", "SANDBOX_PORT")

# Nothing here takes this long; a call that hangs fails its test and not the whole run.
_CALLS_END_WITHIN_SECONDS = 30
_CHANNEL_OPTIONS = (
    (
        "grpc.service_config",
        json.dumps({"methodConfig": [{"name": [{}], "timeout": f"{_CALLS_END_WITHIN_SECONDS}s"}]}),
    ),
)


@pytest.fixture(scope="session")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """Where the service keeps its things and writes its logs, and how it is set up."""
    folder = tmp_path_factory.mktemp("service")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SYCEE_")}
    environment |= {f"SYCEE_{name}": str(port) for name, port in zip(_PORTS, free_ports(len(_PORTS)), strict=True)}
    environment |= {
        "SYCEE_DATA_DIR": str(folder / "data"),
        "SYCEE_CORS_ORIGINS": SHOP,
        # As short as a busy machine allows: tests wait for it where answers are lost.
        "SYCEE_GATEWAY_TIMEOUT_SECONDS": "1.5",
        # The most that it could ever say; a test looks for secrets in it.
        "SYCEE_LOG_LEVEL": "DEBUG",
    }
    return Installation(data_dir=folder / "data", log=folder / "log", environment=environment)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def service(installation: Installation) -> AsyncIterator[Development]:
    """A development service, started when the first test asks for it and shared by all."""
    async with AsyncExitStack() as running:
        try:
            with writing_to(installation.log):
                started = await running.enter_async_context(development(installation.environment))
        except ProcessFailed as failed:
            failed.add_note(installation.log.read_text())
            raise
        yield started


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_CALLS_END_WITHIN_SECONDS)) as session:
        yield session


@pytest.fixture(scope="session")
def rest(service: Development, http: aiohttp.ClientSession) -> RestClient:
    """The REST API, called with the secret key."""
    return RestClient(http, service.http, service.secret_key)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def channel(service: Development) -> AsyncIterator[grpc.aio.Channel]:
    async with grpc.aio.insecure_channel(service.grpc, options=_CHANNEL_OPTIONS) as channel:
        yield channel


@pytest.fixture(scope="session")
def payments(channel: grpc.aio.Channel) -> "PaymentServiceAsyncStub":
    """The gRPC API; calls bring their credential as metadata."""
    return PaymentServiceStub(channel)


@pytest.fixture(scope="session")
def sandbox(service: Development, http: aiohttp.ClientSession) -> SandboxClient:
    """The simulated Stripe's own truth, and what can be made happen there."""
    return SandboxClient(http, service.sandbox)


@pytest.fixture(scope="session")
def mall(
    service: Development,
    installation: Installation,
    http: aiohttp.ClientSession,
    rest: RestClient,
    sandbox: SandboxClient,
) -> Mall:
    """The mall of the development's merchant, with the pens of its gateways."""
    return Mall(
        user=rest.by(service.user_token),
        admin=rest.by(service.admin_token),
        operator=rest,
        nobody=rest.by(None),
        sandbox=sandbox,
        customer=Customer(http, service.sandbox),
        pens=pens(installation.data_dir, service.sandbox),
    )
