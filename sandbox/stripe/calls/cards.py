"""Turns what a caller gives as a card, a raw number or a token, into a card of the books."""

from datetime import UTC, datetime

from sandbox.stripe.books import Books
from sandbox.stripe.cards.catalogue import BY_NUMBER, UNPUBLISHED, TestCard, card_named
from sandbox.stripe.cards.number import bare_number, brand_of, cvc_fits
from sandbox.stripe.errors import CardRefused, InvalidParameter, InvalidRequest, NoSuchResource
from sandbox.stripe.records.card import Card
from sandbox.stripe.records.token import Token
from sandbox.stripe.schema.params import Params

_ID_PREFIX = "tok_"
_PUBLISHED_EXPIRY_YEARS = 3


def given_card(books: Books, params: Params) -> Card:
    """The card of a `card` hash: either `token`, which is used up, or `number` with its expiry."""
    token = params.text("token")
    if token is None:
        return raw_card(books, params)
    if "number" in params:
        raise InvalidParameter(
            f"You may only specify one of these parameters: {params.name('token')}, {params.name('number')}.",
            "parameters_exclusive",
            params.name("token"),
        )
    return _card_of_token(books, token, params.name("token"))


def raw_card(books: Books, params: Params) -> Card:
    """Refused like Stripe refuses it: a wrong number, month, year or security code is an error of the card."""
    number = bare_number(params.required_text("number"))
    if number is None:
        raise _wrong("incorrect_number", "Your card number is incorrect.", "number")
    year, month = _expiry(books, params)
    cvc = params.text("cvc")
    if cvc is not None and not cvc_fits(cvc, brand_of(number)):
        raise _wrong("invalid_cvc", "Your card's security code is invalid.", "cvc")
    published = BY_NUMBER.get(number, UNPUBLISHED)
    return _card(books, published, number, month, year, cvc_given=cvc is not None)


def published_card(books: Books, published: TestCard) -> Card:
    """The card behind a published test token, which comes with a security code and an expiry of its own."""
    year = datetime.fromtimestamp(books.now, UTC).year + _PUBLISHED_EXPIRY_YEARS
    return _card(books, published, published.number, 12, year, cvc_given=True)


def _card_of_token(books: Books, id: str, param: str) -> Card:
    published = card_named(id.removeprefix(_ID_PREFIX)) if id.startswith(_ID_PREFIX) else None
    if published is not None:
        return published_card(books, published)
    token = books.find(Token, id)
    if token is None:
        raise NoSuchResource("token", id, param)
    if token.used:
        raise InvalidRequest(f"You cannot use a Stripe token more than once: {id}.", "token_already_used", param)
    token.used = True
    books.save(token)
    return token.card


def _card(books: Books, published: TestCard, number: str, month: int, year: int, *, cvc_given: bool) -> Card:
    return Card(
        published_as=published.name,
        brand=brand_of(number),
        last4=number[-4:],
        exp_month=month,
        exp_year=year,
        fingerprint=books.merchant.fingerprint(number),
        funding=published.funding,
        country=published.country,
        checks={"cvc_check": "unchecked"} if cvc_given else {},
    )


def _expiry(books: Books, params: Params) -> tuple[int, int]:
    month, year = _whole(params, "exp_month"), _whole(params, "exp_year")
    today = datetime.fromtimestamp(books.now, UTC)
    full_year = year + today.year // 100 * 100 if 0 <= year < 100 else year
    if not 1 <= month <= 12:
        raise _wrong("invalid_expiry_month", "Your card's expiration month is invalid.", "exp_month")
    if not today.year <= full_year <= today.year + 50:
        raise _wrong("invalid_expiry_year", "Your card's expiration year is invalid.", "exp_year")
    if (full_year, month) < (today.year, today.month):
        raise _wrong("invalid_expiry_month", "Your card's expiration month is invalid.", "exp_month")
    return full_year, month


def _whole(params: Params, name: str) -> int:
    # The SDK types the expiry as a number for payment methods and as text for tokens.
    number = params.integer(name)
    if number is not None:
        return number
    text = params.required_text(name)
    return int(text) if text.isascii() and text.isdecimal() else -1


def _wrong(code: str, message: str, param: str) -> CardRefused:
    return CardRefused(message, code, param)
