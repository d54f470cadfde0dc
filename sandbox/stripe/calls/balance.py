"""The merchant's balance and the movements behind it."""

from sandbox.json_types import Json, Resource
from sandbox.stripe.books import Books
from sandbox.stripe.calls import lists
from sandbox.stripe.records.balance_transaction import BalanceTransaction
from sandbox.stripe.schema.params import Params

UNSIMULATED_FILTERS = frozenset({"payout"})
_EMPTY_CURRENCY = "usd"


def retrieve(books: Books, params: Params, _: str) -> Resource:
    available: dict[str, int] = {}
    pending: dict[str, int] = {}
    for currency, is_available, net in books.net_by_currency():
        (available if is_available else pending)[currency] = net
    currencies = sorted({*available, *pending}) or [_EMPTY_CURRENCY]
    return {
        "object": "balance",
        "available": [_funds(available.get(currency, 0), currency) for currency in currencies],
        "instant_available": [
            _funds(max(0, available.get(currency, 0) + pending.get(currency, 0)), currency) for currency in currencies
        ],
        "livemode": False,
        "pending": [_funds(pending.get(currency, 0), currency) for currency in currencies],
    }


def retrieve_transaction(books: Books, params: Params, id: str) -> Resource:
    return books.need(BalanceTransaction, id).shown_at(books.now)


def list_transactions(books: Books, params: Params, _: str) -> Resource:
    filters = ("currency", "source", "type")
    return lists.page(books, params, BalanceTransaction, "/v1/balance_transactions", filters=filters)


def _funds(amount: int, currency: str) -> dict[str, Json]:
    return {"amount": amount, "currency": currency, "source_types": {"card": amount}}
