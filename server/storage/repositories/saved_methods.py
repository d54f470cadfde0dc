"""Customers' payment methods: found by id or by the gateway's token, listed newest first, deleted ones kept for what was paid with them."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import bindparam

from server.domain.listing import Cursor, Page, SavedMethodQuery
from server.domain.outcomes import Card
from server.domain.payment import PaymentMethodKind
from server.domain.saved_method import SavedMethod
from server.storage.prepared import Prepared, Record
from server.storage.repositories.newest_first import NewestFirst, Wanted
from server.storage.session import Session
from server.storage.tables import gateway_customers, saved_methods
from server.storage.upsert import insert_or_replace

_columns = saved_methods.c
_OF_MERCHANT = _columns.merchant_id == bindparam("merchant_id")
_LIVING = _columns.deleted_at.is_(None)

_INSERT = Prepared(saved_methods.insert())
_CHANGES = ("is_default", "off_session", "deleted_at")
_UPDATE = Prepared(
    saved_methods.update()
    .where(_columns.merchant_id == bindparam("of_merchant"), _columns.id == bindparam("of_id"))
    .values({_columns[name]: bindparam(name) for name in _CHANGES})
)

_SELECT = sa.select(saved_methods).where(_OF_MERCHANT, _columns.id == bindparam("method_id"))
_BY_ID = Prepared(_SELECT)
_LOCKED = Prepared(_SELECT.with_for_update())
_BY_TOKEN = Prepared(
    sa.select(saved_methods).where(
        _OF_MERCHANT, _columns.gateway == bindparam("gateway"), _columns.token == bindparam("token"), _LIVING
    )
)
# Its condition is the index's, word for word, so that the index serves it; its uniqueness makes this one row at most.
_DEFAULT = Prepared(
    sa.select(saved_methods)
    .where(_OF_MERCHANT, _columns.customer_id == bindparam("customer_id"), sa.text("is_default"))
    .with_for_update()
)

_LIST = NewestFirst(
    saved_methods,
    _columns.id,
    {"customer_id": sa.and_(_columns.customer_id == bindparam("customer_id"), _LIVING)},
)

_NAME_CUSTOMER = insert_or_replace(gateway_customers, ["gateway_customer_id"])
_CUSTOMER = Prepared(
    sa.select(gateway_customers).where(
        gateway_customers.c.merchant_id == bindparam("merchant_id"),
        gateway_customers.c.customer_id == bindparam("customer_id"),
        gateway_customers.c.gateway == bindparam("gateway"),
    )
)


class SavedMethodRepository:
    """Payment methods, each visible to its merchant alone."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def insert(self, method: SavedMethod) -> None:
        """Store a new one. Raises UniqueViolation for a token that is saved and for a second default."""
        self._session.run(_INSERT, _row_of(method))

    def update(self, method: SavedMethod) -> None:
        """Store what became of one; what it is stays as it is. Raises UniqueViolation for a second default, LookupError when it is not stored."""
        row = _row_of(method)
        changes = {name: row[name] for name in _CHANGES}
        if self._session.run(_UPDATE, {**changes, "of_merchant": method.merchant_id, "of_id": method.id}) != 1:
            raise LookupError(f"no payment method {method.id}")

    def find(self, merchant_id: str, method_id: UUID) -> SavedMethod | None:
        """The one of that id, deleted or not."""
        return self._one(_BY_ID, merchant_id=merchant_id, method_id=method_id)

    def lock(self, merchant_id: str, method_id: UUID) -> SavedMethod | None:
        """The one of that id, which nobody else changes before this transaction ends."""
        return self._one(_LOCKED, merchant_id=merchant_id, method_id=method_id)

    def by_token(self, merchant_id: str, gateway: str, token: str) -> SavedMethod | None:
        """The living one with a gateway's token."""
        return self._one(_BY_TOKEN, merchant_id=merchant_id, gateway=gateway, token=token)

    def default_of(self, merchant_id: str, customer_id: UUID) -> SavedMethod | None:
        """The customer's default, which nobody else changes before this transaction ends."""
        return self._one(_DEFAULT, merchant_id=merchant_id, customer_id=customer_id)

    def list(self, merchant_id: str, query: SavedMethodQuery) -> Page[SavedMethod]:
        """One page, by number with the list's total, or behind a cursor without it."""
        after = query.after.id if query.after else None
        wanted = Wanted({"customer_id": query.customer_id}, query.page, query.per_page, after)
        found = _LIST.page(self._session, merchant_id, wanted)
        items = tuple(_method_of(row) for row in found.rows)
        return Page(items, found.total, Cursor(found.next) if found.next else None)

    def gateway_customer(self, merchant_id: str, customer_id: UUID, gateway: str) -> str | None:
        """What the gateway calls the customer."""
        named = {"merchant_id": merchant_id, "customer_id": customer_id, "gateway": gateway}
        row = self._session.row(_CUSTOMER, named)
        return None if row is None else str(row.gateway_customer_id)

    def name_customer(self, merchant_id: str, customer_id: UUID, gateway: str, gateway_customer_id: str) -> None:
        """Store what the gateway calls the customer."""
        row = {
            "merchant_id": merchant_id,
            "customer_id": customer_id,
            "gateway": gateway,
            "gateway_customer_id": gateway_customer_id,
        }
        self._session.run(_NAME_CUSTOMER, row)

    def _one(self, statement: Prepared, **parameters: object) -> SavedMethod | None:
        row = self._session.row(statement, parameters)
        return None if row is None else _method_of(row)


def _row_of(method: SavedMethod) -> dict[str, object]:
    card = method.card
    return {
        "merchant_id": method.merchant_id,
        "id": method.id,
        "customer_id": method.customer_id,
        "gateway": method.gateway,
        "kind": method.kind.value,
        "token": method.token,
        "gateway_customer_id": method.gateway_customer_id,
        "created_at": method.created_at,
        "card_brand": card and card.brand,
        "card_last4": card and card.last4,
        "card_exp_month": card and card.exp_month,
        "card_exp_year": card and card.exp_year,
        "card_fingerprint": card and card.fingerprint,
        "is_default": method.is_default,
        "off_session": method.off_session,
        "deleted_at": method.deleted_at,
    }


def _method_of(row: Record) -> SavedMethod:
    card = None
    if row.card_brand is not None:
        card = Card(row.card_brand, row.card_last4, row.card_exp_month, row.card_exp_year, row.card_fingerprint)
    return SavedMethod(
        id=row.id,
        merchant_id=row.merchant_id,
        customer_id=row.customer_id,
        gateway=row.gateway,
        kind=PaymentMethodKind(row.kind),
        token=row.token,
        gateway_customer_id=row.gateway_customer_id,
        created_at=row.created_at,
        card=card,
        is_default=row.is_default,
        off_session=row.off_session,
        deleted_at=row.deleted_at,
    )
