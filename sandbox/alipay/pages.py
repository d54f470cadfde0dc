"""The cashier's page, on which a customer pays or declines, and the page that says why an address cannot be opened."""

from html import escape

from aiohttp import web

from sandbox.alipay.books import Archive, Books
from sandbox.alipay.calls.checkout import Checkout
from sandbox.alipay.errors import TRADE_HAS_SUCCESS, AlipayError
from sandbox.alipay.merchants import Merchants
from sandbox.alipay.money import yuan
from sandbox.alipay.records.authorisation import Authorisation
from sandbox.alipay.records.trade import Trade
from sandbox.hosted_page import PAGE_HEADERS, hosted_page
from sandbox.state.database import Database

_CASHIER = """<p>This page stands for Alipay's cashier.</p>
<p>{subject}</p>
<p><strong>¥{amount}</strong></p>
<form method="post">
<button type="submit" name="outcome" value="succeed">{accept}</button>
<button type="submit" name="outcome" value="fail">Decline</button>
</form>"""
_FOUND = 302


class AlipayPages:
    """`/cashier/{id}/{key}`: a trade's or an authorisation's, which only who has its key can see."""

    def __init__(self, database: Database, merchants: Merchants, archive: Archive) -> None:
        self._database = database
        self._merchants = merchants
        self._archive = archive

    async def show(self, request: web.Request) -> web.Response:
        """Opens the order: from now on Alipay knows of it."""
        checkout = self._checkout(request)
        if checkout is None:
            return _no_such_order()
        try:
            with self._database.transaction():
                checkout.open()
        except AlipayError as refused:
            return error_page(refused)
        return _cashier(checkout.record)

    async def end(self, request: web.Request) -> web.Response:
        outcome = (await request.post()).get("outcome")
        checkout = self._checkout(request)
        if checkout is None:
            return _no_such_order()
        if outcome not in ("succeed", "fail"):
            return hosted_page("Unknown outcome", "<p>Choose one of the two buttons.</p>", 400)
        if outcome == "fail":
            return _left(checkout.record)
        try:
            with self._database.transaction():
                checkout.accept()
        except AlipayError as refused:
            return error_page(refused)
        address = checkout.return_address()
        if address is not None:
            return to_cashier(address)
        return hosted_page("Paid", "<p>You can close this page.</p>")

    def _checkout(self, request: web.Request) -> Checkout | None:
        id, key = request.match_info["id"], request.match_info["key"]
        return find_checkout(self._merchants, self._archive, id, key)


def find_checkout(merchants: Merchants, archive: Archive, id: str, page_key: str) -> Checkout | None:
    kinds: tuple[type[Trade | Authorisation], ...] = (Trade, Authorisation)
    for kind in kinds:
        owner = archive.documents.owner_of(kind.KIND, id)
        merchant = merchants.by_id(owner) if owner is not None else None
        if merchant is not None:
            books: Books = archive.open(merchant)
            record = books.find(kind, id)
            return Checkout(books, record) if record is not None and record.page_key == page_key else None
    return None


def to_cashier(address: str) -> web.Response:
    return web.Response(status=_FOUND, headers={**PAGE_HEADERS, "Location": address})


def error_page(refused: AlipayError) -> web.Response:
    title = "This order is paid" if refused.sub_code == TRADE_HAS_SUCCESS else "Alipay cannot open this order"
    content = f'<p lang="zh-CN">{escape(refused.sub_msg)}</p><p><code>{escape(refused.sub_code)}</code></p>'
    return hosted_page(title, content, 400)


def _cashier(record: Trade | Authorisation) -> web.Response:
    if isinstance(record, Trade):
        what, amount, accept = record.subject, record.total, "Pay"
    else:
        what, amount, accept = record.title, record.amount, "Freeze"
    return hosted_page("Alipay", _CASHIER.format(subject=escape(what), amount=yuan(amount), accept=accept))


def _left(record: Trade | Authorisation) -> web.Response:
    """A customer who declines has done nothing: the order goes on waiting."""
    if isinstance(record, Trade) and record.quit_url is not None:
        return to_cashier(record.quit_url)
    return hosted_page("Not paid", "<p>Nothing was paid. The order can still be paid until it expires.</p>")


def _no_such_order() -> web.Response:
    return hosted_page("No such order", "<p>Alipay knows no order with this address.</p>", 404)
