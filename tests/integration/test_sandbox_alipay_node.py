"""The simulated Alipay believes, and is believed by, Alipay's own SDK for another language."""

from pathlib import Path
from typing import Any

import pytest

from tests.integration.alipay_sandbox import ALIPAY_KEY, APP_ID, MERCHANT_KEY, Sandbox, private_pem, public_pem, running
from tests.integration.node_library import installed, needs_node, told

LIBRARY = "alipay-sdk@4.14.0"
SCRIPT = Path(__file__).parent / "alipay_node.cjs"

pytestmark = [pytest.mark.downloads, needs_node]


@pytest.fixture(scope="module")
async def modules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return await installed(LIBRARY, tmp_path_factory.mktemp("node"))


async def said(sandbox: Sandbox, modules: Path, **more: object) -> dict[str, Any]:
    given = {
        "sandbox": sandbox.url,
        "appId": APP_ID,
        "privateKey": private_pem(MERCHANT_KEY),
        "publicKey": public_pem(ALIPAY_KEY),
        "notifyUrl": sandbox.notify_url,
    }
    # The SDK takes the machine's own time zone, where Alipay means Beijing's.
    return await told(SCRIPT, modules, given | more, TZ="Asia/Shanghai")


async def test_another_sdk_pays_queries_and_refunds(tmp_path: Path, modules: Path) -> None:
    """It signs each request and checks the signature of each answer; and it believes the notification as it came, and no other."""
    async with running(tmp_path) as sandbox:
        assert await said(sandbox, modules) == {"state": "TRADE_SUCCESS", "amount": "59.49", "refunded": "0.49"}
        notification = await sandbox.inbox.wait_for("TRADE_SUCCESS")
        assert notification["subject"] == '茶 "ä" + 1 %'
        assert await said(sandbox, modules, notification=notification) == {"genuine": True}
        forged = {**notification, "total_amount": "0.01"}
        assert await said(sandbox, modules, notification=forged) == {"genuine": False}
