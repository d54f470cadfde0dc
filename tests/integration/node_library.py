"""Libraries of Node.js, downloaded for the tests that run them, and what they say."""

import asyncio
import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

_INSTALL_SECONDS = 120
_RUN_SECONDS = 30

needs_node = pytest.mark.skipif(
    not (shutil.which("npm") and shutil.which("node")), reason="there is no Node.js with npm here"
)


async def _run(*command: str, seconds: float, **environment: str) -> tuple[int | None, str, str]:
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, **environment},
    )
    try:
        async with asyncio.timeout(seconds):
            out, err = await process.communicate()
    except TimeoutError:
        process.kill()
        await process.communicate()
        return None, "", "it took too long"
    return process.returncode, out.decode(), err.decode()


async def installed(library: str, folder: Path) -> Path:
    """Where a library, such as `name@1.2.3`, is then: without having run any of its scripts. Skips the test where it cannot be had."""
    options = ("--prefix", str(folder), "--ignore-scripts", "--no-audit", "--no-fund", "--no-save")
    status, _, complaint = await _run("npm", "install", *options, library, seconds=_INSTALL_SECONDS)
    if status != 0:
        pytest.skip(f"{library} cannot be had from the npm registry: {complaint[-200:]}")
    return folder / "node_modules"


async def told(script: Path, modules: Path, given: Mapping[str, object], **environment: str) -> dict[str, Any]:
    """What a script that is given this prints, which is JSON."""
    command = ("node", str(script), json.dumps(given))
    status, answer, complaint = await _run(*command, seconds=_RUN_SECONDS, NODE_PATH=str(modules), **environment)
    assert status == 0, complaint
    decoded: dict[str, Any] = json.loads(answer)
    return decoded
