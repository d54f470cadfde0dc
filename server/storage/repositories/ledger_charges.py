"""What payments say of their charges, and what the books say: how much was taken and when, and what that makes of the payment. One query for all of it, as most of the books are charges."""

from collections.abc import Iterator

import sqlalchemy as sa
from sqlalchemy import bindparam

from server.domain.ledger import Account, PostingKind
from server.domain.payment import PaymentStatus
from server.domain.proof import NO_CURRENCY, Discrepancy
from server.storage.prepared import Prepared, Record
from server.storage.session import Session
from server.storage.tables import ledger_entries, ledger_postings, payments

# Where payments stand, in figures: while one is open, nobody can tell from its money whether it is pending or processing.
_OPEN, _TAKEN, _RETURNED, _CANCELED, _FAILED = range(5)
_STATUS = {
    PaymentStatus.PENDING: _OPEN,
    PaymentStatus.PROCESSING: _OPEN,
    PaymentStatus.SUCCEEDED: _TAKEN,
    PaymentStatus.REFUNDED: _RETURNED,
    PaymentStatus.CANCELED: _CANCELED,
    PaymentStatus.FAILED: _FAILED,
}
_UNKNOWN = -1


def _charges() -> Prepared:
    """Read in the order of the payments' key. The whole of the postings' key is given: SQLite then takes it without statistics too, and a charge has no other number."""
    own, posting, entry = payments.c, ledger_postings.c, ledger_entries.c
    joined = payments.outerjoin(
        ledger_postings,
        sa.and_(
            posting.merchant_id == own.merchant_id,
            posting.source_id == own.id,
            posting.kind == PostingKind.CHARGE.value,
            posting.number == 1,
            posting.gateway == own.gateway,
            posting.currency == own.currency,
        ),
    ).outerjoin(
        ledger_entries,
        sa.and_(
            entry.merchant_id == posting.merchant_id,
            entry.posting_id == posting.id,
            entry.account == Account.MERCHANT.value,
        ),
    )
    is_taken = sa.or_(own.captured_minor > 0, sa.func.count(posting.id) > 0)
    is_returned = sa.and_(own.captured_minor > 0, own.refunded_minor == own.captured_minor)
    # An intent's payment outlives its tries that have failed.
    has_failed = sa.and_(own.failure_code.is_not(None), own.intent_id.is_(None))
    each = (
        sa.select(
            own.id.label("subject"),
            own.currency,
            own.captured_minor,
            sa.func.coalesce(-sa.func.sum(entry.amount_minor), 0).label("posted_minor"),
            sa.case(_STATUS, value=own.status, else_=_UNKNOWN).label("told"),
            sa.case(
                (is_returned, _RETURNED),
                (is_taken, _TAKEN),
                (own.canceled_at.is_not(None), _CANCELED),
                (has_failed, _FAILED),
                else_=_OPEN,
            ).label("stands"),
            _microseconds(own.captured_at).label("captured_at"),
            # What is taken and not posted was found already.
            sa.func.coalesce(
                sa.func.max(sa.func.coalesce(_microseconds(posting.moved_at), _microseconds(posting.created_at))),
                sa.case((own.captured_minor > 0, _microseconds(own.captured_at))),
            ).label("posted_at"),
        )
        .select_from(joined)
        .where(own.merchant_id == bindparam("merchant_id"))
        .group_by(own.merchant_id, own.id)
        .subquery()
    )
    contradicts = sa.or_(
        each.c.captured_minor != each.c.posted_minor,
        each.c.told != each.c.stands,
        each.c.captured_at.is_distinct_from(each.c.posted_at),
    )
    return Prepared(sa.select(each).where(contradicts).limit(bindparam("at_most")))


def _microseconds(moment: sa.Column[object]) -> sa.ColumnElement[int]:
    """A moment as it is stored."""
    return sa.type_coerce(moment, sa.BigInteger)


_CHARGES = _charges()


def wrong_charges(session: Session, merchant_id: str, at_most: int) -> Iterator[Discrepancy]:
    """Payments that contradict their charges or themselves, each with every rule that it breaks."""
    for row in session.rows(_CHARGES, {"merchant_id": merchant_id, "at_most": at_most}):
        yield from _of_payment(row)


def _of_payment(row: Record) -> Iterator[Discrepancy]:
    subject = str(row.subject)
    if row.captured_minor != row.posted_minor:
        yield Discrepancy(
            "payment_equals_its_posting", subject, row.currency, row.captured_minor, int(row.posted_minor)
        )
    if row.told != row.stands:
        yield Discrepancy("payment_status_follows_its_money", subject, NO_CURRENCY, row.told, row.stands)
    if row.captured_at != row.posted_at:
        yield Discrepancy(
            "payment_time_equals_its_posting", subject, NO_CURRENCY, row.captured_at or 0, row.posted_at or 0
        )
