"""Writes Instant Payment Notifications. Source: PayPal's "IPN and PDT variables"."""

import secrets
from collections.abc import Mapping
from hashlib import sha256
from urllib.parse import urlencode

from sandbox.paypal import buyer
from sandbox.paypal.books import Books
from sandbox.paypal.ids import new_debug_id
from sandbox.paypal.money import decimal_text
from sandbox.paypal.records.authorization import Authorization
from sandbox.paypal.records.capture import Capture
from sandbox.paypal.records.ipn import Ipn
from sandbox.paypal.records.refund import Refund
from sandbox.paypal.times import ipn_date

_PAYMENT_STATUSES = {"COMPLETED": "Completed", "PENDING": "Pending", "DECLINED": "Failed"}
_AUTHORIZATION_STATUSES = {"CREATED": "Pending", "VOIDED": "Voided"}
_SIGN_BYTES = 42


def digest_of(body: bytes) -> str:
    return sha256(body).hexdigest()


def tell_capture(books: Books, capture: Capture) -> None:
    fields = {
        **_of(capture),
        "txn_type": "express_checkout",
        "payment_type": "echeck" if "echeck" in capture.funding else "instant",
        "payment_status": _PAYMENT_STATUSES[capture.status],
        "mc_gross": decimal_text(capture.amount, capture.currency),
    }
    if capture.authorization_id is not None:
        fields |= {"parent_txn_id": capture.authorization_id, "auth_id": capture.authorization_id}
    if capture.status == "PENDING":
        fields["pending_reason"] = "echeck"
    if capture.status == "COMPLETED":
        fields["mc_fee"] = decimal_text(capture.fee, capture.currency)
    _send(books, fields)


def tell_refund(books: Books, refund: Refund, capture: Capture) -> None:
    """What was refunded is negative; the invoice is the one of the payment. PayPal keeps its fee."""
    fields = {
        **_of(refund),
        "payment_type": "instant",
        "payment_status": "Refunded",
        "reason_code": "refund",
        "parent_txn_id": refund.capture_id,
        "mc_gross": decimal_text(-refund.amount, refund.currency),
        "invoice": capture.invoice_id or "",
        "custom": capture.custom_id or "",
    }
    _send(books, fields)


def tell_authorization(books: Books, held: Authorization) -> None:
    fields = {
        **_of(held),
        "txn_type": "express_checkout",
        "payment_type": "instant",
        "payment_status": _AUTHORIZATION_STATUSES[held.status],
        "mc_gross": decimal_text(held.amount, held.currency),
        "auth_id": held.id,
        "auth_amount": decimal_text(held.amount, held.currency),
        "auth_exp": ipn_date(held.expires_at),
        "auth_status": _AUTHORIZATION_STATUSES[held.status],
    }
    if held.status == "CREATED":
        fields["pending_reason"] = "authorization"
    _send(books, fields)


def _of(record: Authorization | Capture | Refund) -> dict[str, str]:
    return {
        "txn_id": record.id,
        "mc_currency": record.currency,
        "payment_date": ipn_date(record.updated),
        "invoice": record.invoice_id or "",
        "custom": record.custom_id or "",
    }


def _send(books: Books, fields: Mapping[str, str]) -> None:
    """The charset is the one that PayPal's accounts have at first, unless a text does not fit into it."""
    track_id = new_debug_id()
    message = {
        **fields,
        "receiver_email": books.merchant.email,
        "receiver_id": books.merchant.id,
        "business": books.merchant.email,
        "payer_id": buyer.PAYER_ID,
        "payer_email": buyer.EMAIL,
        "payer_status": "verified",
        "first_name": buyer.GIVEN_NAME,
        "last_name": buyer.SURNAME,
        "residence_country": buyer.COUNTRY,
        "notify_version": "3.9",
        "test_ipn": "1",
        "ipn_track_id": track_id,
        "verify_sign": secrets.token_urlsafe(_SIGN_BYTES),
    }
    try:
        body = urlencode({**message, "charset": "windows-1252"}, encoding="windows-1252")
    except UnicodeEncodeError:
        body = urlencode({**message, "charset": "UTF-8"}, encoding="utf-8")
    books.send_ipn(Ipn(f"ipn-{track_id}", books.now, body, digest_of(body.encode())))
