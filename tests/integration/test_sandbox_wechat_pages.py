"""The pages that stand for a customer's WeChat, without scripts and without other addresses."""

import re
from urllib.parse import quote

import pytest
from wechatpayv3 import WeChatPayType

from tests.integration.wechat_sandbox import Sandbox, sandbox

__all__ = ["sandbox"]

H5_SCENE = {"payer_client_ip": "14.23.150.211", "h5_info": {"type": "Wap"}}


async def page(sandbox: Sandbox, url: str, outcome: str | None = None) -> tuple[int, str, str | None]:
    """What a browser gets, or gets after a button: status, text and where it is led."""
    method, data = ("GET", None) if outcome is None else ("POST", {"outcome": outcome})
    async with sandbox.http.request(method, url, data=data, allow_redirects=False) as answer:
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"] or answer.status == 303
        return answer.status, await answer.text(), answer.headers.get("Location")


async def qr_page(sandbox: Sandbox, out_trade_no: str, total: int = 5949) -> str:
    _, placed = await sandbox.place(out_trade_no, total)
    return f"{sandbox.url}/wechat/qr?code_url={quote(placed['code_url'], safe='')}"


async def h5_page(sandbox: Sandbox, out_trade_no: str) -> str:
    _, placed = await sandbox.place(out_trade_no, pay_type=WeChatPayType.H5, scene_info=H5_SCENE)
    return str(placed["h5_url"])


async def test_the_code_s_page_shows_what_is_to_be_paid(sandbox: Sandbox) -> None:
    """The code, the amount, the order, and two buttons; looking changes nothing."""
    url = await qr_page(sandbox, "page-1")
    status, text, _ = await page(sandbox, url)
    assert status == 200
    assert "weixin://wxpay/bizpayurl?pr=" in text
    assert "¥59.49" in text
    assert "page-1" in text
    assert re.findall(r'value="(\w+)"', text) == ["succeed", "fail"]
    assert "<script" not in text
    assert (await sandbox.order("page-1"))["trade_state"] == "NOTPAY"


@pytest.mark.parametrize(("outcome", "state"), [("succeed", "SUCCESS"), ("fail", "PAYERROR")])
async def test_a_button_pays_or_declines_once(sandbox: Sandbox, outcome: str, state: str) -> None:
    """A second press finds nothing to do."""
    url = await qr_page(sandbox, "page-2")
    assert (await page(sandbox, url, outcome))[0] == 200
    assert (await sandbox.order("page-2"))["trade_state"] == state
    assert (await page(sandbox, url, "succeed"))[0] == 409
    assert (await page(sandbox, url))[0] == 409
    assert (await sandbox.order("page-2"))["trade_state"] == state


@pytest.mark.parametrize("outcome", ["succeed", "fail"])
async def test_an_h5_customer_comes_back_to_the_merchant(sandbox: Sandbox, outcome: str) -> None:
    """Whatever the outcome, to the address that the merchant appended, query and all."""
    back = "https://shop.example/return?order=page-3&step=2"
    url = f"{await h5_page(sandbox, 'page-3')}&redirect_url={quote(back, safe='')}"
    assert (await page(sandbox, url))[0] == 200
    status, _, location = await page(sandbox, url, outcome)
    assert (status, location) == (303, back)


@pytest.mark.parametrize("back", ["", "javascript:alert(1)", "/elsewhere", "https:"])
async def test_only_web_addresses_are_returned_to(sandbox: Sandbox, back: str) -> None:
    """Without one the page itself says how it ended."""
    url = f"{await h5_page(sandbox, 'page-4')}&redirect_url={quote(back, safe='')}"
    status, text, location = await page(sandbox, url, "succeed")
    assert (status, location) == (200, None)
    assert "支付成功" in text


async def test_an_unknown_address_is_not_found(sandbox: Sandbox) -> None:
    """Neither a code nor a prepay id can be guessed, and each opens its own page only."""
    await sandbox.place("page-5", pay_type=WeChatPayType.JSAPI, payer={"openid": "o"})
    prepay_id = (await sandbox.payment("page-5"))["gateway_payment_id"]
    for path in (
        "qr?code_url=weixin%3A%2F%2Fwxpay%2Fbizpayurl%3Fpr%3Dnothing",
        "qr?code_url=",
        "qr",
        f"qr?code_url={prepay_id}",
        f"cgi-bin/mmpayweb-bin/checkmweb?prepay_id={prepay_id}",
        "cgi-bin/mmpayweb-bin/checkmweb",
    ):
        assert (await page(sandbox, f"{sandbox.url}/wechat/{path}"))[0] == 404, path
        assert (await page(sandbox, f"{sandbox.url}/wechat/{path}", "succeed"))[0] == 404, path


async def test_an_unknown_button_does_nothing(sandbox: Sandbox) -> None:
    """400, and the order waits on."""
    url = await qr_page(sandbox, "page-6")
    assert (await page(sandbox, url, "perhaps"))[0] == 400
    assert (await sandbox.order("page-6"))["trade_state"] == "NOTPAY"


async def test_a_control_call_takes_any_of_the_addresses(sandbox: Sandbox) -> None:
    """The code's text, its page, and the H5 page."""
    url = await qr_page(sandbox, "page-7")
    assert (await sandbox.pay(url=url))["status"] == "SUCCESS"
    assert (await sandbox.pay(url=await h5_page(sandbox, "page-8")))["status"] == "SUCCESS"
    status, answer = await sandbox.control_raw(
        "POST", "pay", {"gateway": "wechat", "url": "weixin://wxpay/bizpayurl?pr=x", "outcome": "succeed"}
    )
    assert (status, answer) == (404, {"error": {"message": "no such payment at wechat"}})
