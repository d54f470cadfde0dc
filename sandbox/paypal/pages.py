"""The page where a buyer approves an order, and the others that need no access token: certificates and the post-back of IPNs."""

from html import escape

from aiohttp import web

from sandbox.hosted_page import PAGE_HEADERS, hosted_page
from sandbox.paypal.books import Archive, Books, document_kind
from sandbox.paypal.calls.approval import approve, cancel_address, return_address
from sandbox.paypal.certificates import Certificates
from sandbox.paypal.ipn import digest_of
from sandbox.paypal.money import decimal_text
from sandbox.paypal.records.ipn import Ipn
from sandbox.paypal.records.order import Funding, Order
from sandbox.state.database import Database

DIGEST_PATH = "$.digest"
_FUNDINGS: dict[str, Funding] = {
    "approve": "balance",
    "decline": "declined",
    "echeck": "echeck",
    "returned_echeck": "returned_echeck",
}
_ORDER = """<p>This page stands for PayPal.</p>
<p>{merchant} asks for <strong>{amount}</strong></p>
{lines}
<form method="post">
<button type="submit" name="outcome" value="approve">Pay with PayPal</button>
<button type="submit" name="outcome" value="decline">Pay with a card that will be declined</button>
<button type="submit" name="outcome" value="echeck">Pay by bank transfer, which takes a while</button>
<button type="submit" name="outcome" value="returned_echeck">Pay by a bank transfer that will fail</button>
<button type="submit" name="outcome" value="cancel">Cancel and return to the shop</button>
</form>"""
_VALIDATE = b"cmd=_notify-validate&"


class PaypalPages:
    def __init__(self, database: Database, archive: Archive, certificates: Certificates) -> None:
        self._database = database
        self._archive = archive
        self._certificates = certificates

    async def show_order(self, request: web.Request) -> web.Response:
        found = self._awaiting(request)
        if found is None:
            return _over()
        _, order = found
        lines = "".join(
            f"<p>{escape(text)}</p>" for unit in order.units for text in (unit.description, unit.invoice_id) if text
        )
        content = _ORDER.format(
            merchant=escape(order.brand_name or "A merchant of the sandbox"),
            amount=escape(f"{decimal_text(order.amount, order.currency)} {order.currency}"),
            lines=lines,
        )
        return hosted_page("Pay with PayPal", content)

    async def decide(self, request: web.Request) -> web.Response:
        outcome = (await request.post()).get("outcome")
        found = self._awaiting(request)
        if found is None:
            return _over()
        books, order = found
        if outcome == "cancel":
            return _sent_to(cancel_address(order), "Cancelled")
        funding = _FUNDINGS.get(str(outcome))
        if funding is None:
            return hosted_page("Unknown outcome", "<p>Choose one of the buttons.</p>", 400)
        with self._database.transaction():
            approve(books, order, funding)
            books.flush()
        return _sent_to(return_address(order), "Approved")

    async def show_certificate(self, request: web.Request) -> web.Response:
        """The certificate that signs the webhooks, or the root that has issued it."""
        name = request.match_info["name"]
        if name == "root.pem":
            return web.Response(text=self._certificates.root_pem, content_type="application/x-pem-file")
        if name == self._certificates.name:
            return web.Response(text=self._certificates.signing_pem, content_type="application/x-pem-file")
        return web.Response(status=404)

    async def validate_ipn(self, request: web.Request) -> web.Response:
        """Says whether PayPal has sent just this. Source: PayPal's IPN guide, "implementing an IPN listener"."""
        body = await request.read()
        sent = body.removeprefix(_VALIDATE)
        genuine = body.startswith(_VALIDATE) and any(
            self._archive.documents.matching(merchant.id, document_kind(Ipn), DIGEST_PATH, digest_of(sent))
            for merchant in self._archive.merchants.all()
        )
        return web.Response(text="VERIFIED" if genuine else "INVALID", content_type="text/html")

    def _awaiting(self, request: web.Request) -> tuple[Books, Order] | None:
        id = request.query.get("token", "")
        merchant = self._archive.owner_of(Order, id)
        if merchant is None:
            return None
        books = self._archive.open(merchant)
        order = books.find(Order, id)
        return (books, order) if order is not None and order.awaits_buyer else None


def _sent_to(address: str | None, title: str) -> web.Response:
    if address is not None:
        return web.Response(status=303, headers={**PAGE_HEADERS, "Location": address})
    return hosted_page(title, "<p>You can close this page.</p>")


def _over() -> web.Response:
    return hosted_page(
        "This order is over", "<p>There is no such order, or it does not wait for you any longer.</p>", 404
    )
