"""The simulated WeChat Pay believes, and is believed by, a library of another language that knows nothing of ours."""

from pathlib import Path
from typing import Any

import pytest

from tests.integration.node_library import installed, needs_node, told
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

pytestmark = [pytest.mark.downloads, needs_node]


@pytest.fixture(scope="module")
async def modules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return await installed(LIBRARY, tmp_path_factory.mktemp("node"))


async def said(sandbox: Sandbox, modules: Path, api: str) -> dict[str, Any]:
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
    return await told(SCRIPT, modules, given)


async def test_another_library_pays_and_refunds_in_api_v3(tmp_path: Path, modules: Path) -> None:
    """It signs each request and checks the signature and the time of each answer."""
    async with running(tmp_path) as sandbox:
        answer = await said(sandbox, modules, "v3")
        assert answer["code"].startswith("weixin://wxpay/bizpayurl?pr=")
        assert (answer["state"], answer["refund"]) == ("SUCCESS", 49)


async def test_another_library_pays_in_api_v2(tmp_path: Path, modules: Path) -> None:
    """It signs each request and checks the signature of each answer."""
    async with running(tmp_path) as sandbox:
        answer = await said(sandbox, modules, "v2")
        assert answer["code"].startswith("weixin://wxpay/bizpayurl?pr=")
        assert (answer["state"], answer["fee"]) == ("SUCCESS", "5949")
