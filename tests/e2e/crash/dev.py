"""`sycee dev` as a developer runs it, and as whatever kills it finds it."""

import asyncio
import json
import os
import signal
import socket
import struct
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path

from server.commands.dev import prepared
from server.commands.ports import free_ports
from server.commands.running import Development
from tests.e2e.crash.environment import environment_with
from tests.e2e.polling import until

_PORTS = ("HTTP_PORT", "GRPC_PORT", "SANDBOX_PORT", "METRICS_PORT")
_READY_WITHIN_SECONDS = 60
_GONE_WITHIN_SECONDS = 30

# Of a Unix socket's other end: process, user, group.
_CREDENTIALS = struct.Struct("3i")


class Death(Enum):
    """Whom SIGKILL hits."""

    ALL = auto()
    SUPERVISOR = auto()
    SERVER = auto()


@dataclass(frozen=True, slots=True)
class Machine:
    """The directory and the ports of an installation, which outlive it."""

    data_dir: Path
    ports: Mapping[str, int]

    @classmethod
    def of(cls, data_dir: Path) -> "Machine":
        return cls(data_dir, dict(zip(_PORTS, free_ports(len(_PORTS)), strict=True)))

    @property
    def dev_json(self) -> Path:
        return self.data_dir / "dev.json"

    @property
    def socket(self) -> Path:
        settings, _ = prepared(self.environment)
        return Path(settings.socket_target.removeprefix("unix:"))

    @property
    def environment(self) -> dict[str, str]:
        ports = {f"SYCEE_{name}": str(port) for name, port in self.ports.items()}
        return environment_with(ports | {"SYCEE_DATA_DIR": str(self.data_dir), "SYCEE_LOG_LEVEL": "ERROR"})

    @asynccontextmanager
    async def running(self) -> AsyncIterator["DevProcess"]:
        """`sycee dev`, ready; at the end of the block it is killed, if it has not ended before."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "server.cli", "dev"),
            env=self.environment,
            stdout=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
        try:
            await _told_ready(process)
            yield DevProcess(self, process, Development(**json.loads(self.dev_json.read_text())))
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()

    async def listening(self) -> list[str]:
        """The ports that somebody listens on."""
        return [name for name, port in self.ports.items() if _listens(port)]


@dataclass(frozen=True, slots=True)
class DevProcess:
    """A running `sycee dev`."""

    machine: Machine
    process: asyncio.subprocess.Process
    service: Development

    def kill(self, death: Death) -> None:
        """SIGKILL."""
        match death:
            case Death.ALL:
                os.killpg(self.process.pid, signal.SIGKILL)
            case Death.SUPERVISOR:
                self.process.kill()
            case Death.SERVER:
                os.kill(_listener(self.machine.socket), signal.SIGKILL)

    async def gone(self) -> int:
        """Waits until nobody listens on its ports any more; its exit status."""
        async with asyncio.timeout(_GONE_WITHIN_SECONDS):
            status = await self.process.wait()
        await until(self.machine.listening, lambda listening: not listening, _GONE_WITHIN_SECONDS)
        return status


async def _told_ready(process: asyncio.subprocess.Process) -> None:
    assert process.stdout is not None
    async with asyncio.timeout(_READY_WITHIN_SECONDS):
        while line := await process.stdout.readline():
            if line.startswith(b"Ready."):
                return
    raise AssertionError("it ended while it started; what it wrote above says why")


def _listens(port: int) -> bool:
    with socket.socket() as caller:
        return caller.connect_ex(("127.0.0.1", port)) == 0


def _listener(path: Path) -> int:
    """The process behind a Unix socket."""
    with socket.socket(socket.AF_UNIX) as caller:
        caller.connect(str(path))
        credentials = caller.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    process: int = _CREDENTIALS.unpack(credentials)[0]
    return process
