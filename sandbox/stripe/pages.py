"""The pages that a customer opens in a browser: the 3-D Secure challenge and the receipt."""

from html import escape

from aiohttp import web

from sandbox.hosted_page import PAGE_HEADERS, hosted_page
from sandbox.state.database import Database
from sandbox.stripe.books import Archive, Books, document_kind
from sandbox.stripe.calls.authentication import authenticate, return_address
from sandbox.stripe.currencies import formatted
from sandbox.stripe.merchants import Merchants
from sandbox.stripe.records.charge import Charge
from sandbox.stripe.records.payment_intent import PaymentIntent
from sandbox.stripe.records.payment_method import PaymentMethod
from sandbox.stripe.records.record import Record

_CHALLENGE = """<p>This page stands for the bank of the card ending in {last4}.</p>
<p>Payment of <strong>{amount}</strong></p>
<form method="post">
<button type="submit" name="outcome" value="succeed">Complete authentication</button>
<button type="submit" name="outcome" value="fail">Fail authentication</button>
</form>"""


class StripePages:
    def __init__(self, database: Database, merchants: Merchants, archive: Archive) -> None:
        self._database = database
        self._merchants = merchants
        self._archive = archive

    async def show_challenge(self, request: web.Request) -> web.Response:
        found = self._challenged(request)
        if found is None:
            return _over()
        books, intent = found
        method = books.need(PaymentMethod, intent.payment_method or "")
        content = _CHALLENGE.format(
            last4=escape(method.card.last4),
            amount=escape(formatted(intent.amount, intent.currency)),
        )
        return hosted_page("3-D Secure authentication", content)

    async def end_challenge(self, request: web.Request) -> web.Response:
        outcome = (await request.post()).get("outcome")
        found = self._challenged(request)
        if found is None:
            return _over()
        if outcome not in ("succeed", "fail"):
            return hosted_page("Unknown outcome", "<p>Choose one of the two buttons.</p>", 400)
        books, intent = found
        passed = outcome == "succeed"
        with self._database.transaction():
            authenticate(books, intent, passed)
            books.flush()
        address = return_address(intent, passed)
        if address is not None:
            return web.Response(status=303, headers={**PAGE_HEADERS, "Location": address})
        return hosted_page("Authentication finished", "<p>You can close this page.</p>")

    async def show_receipt(self, request: web.Request) -> web.Response:
        found = self._books_of(Charge, request.match_info["id"])
        charged = found.find(Charge, request.match_info["id"]) if found is not None else None
        if charged is None:
            return hosted_page("No such receipt", "<p>There is no charge with this number.</p>", 404)
        amount = escape(formatted(charged.amount, charged.currency))
        return hosted_page(
            "Receipt", f"<p>{amount}, card ending in {escape(charged.card.last4)}, {charged.status}.</p>"
        )

    def _challenged(self, request: web.Request) -> tuple[Books, PaymentIntent] | None:
        id = request.match_info["id"]
        books = self._books_of(PaymentIntent, id)
        intent = books.find(PaymentIntent, id) if books is not None else None
        secret = request.query.get("client_secret")
        if books is None or intent is None or intent.challenge is None or intent.challenge != secret:
            return None
        return books, intent

    def _books_of(self, kind: type[Record], id: str) -> Books | None:
        owner = self._archive.documents.owner_of(document_kind(kind), id)
        merchant = self._merchants.by_id(owner) if owner is not None else None
        return None if merchant is None else self._archive.open(merchant)


def _over() -> web.Response:
    return hosted_page("This authentication is over", "<p>The payment does not wait for it, or no longer.</p>", 404)
