"""Whether postings are of the kind that they say: each kind has its accounts, a reversal reverses something, and of disputes alone there is more than one of a kind."""

from collections.abc import Iterator, Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy import bindparam

from server.domain.ledger import FORMS, Form, PostingKind
from server.domain.proof import NO_CURRENCY
from server.storage.prepared import Prepared
from server.storage.tables import ledger_entries, ledger_postings, own_movements

_postings, _entries = ledger_postings.c, ledger_entries.c
_MINE = _postings.merchant_id == bindparam("merchant_id")
# Said as the index says it. Nearly every posting is a charge, and what is made to be one has no payment, or is there twice.
_NOT_CHARGE = sa.text("ledger_postings.kind <> 'charge'")
_NO_CURRENCY = sa.literal(NO_CURRENCY).label("currency")
_REVERSED = {PostingKind.REFUND_REVERSAL: PostingKind.REFUND, PostingKind.PAYOUT_FAILURE: PostingKind.PAYOUT}
_IN_STEPS = (PostingKind.DISPUTE, PostingKind.DISPUTE_REVERSAL)


def _have_their_form() -> Prepared:
    """How many entries of a posting are on accounts that its kind has not, or are missing on those that it has; of postings that sum to zero, as the others are found by that."""
    others: Mapping[PostingKind, Form] = {kind: form for kind, form in FORMS.items() if kind is not PostingKind.CHARGE}
    in_place = [
        sa.and_(_postings.kind == kind.value, _entries.account.in_([sa.literal(each.value) for each in form.accounts]))
        for kind, form in others.items()
    ]
    misplaced = sa.func.sum(sa.case((sa.or_(*in_place), 0), else_=1))
    missing = [1 - sa.func.max(sa.case((sa.or_(*_on_needed(others, place)), 1), else_=0)) for place in (0, 1)]
    wrong = misplaced + missing[0] + missing[1]
    found = (
        sa.select(
            *(_postings.id.label("subject"), _NO_CURRENCY, sa.literal(0).label("expected")), wrong.label("actual")
        )
        .select_from(ledger_postings.join(ledger_entries))
        .where(_MINE, _NOT_CHARGE)
        .group_by(_postings.merchant_id, _postings.id, _postings.kind)
        .having(sa.and_(wrong > 0, sa.func.sum(_entries.amount_minor) == 0))
    )
    return Prepared(found.limit(bindparam("at_most")))


def _on_needed(forms: Mapping[PostingKind, Form], place: int) -> Iterator[sa.ColumnElement[bool]]:
    """Whether an entry is on the account that its posting's kind needs in this place; each is, where it needs no more."""
    for kind, form in forms.items():
        is_kind = _postings.kind == kind.value
        needs_more = place < len(form.needs)
        yield sa.and_(is_kind, _entries.account == form.needs[place].value) if needs_more else is_kind


def _are_what_moved() -> Prepared:
    """A fee for an adjustment, or the other way round."""
    moved = own_movements.c
    joined = ledger_postings.join(
        own_movements, sa.and_(moved.merchant_id == _postings.merchant_id, moved.id == _postings.source_id)
    )
    found = (
        sa.select(
            *(_postings.id.label("subject"), _NO_CURRENCY),
            *(sa.literal(0).label("expected"), sa.literal(1).label("actual")),
        )
        .select_from(joined)
        .where(_MINE, _NOT_CHARGE, moved.kind != _postings.kind)
    )
    return Prepared(found.limit(bindparam("at_most")))


def _reverse_something() -> Prepared:
    """Reversals of what was never posted."""
    before = ledger_postings.alias()
    of_source = (before.c.merchant_id == _postings.merchant_id, before.c.source_id == _postings.source_id)
    pairs = (
        sa.and_(_postings.kind == reversal.value, before.c.kind == kind.value) for reversal, kind in _REVERSED.items()
    )
    there = sa.select(before.c.id).where(*of_source, sa.or_(*pairs)).correlate(ledger_postings).exists()
    found = sa.select(
        *(_postings.id.label("subject"), _NO_CURRENCY),
        *(sa.literal(1).label("expected"), sa.literal(0).label("actual")),
    ).where(_MINE, _NOT_CHARGE, sa.or_(*(_postings.kind == kind.value for kind in _REVERSED)), ~there)
    return Prepared(found.limit(bindparam("at_most")))


def _are_numbered() -> Prepared:
    """A second posting of what happens once, by its number."""
    once = [_postings.kind != kind.value for kind in _IN_STEPS]
    found = sa.select(
        *(_postings.id.label("subject"), _NO_CURRENCY),
        *(sa.literal(1).label("expected"), _postings.number.label("actual")),
    ).where(_MINE, _postings.number != 1, *once)
    return Prepared(found.limit(bindparam("at_most")))


FIT_THEIR_KIND: Sequence[Prepared] = (
    _have_their_form(),
    _are_what_moved(),
    _reverse_something(),
    _are_numbered(),
)
"""Each gives the postings that do not."""
