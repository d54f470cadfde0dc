"""What the buyer does on PayPal's page, which a test can do in his place."""

from urllib.parse import urlencode, urlsplit

from sandbox.paypal import buyer
from sandbox.paypal.books import Books
from sandbox.paypal.calls.announcements import announce_order
from sandbox.paypal.records.order import Funding, Order


def approve(books: Books, order: Order, funding: Funding) -> None:
    """The buyer agrees to pay with this; PayPal takes nothing until the merchant asks. The order must await him."""
    order.status = "APPROVED"
    order.funding = funding
    order.updated = books.now
    books.save(order)
    announce_order(books, order)


def return_address(order: Order) -> str | None:
    """Where the buyer goes once he has approved."""
    return _with_query(order.return_url, {"token": order.id, "PayerID": buyer.PAYER_ID})


def cancel_address(order: Order) -> str | None:
    """Where the buyer goes who has not."""
    return _with_query(order.cancel_url, {"token": order.id})


def _with_query(address: str | None, query: dict[str, str]) -> str | None:
    if address is None:
        return None
    parts = urlsplit(address)
    joined = "&".join(part for part in (parts.query, urlencode(query)) if part)
    return parts._replace(query=joined).geturl()
