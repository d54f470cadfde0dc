"""The whole service for tests from outside: its processes, on free ports of this machine, with a data directory of its own."""

import os
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from server.commands.dev import Development, development
from server.commands.ports import free_ports

_PORTS = ("HTTP_PORT", "GRPC_PORT", "SANDBOX_PORT")


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def service(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Development]:
    """A development service, started when the first test asks for it and shared by all."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SYCEE_")}
    environment |= {f"SYCEE_{name}": str(port) for name, port in zip(_PORTS, free_ports(len(_PORTS)), strict=True)}
    environment |= {"SYCEE_DATA_DIR": str(tmp_path_factory.mktemp("service")), "SYCEE_LOG_LEVEL": "WARNING"}
    async with development(environment) as service:
        yield service
