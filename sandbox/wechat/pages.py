"""The pages that stand for the customer's WeChat: what a scanned code opens, and the H5 checkout."""

from html import escape
from urllib.parse import parse_qs, quote, urlsplit

from aiohttp import web

from sandbox.hosted_page import PAGE_HEADERS, hosted_page
from sandbox.state.database import Database
from sandbox.wechat.calls.customer import can_pay, decline, pay
from sandbox.wechat.ledger import Archive, Ledger
from sandbox.wechat.merchants import Merchants
from sandbox.wechat.records.order import CODE_URL, STATE_DESCRIPTIONS, Order, TradeState

QR_PATH = "/qr"
H5_PATH = "/cgi-bin/mmpayweb-bin/checkmweb"
_OUTCOMES = ("succeed", "fail")
_TITLES: dict[TradeState, str] = {
    "NOTPAY": "Not paid yet",
    "SUCCESS": "Paid",
    "REFUND": "Refunded",
    "CLOSED": "Closed",
    "PAYERROR": "Declined",
}
_CODE = """<p>A phone would scan this code:</p>
<p><code>{code_url}</code></p>
"""
_CHECKOUT = """<p>This page stands for the customer's WeChat.</p>
{code}<p>Payment of <strong>¥{amount}</strong> for order <strong>{number}</strong></p>
<form method="post">
<button type="submit" name="outcome" value="succeed">Pay</button>
<button type="submit" name="outcome" value="fail">Decline</button>
</form>"""


def h5_url(base_url: str, order: Order) -> str:
    """Where an H5 order is paid; merchants append `&redirect_url=...`."""
    return f"{base_url}{H5_PATH}?prepay_id={order.prepay_id}"


def qr_url(base_url: str, order: Order) -> str:
    """The page that stands for a phone's camera over the order's code."""
    return f"{base_url}{QR_PATH}?code_url={quote(order.code_url, safe='')}"


def find_by_address(archive: Archive, merchants: Merchants, url: str) -> tuple[Ledger, Order] | None:
    """The order that a `code_url`, its page or an `h5_url` leads to."""
    address = urlsplit(url)
    query = parse_qs(address.query)
    code_url = url if address.scheme == "weixin" else query.get("code_url", [""])[0]
    if code_url.startswith(CODE_URL):
        return _find(archive, merchants, "$.code", code_url.removeprefix(CODE_URL), "NATIVE")
    return _find(archive, merchants, "$.prepay_id", query.get("prepay_id", [""])[0], "MWEB")


class WechatPages:
    def __init__(self, database: Database, merchants: Merchants, archive: Archive) -> None:
        self._database = database
        self._merchants = merchants
        self._archive = archive

    async def show(self, request: web.Request) -> web.Response:
        found = find_by_address(self._archive, self._merchants, str(request.url))
        if found is None:
            return _unknown()
        ledger, order = found
        if not can_pay(ledger, order):
            return _over(order)
        code = _CODE.format(code_url=escape(order.code_url)) if order.trade_type == "NATIVE" else ""
        content = _CHECKOUT.format(
            code=code, amount=f"{order.total // 100}.{order.total % 100:02d}", number=escape(order.out_trade_no)
        )
        return hosted_page("WeChat Pay", content)

    async def decide(self, request: web.Request) -> web.Response:
        outcome = (await request.post()).get("outcome")
        found = find_by_address(self._archive, self._merchants, str(request.url))
        if found is None:
            return _unknown()
        if outcome not in _OUTCOMES:
            return hosted_page("Unknown outcome", "<p>Choose one of the two buttons.</p>", 400)
        ledger, order = found
        if not can_pay(ledger, order):
            return _over(order)
        with self._database.transaction():
            order = (pay if outcome == "succeed" else decline)(ledger, order)
        back = _redirect_url(request) if order.trade_type == "MWEB" else None
        if back is not None:
            return web.Response(status=303, headers={**PAGE_HEADERS, "Location": back})
        return _end(order, "You can close this page.")


def _redirect_url(request: web.Request) -> str | None:
    """Where the merchant wants the customer after an H5 payment. Source: pay.weixin.qq.com, API v3, H5 order, `redirect_url`."""
    url = request.query.get("redirect_url", "")
    address = urlsplit(url)
    return url if address.scheme in ("http", "https") and address.netloc else None


def _find(
    archive: Archive, merchants: Merchants, path: str, value: str, trade_type: str
) -> tuple[Ledger, Order] | None:
    for merchant in merchants.all():
        ledger = archive.open(merchant)
        order = ledger.order_where(path, value) if value else None
        if order is not None and order.trade_type == trade_type:
            return ledger, order
    return None


def _unknown() -> web.Response:
    return hosted_page("No such order", "<p>No order waits behind this address.</p>", 404)


def _end(order: Order, what_now: str, status: int = 200) -> web.Response:
    said = f'<p lang="zh-CN">{STATE_DESCRIPTIONS[order.state]}</p>'
    return hosted_page(_TITLES[order.state], f"{said}<p>{what_now}</p>", status)


def _over(order: Order) -> web.Response:
    return _end(order, "This order waits for no customer.", 409)
