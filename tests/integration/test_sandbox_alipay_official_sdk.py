"""Alipay's own SDK against the simulated Alipay: a second opinion on what is signed, and how.

It runs in processes of its own, because its package has the name of the one that the service uses.
"""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import PrivateFormat

from tests.documents import PNG
from tests.integration.alipay_sandbox import (
    ALIPAY_KEY,
    APP_ID,
    MERCHANT_KEY,
    Sandbox,
    bare,
    private_pem,
    public_pem,
    running,
)

WHEELS = ("alipay-sdk-python==3.7.1411", "rsa==4.9.1", "pyasn1==0.6.1")
DOWNLOAD_SECONDS = 15
SHOP = """
import json, sys
from http.client import HTTPConnection
from urllib.parse import urlsplit
import Cryptodome.Cipher.AES
for name in ("", ".Cipher", ".Cipher.AES"):
    sys.modules["Crypto" + name] = sys.modules["Cryptodome" + name]

from alipay.aop.api.AlipayClientConfig import AlipayClientConfig
from alipay.aop.api.DefaultAlipayClient import DefaultAlipayClient
from alipay.aop.api.domain.AlipayTradePagePayModel import AlipayTradePagePayModel
from alipay.aop.api.domain.AlipayTradeQueryModel import AlipayTradeQueryModel
from alipay.aop.api.domain.AlipayTradeRefundModel import AlipayTradeRefundModel
from alipay.aop.api.FileItem import FileItem
from alipay.aop.api.domain.AlipayMerchantTradecomplainQueryModel import AlipayMerchantTradecomplainQueryModel
from alipay.aop.api.domain.AlipayMerchantTradecomplainReplySubmitModel import (
    AlipayMerchantTradecomplainReplySubmitModel,
)
from alipay.aop.api.domain.AlipaySecurityRiskComplaintInfoQueryModel import AlipaySecurityRiskComplaintInfoQueryModel
from alipay.aop.api.domain.AlipaySecurityRiskComplaintProcessFinishModel import (
    AlipaySecurityRiskComplaintProcessFinishModel,
)
from alipay.aop.api.domain.ImgFile import ImgFile
from alipay.aop.api.request.AlipayMerchantImageUploadRequest import AlipayMerchantImageUploadRequest
from alipay.aop.api.request.AlipayMerchantTradecomplainFeedbackSubmitRequest import (
    AlipayMerchantTradecomplainFeedbackSubmitRequest,
)
from alipay.aop.api.request.AlipayMerchantTradecomplainQueryRequest import AlipayMerchantTradecomplainQueryRequest
from alipay.aop.api.request.AlipayMerchantTradecomplainReplySubmitRequest import (
    AlipayMerchantTradecomplainReplySubmitRequest,
)
from alipay.aop.api.request.AlipaySecurityRiskComplaintFileUploadRequest import (
    AlipaySecurityRiskComplaintFileUploadRequest,
)
from alipay.aop.api.request.AlipaySecurityRiskComplaintInfoQueryRequest import (
    AlipaySecurityRiskComplaintInfoQueryRequest,
)
from alipay.aop.api.request.AlipaySecurityRiskComplaintProcessFinishRequest import (
    AlipaySecurityRiskComplaintProcessFinishRequest,
)
from alipay.aop.api.request.AlipayTradePagePayRequest import AlipayTradePagePayRequest
from alipay.aop.api.request.AlipayTradeQueryRequest import AlipayTradeQueryRequest
from alipay.aop.api.request.AlipayTradeRefundRequest import AlipayTradeRefundRequest
from alipay.aop.api.util import WebUtils
from alipay.aop.api.util.SignatureUtils import get_sign_content, verify_with_rsa


def connection_with_port(url, query, timeout):
    parts = urlsplit(url)
    return parts.path + "?" + query, HTTPConnection(parts.hostname, parts.port, timeout=timeout)


# It cannot say a port by itself.
WebUtils.get_http_connection = connection_with_port
asked = json.load(sys.stdin)
config = AlipayClientConfig()
config.server_url = asked["url"] + "/alipay/gateway.do"
config.app_id = asked["app_id"]
config.app_private_key = asked["private_key"]
config.alipay_public_key = asked["public_key"]
client = DefaultAlipayClient(config)


def model(kind, **fields):
    made = kind()
    for name, value in fields.items():
        setattr(made, name, value)
    return made


def execute(kind, made):
    return json.loads(client.execute(kind(biz_model=made)))


def page_url():
    order = model(
        AlipayTradePagePayModel,
        out_trade_no="order_1", total_amount="88.88", subject="\u8336 {hot}", product_code="FAST_INSTANT_TRADE_PAY",
    )
    request = AlipayTradePagePayRequest(biz_model=order)
    request.notify_url = asked["notify_url"]
    return client.page_execute(request, http_method="GET")


def calls():
    refund = model(
        AlipayTradeRefundModel,
        out_trade_no="order_1", refund_amount="8.88", out_request_no="r1", refund_reason="\u8336 {cold/}",
    )
    return [
        execute(AlipayTradeQueryRequest, model(AlipayTradeQueryModel, out_trade_no="order_1")),
        execute(AlipayTradeRefundRequest, refund),
        execute(AlipayTradeQueryRequest, model(AlipayTradeQueryModel, out_trade_no="order_2")),
    ]


def complaint():
    number, image = asked["complaint"], bytes.fromhex(asked["image"])
    upload = model(AlipayMerchantImageUploadRequest, image_type="png", image_content=FileItem("evidence.png", image))
    stored = json.loads(client.execute(upload))
    feedback = model(
        AlipayMerchantTradecomplainFeedbackSubmitRequest,
        complain_event_id=number, feedback_code="03", feedback_content="\u5df2\u53d1\u8d27", feedback_images=stored["image_id"],
    )
    reply = model(AlipayMerchantTradecomplainReplySubmitModel, complain_event_id=number, reply_content="\u8336 {hot/}")
    return [
        json.loads(client.execute(feedback)),
        execute(AlipayMerchantTradecomplainReplySubmitRequest, reply),
        execute(
            AlipayMerchantTradecomplainQueryRequest, model(AlipayMerchantTradecomplainQueryModel, complain_event_id=number)
        ),
    ]


def consumers():
    number, image = asked["complaint"], bytes.fromhex(asked["image"])
    upload = model(AlipaySecurityRiskComplaintFileUploadRequest, file_content=FileItem("evidence.png", image))
    stored = json.loads(client.execute(upload))
    file = model(ImgFile, img_url=stored["file_url"], img_url_key=stored["file_key"])
    finish = model(
        AlipaySecurityRiskComplaintProcessFinishModel,
        id_list=[int(number)], process_code="REFUND", remark="\u8336 {cold/}", img_file_list=[file],
    )
    return [
        execute(AlipaySecurityRiskComplaintProcessFinishRequest, finish),
        execute(
            AlipaySecurityRiskComplaintInfoQueryRequest, model(AlipaySecurityRiskComplaintInfoQueryModel, complain_id=number)
        ),
    ]


def verified():
    fields = {name: value for name, value in asked["message"].items() if name not in ("sign", "sign_type")}
    return verify_with_rsa(asked["public_key"], get_sign_content(fields).encode(), asked["message"]["sign"])


parts = [page_url, calls, complaint, consumers, verified]
json.dump({part.__name__: part for part in parts}[asked["what"]](), sys.stdout)
"""


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A search path for modules; pure Python runs from the archives as they are."""
    folder = tmp_path_factory.mktemp("wheels")
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--quiet", "--disable-pip-version-check"]
    try:
        subprocess.run(
            [*command, "--retries", "0", "--dest", str(folder), *WHEELS],
            check=True,
            capture_output=True,
            timeout=DOWNLOAD_SECONDS,
        )
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
        pytest.skip("the official SDK cannot be downloaded: no pip, or no package registry within reach")
    return os.pathsep.join(map(str, folder.glob("*.whl")))


def shop(wheels: str, asked: dict[str, Any]) -> Any:
    """One answer of the official SDK, from a process in Beijing's time zone, whose time it sends as it finds it."""
    environment = {**os.environ, "PYTHONPATH": wheels, "TZ": "CST-8"}
    done = subprocess.run(
        [sys.executable, "-c", SHOP],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        check=False,
        timeout=20,
        env=environment,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def terms_of(sandbox: Sandbox) -> dict[str, Any]:
    return {
        "url": sandbox.url,
        "notify_url": sandbox.notify_url,
        "app_id": APP_ID,
        "private_key": bare(private_pem(MERCHANT_KEY, PrivateFormat.TraditionalOpenSSL)),
        "public_key": bare(public_pem(ALIPAY_KEY)),
    }


@pytest.mark.downloads
async def test_the_official_sdk_pays_queries_refunds_and_verifies(wheels: str, tmp_path: Path) -> None:
    """It refuses replies and notifications whose signature does not hold."""
    async with running(tmp_path) as sandbox:
        terms = terms_of(sandbox)
        url = await asyncio.to_thread(shop, wheels, {**terms, "what": "page_url"})
        assert (await sandbox.pay(url=url))["status"] == "TRADE_SUCCESS"
        trade, refund, unknown = await asyncio.to_thread(shop, wheels, {**terms, "what": "calls"})
        assert (trade["trade_status"], trade["total_amount"]) == ("TRADE_SUCCESS", "88.88")
        assert (refund["fund_change"], refund["refund_fee"]) == ("Y", "8.88")
        assert unknown["sub_code"] == "ACQ.TRADE_NOT_EXIST"
        message = await sandbox.inbox.wait_for("TRADE_SUCCESS")
        assert message["subject"] == "茶 {hot}"
        assert await asyncio.to_thread(shop, wheels, {**terms, "what": "verified", "message": message})


@pytest.mark.downloads
async def test_the_official_sdk_answers_complaints(wheels: str, tmp_path: Path) -> None:
    """Of both kinds, with images, whose fields it puts where its models have them; it verifies the message by the text without `sign_type`."""
    async with running(tmp_path) as sandbox:
        terms = {**terms_of(sandbox), "image": PNG.hex()}
        trade_no = await sandbox.paid()
        body = {"gateway": "alipay", "gateway_payment_id": trade_no}
        complaint = (await sandbox.control("POST", "disputes", body))["id"]
        asked = {**terms, "what": "complaint", "complaint": complaint}
        feedback, reply, shown = await asyncio.to_thread(shop, wheels, asked)
        assert (feedback["code"], reply["code"], shown["status"]) == ("10000", "10000", "MERCHANT_FEEDBACKED")
        said = [(each["content"], len(each["images"])) for each in shown["reply_detail_infos"]]
        assert said == [("已发货", 1), ("茶 {hot/}", 0)]
        message = await sandbox.inbox.wait_for("alipay.merchant.tradecomplain.changed")
        assert await asyncio.to_thread(shop, wheels, {**terms, "what": "verified", "message": message})
        consumers = (await sandbox.control("POST", "alipay/complaints", {"gateway_payment_id": trade_no}))["id"]
        finished, seen = await asyncio.to_thread(shop, wheels, {**terms, "what": "consumers", "complaint": consumers})
        assert finished["complaint_process_success"] is True
        assert (seen["status"], seen["process_remark"], len(seen["process_img_url_list"])) == (
            "PROCESSED",
            "茶 {cold/}",
            1,
        )
