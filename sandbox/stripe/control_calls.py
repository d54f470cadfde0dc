"""Control calls that only Stripe has: what it moves on the merchant's balance by itself."""

from collections.abc import Sequence

from aiohttp import web

from sandbox.control import answered
from sandbox.control_body import Body
from sandbox.gateway import ControlRefused
from sandbox.json_types import Resource
from sandbox.state.database import Database
from sandbox.stripe.books import Archive
from sandbox.stripe.calls.movements import OWN_TYPES, own_movement
from sandbox.stripe.control import minor_units
from sandbox.stripe.currencies import checked_currency
from sandbox.stripe.errors import InvalidParameter
from sandbox.stripe.merchants import GATEWAY, Merchants


class StripeControlCalls:
    def __init__(self, database: Database, merchants: Merchants, archive: Archive) -> None:
        self._database = database
        self._merchants = merchants
        self._archive = archive

    def routes(self) -> Sequence[web.RouteDef]:
        return [web.post("/_control/stripe/balance_transactions", answered(self.move))]

    async def move(self, request: web.Request) -> Resource:
        """Adds `amount` to the first merchant's balance, less `fee`; below zero it takes."""
        body = await Body.of(request)
        body.allow("type", "currency", "amount", "fee")
        type = body.one_of("type", tuple(OWN_TYPES))
        merchant = self._merchants.default()
        if merchant is None:
            raise ControlRefused("stripe has no merchant yet", 409)
        try:
            currency = checked_currency(body.text("currency"))
        except InvalidParameter as refused:
            raise ControlRefused(refused.message) from None
        amount, fee = body.amount("amount"), body.optional_amount("fee")
        moved, kept = minor_units(amount, currency), minor_units(0 if fee is None else fee, currency)
        if not (moved or kept):
            raise ControlRefused("amount or fee must be other than 0")
        books = self._archive.open(merchant)
        with self._database.transaction():
            made = own_movement(books, type, currency, moved, kept)
            books.flush()
        return {"id": made.id, "gateway": GATEWAY, "type": type, "currency": currency, "net_minor": made.net}
