"""`sycee demo`: takes payments through a service of its own and the sandbox, over gRPC and REST, and shows what happened."""

import os
import sys
import tempfile
import time
from pathlib import Path

import aiohttp
import grpc

from server.commands.demo_client import DemoClient
from server.commands.demo_line import Shown
from server.commands.demo_scenes import SCENES
from server.commands.dev import development
from server.commands.ports import free_ports
from server.commands.running import Development
from server.commands.tables import table
from server.settings import PREFIX

_HEADINGS = ("scene", "over", "answer", "what became of it", "at the gateway")


async def demo() -> int:
    """Plays every scene; 0 when each ended as it should and the gateway's books agree with ours."""
    with tempfile.TemporaryDirectory(prefix="sycee-demo-") as data_dir:
        environment = _environment(Path(data_dir))
        _say("Starting the service on embedded SQLite, with the sandbox in place of the gateways ...")
        started = time.monotonic()
        async with development(environment) as service:
            _say(
                f"Ready after {time.monotonic() - started:.1f} s: gRPC {service.grpc}, REST {service.http}, sandbox {service.sandbox}\n"
            )
            shown = await _play(service)
    _say(
        "\n"
        + table(
            _HEADINGS,
            [[line.told.scene, line.told.over, line.told.answer, line.became, line.at_gateway] for line in shown],
        )
    )
    wrong = [line for line in shown if not line.right]
    for line in wrong:
        _say(f"WRONG: {line.told.scene}: {line.told.answer}, {line.became}, {line.at_gateway}")
    _say(
        "\nSomething is wrong; see above."
        if wrong
        else "\nEvery payment ended as it should, and the gateway's own books agree with ours to the cent."
    )
    return 1 if wrong else 0


async def _play(service: Development) -> list[Shown]:
    shown: list[Shown] = []
    async with (
        grpc.aio.insecure_channel(service.grpc) as channel,
        aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=60)) as http,
    ):
        client = DemoClient(channel, http, service)
        for number, scene in enumerate(SCENES, start=1):
            _say(f"  {number:>{len(str(len(SCENES)))}}/{len(SCENES)}  {(scene.__doc__ or '').strip()}")
            shown.extend(await scene(client))
    return shown


def _environment(data_dir: Path) -> dict[str, str]:
    """Nothing of the caller's settings gets in: the demo's test cards must never reach a real gateway, nor its payments a real database."""
    http, rpc, sandbox = free_ports(3)
    return {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)} | {
        "SYCEE_HOST": "127.0.0.1",
        "SYCEE_DATA_DIR": str(data_dir),
        "SYCEE_HTTP_PORT": str(http),
        "SYCEE_GRPC_PORT": str(rpc),
        "SYCEE_SANDBOX_PORT": str(sandbox),
        "SYCEE_GATEWAY_TIMEOUT_SECONDS": "2",
        "SYCEE_LOG_LEVEL": "ERROR",
    }


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
