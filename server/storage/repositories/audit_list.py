"""Pages of the audit log, newest first, by number or behind the entry that the last page ended with."""

from functools import lru_cache

import sqlalchemy as sa
from sqlalchemy import bindparam

from server.domain.audit import AuditAction, AuditEntry, AuditObject
from server.domain.listing import AuditFilter, AuditQuery, Cursor, Page
from server.storage.prepared import Prepared, Record
from server.storage.session import Session
from server.storage.tables import audit_log

_columns = audit_log.c
_OF_MERCHANT = _columns.merchant_id == bindparam("merchant_id")

# A filter's field and its condition, whose parameter has the field's name.
_CONDITIONS: dict[str, sa.ColumnElement[bool]] = {
    "actor": _columns.actor == bindparam("actor"),
    "action": _columns.action == bindparam("action"),
    "object_id": _columns.object_id == bindparam("object_id"),
    "created_after": _columns.created_at > bindparam("created_after"),
    "created_before": _columns.created_at < bindparam("created_before"),
}
_PLACE = Prepared(sa.select(_columns.created_at).where(_OF_MERCHANT, _columns.id == bindparam("entry_id")))
_BEHIND = sa.tuple_(_columns.created_at, _columns.id) < sa.tuple_(
    bindparam("place", type_=_columns.created_at.type), bindparam("place_id", type_=_columns.id.type)
)


def list_audit(session: Session, merchant_id: str, query: AuditQuery) -> Page[AuditEntry]:
    """One page, by number with the list's total, or behind a cursor without it."""
    filters = _parameters(query.filter)
    names, parameters = tuple(filters), {"merchant_id": merchant_id, **filters, "at_most": query.per_page + 1}
    if query.after is None:
        counted = session.row(_count(names), parameters)
        total = 0 if counted is None else int(counted.total)
        rows = session.rows(_page(names), parameters | {"before": (query.page - 1) * query.per_page})
        return _paged(rows, query.per_page, total)
    place = session.row(_PLACE, {"merchant_id": merchant_id, "entry_id": query.after.id})
    if place is None:
        return Page((), None, None)
    behind = parameters | {"place": place.created_at, "place_id": query.after.id}
    return _paged(session.rows(_page_behind(names), behind), query.per_page, None)


def entry_of_row(row: Record) -> AuditEntry:
    """The entry that was written."""
    return AuditEntry(
        id=row.id,
        merchant_id=row.merchant_id,
        actor=row.actor,
        action=AuditAction(row.action),
        object_type=AuditObject(row.object_type),
        object_id=row.object_id,
        details=row.details,
        created_at=row.created_at,
        request_id=row.request_id,
    )


def _paged(rows: list[Record], per_page: int, total: int | None) -> Page[AuditEntry]:
    """The page's entries, of which one more was asked for than it shows."""
    shown = tuple(entry_of_row(row) for row in rows[:per_page])
    return Page(shown, total, Cursor(shown[-1].id) if len(rows) > per_page else None)


def _parameters(wanted: AuditFilter) -> dict[str, object]:
    given = {name: getattr(wanted, name) for name in _CONDITIONS}
    return {name: value for name, value in given.items() if value is not None}


@lru_cache(maxsize=64)
def _count(filters: tuple[str, ...]) -> Prepared:
    return Prepared(sa.select(sa.func.count().label("total")).select_from(audit_log).where(*_wanted(filters)))


@lru_cache(maxsize=64)
def _page(filters: tuple[str, ...]) -> Prepared:
    return Prepared(_rows(filters).offset(bindparam("before")))


@lru_cache(maxsize=64)
def _page_behind(filters: tuple[str, ...]) -> Prepared:
    return Prepared(_rows(filters).where(_BEHIND))


def _rows(filters: tuple[str, ...]) -> sa.Select[tuple[object, ...]]:
    newest_first = (
        sa.select(audit_log).where(*_wanted(filters)).order_by(_columns.created_at.desc(), _columns.id.desc())
    )
    return newest_first.limit(bindparam("at_most"))


def _wanted(filters: tuple[str, ...]) -> list[sa.ColumnElement[bool]]:
    return [_OF_MERCHANT, *(_CONDITIONS[name] for name in filters)]
