"""The customer in front of one order, whether a browser or a test acts for them."""

from sandbox.alipay.books import Books
from sandbox.alipay.calls import freezing, lifecycle
from sandbox.alipay.notifications import return_address
from sandbox.alipay.records.authorisation import Authorisation
from sandbox.alipay.records.trade import Trade


class Checkout:
    """Its calls run inside a transaction of the caller's, and raise `BusinessFailed` when the order does not wait."""

    def __init__(self, books: Books, record: Trade | Authorisation) -> None:
        self._books = books
        self.record = record

    def open(self) -> None:
        if isinstance(self.record, Trade):
            lifecycle.open_trade(self._books, self.record)
        else:
            freezing.open_authorisation(self._books, self.record)

    def accept(self) -> None:
        """Pays, or has the money frozen."""
        self.open()
        if isinstance(self.record, Trade):
            lifecycle.pay(self._books, self.record)
        else:
            freezing.freeze(self._books, self.record)

    def return_address(self) -> str | None:
        """Where the shop wants the browser after paying."""
        if isinstance(self.record, Trade):
            return return_address(self._books.merchant, self.record, self._books.now)
        return None
