"""What must agree in the books, each rule one query that gives what does not: (subject, currency, expected, actual), in bounded memory whatever there is to go through."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam

from server.domain.ledger import Account, PostingKind
from server.domain.own_movement import OwnMovementKind
from server.domain.payout import PayoutStatus
from server.domain.proof import NO_CURRENCY
from server.domain.refund import RefundStatus
from server.storage.prepared import Prepared
from server.storage.repositories.ledger_forms import FIT_THEIR_KIND
from server.storage.tables import (
    disputes,
    ledger_entries,
    ledger_postings,
    own_movements,
    payments,
    payouts,
    refunds,
)

_postings, _entries = ledger_postings.c, ledger_entries.c

_NO_CURRENCY = sa.literal(NO_CURRENCY).label("currency")


def _sums_to_zero() -> Prepared:
    """Read in the order of the entries' key, so that no more than one posting's sum is held at a time."""
    total = sa.func.sum(_entries.amount_minor)
    found = (
        sa.select(
            _postings.id.label("subject"), _postings.currency, sa.literal(0).label("expected"), total.label("actual")
        )
        .select_from(ledger_postings.join(ledger_entries))
        .where(_postings.merchant_id == bindparam("merchant_id"))
        .group_by(_postings.merchant_id, _postings.id, _postings.currency)
        .having(total != 0)
    )
    return Prepared(found.limit(bindparam("at_most")))


def _agree(
    table: sa.Table, expected: sa.ColumnElement[Any], account: Account, sign: int, *kinds: PostingKind
) -> Prepared:
    """What a resource says of itself, and what an account says of it: the sum of the entries, times `sign`, of its postings of these kinds."""
    own = table.c
    mine = (
        sa.select(sa.func.coalesce(sa.func.sum(_entries.amount_minor), 0) * sign)
        .select_from(ledger_postings.join(ledger_entries))
        .where(
            _postings.merchant_id == own.merchant_id,
            _postings.source_id == own.id,
            _postings.gateway == own.gateway,
            _postings.currency == own.currency,
            _one_of(kinds),
            _entries.account == account.value,
        )
        .correlate(table)
        .scalar_subquery()
    )
    each = (
        sa.select(own.id.label("subject"), own.currency, expected.label("expected"), mine.label("actual"))
        .where(own.merchant_id == bindparam("merchant_id"))
        .subquery()
    )
    return Prepared(sa.select(each).where(each.c.expected != each.c.actual).limit(bindparam("at_most")))


def _have_sources(table: sa.Table, *kinds: PostingKind) -> Prepared:
    """Postings that no resource stands behind, with the greatest of their amounts."""
    joined = ledger_postings.join(ledger_entries).outerjoin(
        table, sa.and_(table.c.merchant_id == _postings.merchant_id, table.c.id == _postings.source_id)
    )
    found = (
        sa.select(
            *(_postings.id.label("subject"), _postings.currency, sa.literal(0).label("expected")),
            sa.func.max(_entries.amount_minor).label("actual"),
        )
        .select_from(joined)
        .where(_postings.merchant_id == bindparam("merchant_id"), _one_of(kinds), table.c.id.is_(None))
        .group_by(_postings.merchant_id, _postings.id, _postings.currency)
    )
    return Prepared(found.limit(bindparam("at_most")))


def _refunds_add_up(expected: sa.Column[int], status: RefundStatus) -> Prepared:
    """A payment's own sum of the refunds in this status, and those refunds."""
    own = payments.c
    sum_minor = (
        sa.select(sa.func.coalesce(sa.func.sum(refunds.c.amount_minor), 0))
        .where(
            refunds.c.merchant_id == own.merchant_id,
            refunds.c.payment_id == own.id,
            refunds.c.status == status.value,
        )
        .correlate(payments)
        .scalar_subquery()
    )
    each = (
        sa.select(own.id.label("subject"), own.currency, expected.label("expected"), sum_minor.label("actual"))
        .where(own.merchant_id == bindparam("merchant_id"), sa.or_(own.refund_count > 0, expected > 0))
        .subquery()
    )
    return Prepared(sa.select(each).where(each.c.expected != each.c.actual).limit(bindparam("at_most")))


def _counted(table: sa.Table, count: sa.Column[int]) -> tuple[Prepared, Prepared]:
    """What a payment counts of what is its own, and how many there are: of those that count some, and of those that count none and are read without them."""
    of_payment = (table.c.merchant_id == payments.c.merchant_id, table.c.payment_id == payments.c.id)
    there = sa.select(sa.func.count()).select_from(table).where(*of_payment).correlate(payments).scalar_subquery()
    each = (
        sa.select(payments.c.id.label("subject"), count.label("expected"), there.label("actual"))
        .where(payments.c.merchant_id == bindparam("merchant_id"), count > 0)
        .subquery()
    )
    some = sa.select(each, _NO_CURRENCY).where(each.c.expected != each.c.actual)
    none = (
        sa.select(
            *(payments.c.id.label("subject"), _NO_CURRENCY, sa.literal(0).label("expected")),
            sa.func.count().label("actual"),
        )
        .select_from(table.join(payments, sa.and_(*of_payment, count == 0)))
        .where(table.c.merchant_id == bindparam("merchant_id"))
        .group_by(payments.c.merchant_id, payments.c.id)
    )
    return Prepared(some.limit(bindparam("at_most"))), Prepared(none.limit(bindparam("at_most")))


def _refunds_are_counted() -> Prepared:
    """Refunds of a payment that is read without them, as it counts none: it would be refunded once more."""
    counted_none = sa.and_(
        payments.c.merchant_id == refunds.c.merchant_id,
        payments.c.id == refunds.c.payment_id,
        payments.c.refund_count == 0,
    )
    found = (
        sa.select(
            *(payments.c.id.label("subject"), payments.c.currency, sa.literal(0).label("expected")),
            sa.func.sum(refunds.c.amount_minor).label("actual"),
        )
        .select_from(refunds.join(payments, counted_none))
        .where(refunds.c.merchant_id == bindparam("merchant_id"), refunds.c.status != RefundStatus.FAILED.value)
        .group_by(payments.c.merchant_id, payments.c.id, payments.c.currency)
    )
    return Prepared(found.limit(bindparam("at_most")))


def _one_of(kinds: Sequence[PostingKind]) -> sa.ColumnElement[bool]:
    return sa.or_(*(_postings.kind == kind.value for kind in kinds))


_REFUNDED = sa.case((refunds.c.status == RefundStatus.SUCCEEDED.value, refunds.c.amount_minor), else_=0)

_FEES = disputes.c.fee_minor - disputes.c.returned_fee_minor

_IS_OUT = sa.and_(
    payouts.c.gateway_payout_id.is_not(None),
    payouts.c.status != PayoutStatus.FAILED.value,
    payouts.c.status != PayoutStatus.CANCELED.value,
)
_PAID_OUT = sa.case((_IS_OUT, payouts.c.amount_minor), else_=0)

_IS_ADJUSTMENT = own_movements.c.kind == OwnMovementKind.ADJUSTMENT.value
_ADJUSTED = sa.case((_IS_ADJUSTMENT, own_movements.c.amount_minor), else_=0)
_KEPT = sa.case((_IS_ADJUSTMENT, own_movements.c.fee_minor), else_=-own_movements.c.amount_minor)

_PAYOUTS = (PostingKind.PAYOUT, PostingKind.PAYOUT_FAILURE)
_OWN = (PostingKind.FEE, PostingKind.ADJUSTMENT)
_REFUNDS = (PostingKind.REFUND, PostingKind.REFUND_REVERSAL)
_TAKEN, _GIVEN_BACK = (PostingKind.DISPUTE,), (PostingKind.DISPUTE_REVERSAL,)

OF_POSTINGS: Mapping[str, Sequence[Prepared]] = {
    "entry_sums_to_zero": (_sums_to_zero(),),
    "posting_has_its_source": (
        _have_sources(payments, PostingKind.CHARGE, PostingKind.CHARGE_FEE),
        _have_sources(refunds, *_REFUNDS),
        _have_sources(disputes, *_TAKEN, *_GIVEN_BACK),
        _have_sources(payouts, *_PAYOUTS),
        _have_sources(own_movements, *_OWN),
    ),
    "posting_fits_its_kind": FIT_THEIR_KIND,
}
"""Rules whose subjects are postings."""

OF_RESOURCES: Mapping[str, Sequence[Prepared]] = {
    "refund_equals_its_postings": (_agree(refunds, _REFUNDED, Account.MERCHANT, 1, *_REFUNDS),),
    "dispute_equals_its_postings": (
        _agree(disputes, disputes.c.taken_minor, Account.DISPUTED, 1, *_TAKEN),
        _agree(disputes, disputes.c.returned_minor, Account.DISPUTED, -1, *_GIVEN_BACK),
        _agree(disputes, _FEES, Account.GATEWAY_FEES, 1, *_TAKEN, *_GIVEN_BACK),
    ),
    "payout_equals_its_postings": (_agree(payouts, _PAID_OUT, Account.PAID_OUT, 1, *_PAYOUTS),),
    "own_movement_equals_its_posting": (
        _agree(own_movements, _ADJUSTED, Account.MERCHANT, -1, *_OWN),
        _agree(own_movements, _KEPT, Account.GATEWAY_FEES, 1, *_OWN),
    ),
    "payment_equals_its_refunds": (
        _refunds_add_up(payments.c.refunded_minor, RefundStatus.SUCCEEDED),
        _refunds_are_counted(),
    ),
    "payment_holds_its_pending_refunds": (_refunds_add_up(payments.c.refunding_minor, RefundStatus.PENDING),),
    "payment_counts_its_disputes": _counted(disputes, payments.c.dispute_count),
}
"""Rules whose subjects are payments, refunds, disputes, payouts and gateways' own movements; what a payment says of its charge is beside them."""
