"""The sandbox's own pages, and what every page of it says."""

from tests.integration.stripe_sandbox import Sandbox, sandbox

__all__ = ["sandbox"]


async def page(sandbox: Sandbox, path: str) -> tuple[int, str]:
    async with sandbox.http.get(f"{sandbox.url}{path}") as answer:
        assert answer.content_type == "text/html"
        return answer.status, await answer.text()


async def test_the_front_page_leads_to_every_gateways_books(sandbox: Sandbox) -> None:
    """Each link works."""
    status, text = await page(sandbox, "/")
    assert status == 200
    for gateway in ("stripe", "alipay", "wechat", "paypal"):
        link = f"/_control/payments?gateway={gateway}"
        assert f'href="{link}"' in text
        async with sandbox.http.get(f"{sandbox.url}{link}") as books:
            assert books.status == 200


async def test_a_customer_comes_back_to_a_page(sandbox: Sandbox) -> None:
    """Whatever a gateway appended to the address is neither believed nor shown."""
    status, text = await page(sandbox, "/shop?token=<b>&out_trade_no=1")
    assert status == 200
    assert "<b>" not in text
    assert "proves nothing" in text


async def test_every_page_says_that_nothing_is_real(sandbox: Sandbox) -> None:
    """Those that refuse as well."""
    for path in ("/", "/shop", "/stripe/receipts/ch_1", "/alipay/cashier/1/2", "/wechat/qr", "/paypal/checkoutnow"):
        _, text = await page(sandbox, path)
        assert "nothing here moves real money" in text, path
        assert "(sandbox)</title>" in text, path
