"""PayPal's replies, read strictly: one that lacks what we need is no answer."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from gateways.paypal.amounts import from_paypal
from gateways.rfc3339 import moment
from server.domain.addresses import host_of
from server.domain.errors import InvalidCurrency
from server.domain.money import Money

UNREADABLE = (LookupError, TypeError, ValueError, InvalidCurrency)
"""What reading raises for what is not what it should be."""

_APPROVAL = ("payer-action", "approve")


@dataclass(frozen=True, slots=True)
class Capture:
    """Money that was taken, or is being taken, or was not. `fee_minor` is what PayPal keeps of it, in its currency, where it says so."""

    id: str
    status: str
    money: Money
    created_at: datetime | None
    fee_minor: int | None

    @classmethod
    def read(cls, fields: object) -> Self:
        """Raises one of UNREADABLE for what is no capture."""
        found = group(fields)
        created_at, amount = optional_text(found, "create_time"), money(found["amount"])
        return cls(
            id=text(found, "id"),
            status=text(found, "status"),
            money=amount,
            created_at=None if created_at is None else moment(created_at),
            fee_minor=_fee_minor(found, amount.currency),
        )


@dataclass(frozen=True, slots=True)
class Authorization:
    """Money that is reserved, or was."""

    id: str
    status: str
    money: Money

    @classmethod
    def read(cls, fields: object) -> Self:
        """Raises one of UNREADABLE for what is no authorization."""
        found = group(fields)
        return cls(id=text(found, "id"), status=text(found, "status"), money=money(found["amount"]))


@dataclass(frozen=True, slots=True)
class RefundReply:
    """Money on its way back; `invoice_id` is our number for it."""

    id: str
    status: str
    invoice_id: str | None

    @classmethod
    def read(cls, fields: object) -> Self:
        """Raises one of UNREADABLE for what is no refund."""
        found = group(fields)
        return cls(id=text(found, "id"), status=text(found, "status"), invoice_id=optional_text(found, "invoice_id"))


@dataclass(frozen=True, slots=True)
class Order:
    """An order with what has come of it; `approval_url` is where the customer approves it."""

    id: str
    status: str
    approval_url: str | None
    authorization: Authorization | None
    captures: tuple[Capture, ...]
    refunds: tuple[RefundReply, ...]

    @classmethod
    def read(cls, fields: object) -> Self:
        """Raises one of UNREADABLE for what is no order of ours, which has one purchase unit and at most one authorization."""
        found = group(fields)
        units = items(found, "purchase_units")
        payments = group(group(units[0]).get("payments", {})) if units else {}
        authorizations = [Authorization.read(each) for each in items(payments, "authorizations")]
        if len(units) > 1 or len(authorizations) > 1:
            raise ValueError("an order of someone else's")
        return cls(
            id=text(found, "id"),
            status=text(found, "status"),
            approval_url=_approval_url(items(found, "links")),
            authorization=authorizations[0] if authorizations else None,
            captures=tuple(Capture.read(each) for each in items(payments, "captures")),
            refunds=tuple(RefundReply.read(each) for each in items(payments, "refunds")),
        )


def decoded(body: str) -> object:
    """Raises ValueError for what is no JSON."""
    return json.loads(body)


def text(fields: Mapping[str, object], name: str) -> str:
    """Raises LookupError or TypeError where there is no text of that name."""
    value = fields[name]
    if not isinstance(value, str) or not value:
        raise TypeError(f"{name} is no text")
    return value


def optional_text(fields: Mapping[str, object], name: str) -> str | None:
    """None where there is no text of that name."""
    value = fields.get(name)
    return value if isinstance(value, str) and value else None


def group(value: object) -> Mapping[str, object]:
    """Raises TypeError for what is no object."""
    if not isinstance(value, dict):
        raise TypeError("no object")
    return value


def items(fields: Mapping[str, object], name: str) -> list[object]:
    """Empty where there is nothing of that name. Raises TypeError for what is no list."""
    value = fields.get(name, [])
    if not isinstance(value, list):
        raise TypeError(f"{name} is no list")
    return value


def money(value: object) -> Money:
    """Raises one of UNREADABLE for what is no amount."""
    found = group(value)
    currency = text(found, "currency_code")
    return Money(from_paypal(text(found, "value"), currency), currency)


def _fee_minor(capture: Mapping[str, object], currency: str) -> int | None:
    """None where PayPal names no fee, or one in another currency. Source: `seller_receivable_breakdown` of the payments v2 API."""
    try:
        fee = money(group(capture["seller_receivable_breakdown"])["paypal_fee"])
    except UNREADABLE:
        return None
    return fee.amount_minor if fee.currency == currency else None


def _approval_url(links: list[object]) -> str | None:
    found = {rel: href for link in links if (rel := group(link).get("rel")) and (href := group(link).get("href"))}
    for rel in _APPROVAL:
        url = found.get(rel)
        if isinstance(url, str) and host_of(url) is not None:
            return url
    return None
