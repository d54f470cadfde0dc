"""PayPal's guard against accidental payments: one payment for one invoice, which is how accounts are set up at first."""

from sandbox.paypal.books import Books
from sandbox.paypal.errors import Unprocessable
from sandbox.paypal.records.authorization import Authorization
from sandbox.paypal.records.capture import Capture
from sandbox.paypal.records.refund import Refund

INVOICE = "$.invoice_id"


def check_invoice_unused(books: Books, invoice_id: str | None) -> None:
    """Raises `Unprocessable` when this invoice has been paid, or money is held for it."""
    if invoice_id is None:
        return
    paid = any(capture.status != "DECLINED" for capture in books.matching(Capture, INVOICE, invoice_id))
    if paid or any(held.is_open for held in books.matching(Authorization, INVOICE, invoice_id)):
        raise Unprocessable("DUPLICATE_INVOICE_ID")


def check_capture_invoice(books: Books, invoice_id: str | None) -> None:
    """An invoice that a capture of an authorization names itself must not have been captured before."""
    if invoice_id is not None and any(
        capture.status != "DECLINED" for capture in books.matching(Capture, INVOICE, invoice_id)
    ):
        description = "Requested invoice_id has been previously captured. Possible duplicate transaction."
        raise Unprocessable("DUPLICATE_INVOICE_ID", "/invoice_id", invoice_id, description=description)


def check_refund_invoice(books: Books, invoice_id: str | None) -> None:
    if invoice_id is not None and books.matching(Refund, INVOICE, invoice_id):
        description = "Invoice ID was previously used to refund a capture."
        raise Unprocessable("DUPLICATE_INVOICE_ID", "/invoice_id", invoice_id, description=description)
