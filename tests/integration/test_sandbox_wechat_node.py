"""The simulated WeChat Pay believes, and is believed by, a library of another language that knows nothing of ours."""

import asyncio
import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.integration.wechat_sandbox import (
    API_KEY,
    APP_ID,
    MCH_ID,
    PUBLIC_KEY_ID,
    SERIAL_NO,
    Sandbox,
    private_pem,
    public_pem,
    running,
)

LIBRARY = "wechatpay-axios-plugin@0.9.6"
SCRIPT = Path(__file__).parent / "wechat_node.cjs"
INSTALL_SECONDS = 120
RUN_SECONDS = 30

pytestmark = [
    pytest.mark.downloads,
    pytest.mark.skipif(not (shutil.which("npm") and shutil.which("node")), reason="there is no Node.js with npm here"),
]


async def run(*command: str, seconds: float, **environment: str) -> tuple[int | None, str, str]:
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


@pytest.fixture(scope="module")
async def modules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the library is installed, for these tests alone and without running any of its scripts."""
    folder = tmp_path_factory.mktemp("node")
    options = ("--prefix", str(folder), "--ignore-scripts", "--no-audit", "--no-fund", "--no-save")
    status, _, complaint = await run("npm", "install", *options, LIBRARY, seconds=INSTALL_SECONDS)
    if status != 0:
        pytest.skip(f"{LIBRARY} cannot be had from the npm registry: {complaint[-200:]}")
    return folder / "node_modules"


async def told(sandbox: Sandbox, modules: Path, api: str) -> dict[str, Any]:
    given = {
        "api": api,
        "sandbox": sandbox.url,
        "mchid": MCH_ID,
        "appid": APP_ID,
        "serial": SERIAL_NO,
        "privateKey": private_pem("merchant"),
        "publicKeyId": PUBLIC_KEY_ID,
        "publicKey": public_pem("platform"),
        "apiKey": API_KEY,
        "notifyUrl": sandbox.notify_url,
    }
    command = ("node", str(SCRIPT), json.dumps(given))
    status, answer, complaint = await run(*command, seconds=RUN_SECONDS, NODE_PATH=str(modules))
    assert status == 0, complaint
    decoded: dict[str, Any] = json.loads(answer)
    return decoded


async def test_another_library_pays_and_refunds_in_api_v3(tmp_path: Path, modules: Path) -> None:
    """It signs each request and checks the signature and the time of each answer."""
    async with running(tmp_path) as sandbox:
        answer = await told(sandbox, modules, "v3")
        assert answer["code"].startswith("weixin://wxpay/bizpayurl?pr=")
        assert (answer["state"], answer["refund"]) == ("SUCCESS", 49)


async def test_another_library_pays_in_api_v2(tmp_path: Path, modules: Path) -> None:
    """It signs each request and checks the signature of each answer."""
    async with running(tmp_path) as sandbox:
        answer = await told(sandbox, modules, "v2")
        assert answer["code"].startswith("weixin://wxpay/bizpayurl?pr=")
        assert (answer["state"], answer["fee"]) == ("SUCCESS", "5949")
