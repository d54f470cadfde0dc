"""The tables of the v1 document, copied by hand: what each row promises is tried against the running service."""

PAYMENT_STATUSES = "pending processing succeeded failed canceled refunded".split()

LIST_PAYMENTS_PARAMETERS = (
    "page per_page order_id customer_id gateway status min_amount max_amount created_after created_before sort order"
).split()

REFUND_REASONS = "duplicate fraudulent requested_by_customer".split()

PAYOUT_STATUSES = "pending in_transit paid failed canceled".split()

LIST_PAYOUTS_PARAMETERS = "status date_after date_before".split()

ERRORS = {
    "PAYMENT_NOT_FOUND": 404,
    "INVALID_AMOUNT": 400,
    "INVALID_CURRENCY": 400,
    "INVALID_PAYMENT_METHOD": 400,
    "CARD_DECLINED": 402,
    "INSUFFICIENT_FUNDS": 402,
    "EXPIRED_CARD": 402,
    "INCORRECT_CVC": 402,
    "PROCESSING_ERROR": 402,
    "ALREADY_CAPTURED": 409,
    "ALREADY_REFUNDED": 409,
    "REFUND_AMOUNT_INVALID": 400,
    "DISPUTE_NOT_FOUND": 404,
}

EVENTS = (
    "payment.created payment.succeeded payment.failed payment.captured payment.canceled"
    " refund.created refund.succeeded refund.failed"
    " dispute.created dispute.updated dispute.closed"
    " payout.created payout.paid payout.failed"
).split()
