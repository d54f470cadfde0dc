"""Tokens: a card for use in one later call."""

from sandbox.json_types import Resource
from sandbox.stripe.books import Books
from sandbox.stripe.calls.cards import raw_card
from sandbox.stripe.errors import InvalidRequest
from sandbox.stripe.ids import new_id
from sandbox.stripe.records.token import Token
from sandbox.stripe.schema.params import Params

UNSIMULATED = frozenset("account bank_account customer cvc_update person pii".split())


def create(books: Books, params: Params, _: str) -> Resource:
    card = params.group("card")
    if card is None:
        raise InvalidRequest("You must supply either a card, customer, PII data, or bank account to create a token.")
    token = Token(id=new_id("tok"), created=books.now, card=raw_card(books, card), card_id=new_id("card"))
    books.save(token)
    return token.resource()


def retrieve(books: Books, params: Params, id: str) -> Resource:
    return books.need(Token, id, "token").resource()
