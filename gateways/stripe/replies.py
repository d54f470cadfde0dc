"""Stripe's replies, read strictly: one that lacks what we need is no answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Self

import stripe

from gateways.stripe.amounts import from_stripe
from gateways.stripe.disputes import SUBMISSION_KEY, report_of
from gateways.stripe.failures import is_replayed
from gateways.stripe.request import REFERENCE_KEY
from server.domain.dispute import DisputeReport
from server.domain.money import Money

# Stripe's own limit is twelve digits.
_LARGEST_AMOUNT = 10**12


@dataclass(frozen=True, slots=True)
class PaymentError:
    """Why the last try at confirming an intent failed; `message` only where it is made for customers."""

    code: str | None
    decline_code: str | None
    message: str | None


@dataclass(frozen=True, slots=True)
class Movement:
    """What a charge moved on the merchant's balance: Stripe's fee in our minor units, and the day from which on the rest is paid out."""

    fee_minor: int
    available_on: date

    @classmethod
    def of(cls, fields: Mapping[str, object], currency: str) -> Self | None:
        """None where Stripe shows no balance transaction yet, or one that the charge's currency cannot express: it keeps that balance in another one."""
        try:
            if _text(fields, "currency").upper() != currency:
                return None
            available_on = datetime.fromtimestamp(_integer(fields, "available_on"), UTC).date()
            return cls(from_stripe(_integer(fields, "fee"), currency), available_on)
        except (LookupError, TypeError, ValueError, OverflowError, OSError):
            return None


@dataclass(frozen=True, slots=True)
class Intent:
    """A PaymentIntent; amounts are in our minor units. `movement` is there once the money has moved. `replayed` tells that it shows the intent as it was when its key was first used."""

    id: str
    status: str
    received_minor: int
    capturable_minor: int
    reference: str | None
    redirect_url: str | None
    error: PaymentError | None
    receipt_url: str | None
    movement: Movement | None
    replayed: bool

    @classmethod
    def read(cls, reply: stripe.PaymentIntent) -> Self:
        """Raises an exception of any kind for a reply that is not an intent."""
        return cls.of(reply.to_dict(), replayed=_is_replayed(reply))

    @classmethod
    def of(cls, fields: Mapping[str, object], *, replayed: bool = False) -> Self:
        """Raises an exception of any kind for fields that are not an intent's."""
        currency = _text(fields, "currency").upper()
        redirect = _group(_group(fields, "next_action"), "redirect_to_url")
        charge = _group(fields, "latest_charge")
        return cls(
            id=_text(fields, "id"),
            status=_text(fields, "status"),
            received_minor=from_stripe(_integer(fields, "amount_received"), currency),
            capturable_minor=from_stripe(_integer(fields, "amount_capturable"), currency),
            reference=_optional_text(_group(fields, "metadata"), REFERENCE_KEY),
            redirect_url=_optional_text(redirect, "url"),
            error=_error(_group(fields, "last_payment_error")),
            receipt_url=_optional_text(charge, "receipt_url"),
            movement=Movement.of(_group(charge, "balance_transaction"), currency),
            replayed=replayed,
        )


@dataclass(frozen=True, slots=True)
class ReturnedMoney:
    """A Refund. `replayed` tells that it shows the refund as it was when its key was first used."""

    id: str
    status: str
    failure_reason: str | None
    reference: str | None
    replayed: bool

    @classmethod
    def read(cls, reply: stripe.Refund) -> Self:
        """Raises an exception of any kind for a reply that is not a refund."""
        return cls.of(reply.to_dict(), replayed=_is_replayed(reply))

    @classmethod
    def of(cls, fields: Mapping[str, object], *, replayed: bool = False) -> Self:
        """Raises an exception of any kind for fields that are not a refund's."""
        return cls(
            id=_text(fields, "id"),
            status=_text(fields, "status"),
            failure_reason=_optional_text(fields, "failure_reason"),
            reference=_optional_text(_group(fields, "metadata"), REFERENCE_KEY),
            replayed=replayed,
        )


@dataclass(frozen=True, slots=True)
class AnsweredDispute:
    """A Dispute. `submission` names the evidence of ours that it has, if it has any."""

    status: str
    submission: str | None
    report: DisputeReport

    @classmethod
    def read(cls, reply: stripe.Dispute) -> Self:
        """Raises an exception of any kind for a reply that is not a dispute."""
        fields: Mapping[str, object] = reply.to_dict()
        submission = _optional_text(_group(fields, "metadata"), SUBMISSION_KEY)
        return cls(_text(fields, "status"), submission, report_of(fields))


def read_file_id(reply: stripe.File) -> str:
    """The id of an uploaded file. Raises an exception of any kind for a reply that is not a file."""
    return _text(reply.to_dict(), "id")


@dataclass(frozen=True, slots=True)
class SentMoney:
    """A Payout. `replayed` tells that it shows the payout as it was when its key was first used."""

    id: str
    money: Money
    status: str
    created_at: datetime
    arrives_at: datetime
    failure_code: str | None
    reference: str | None
    replayed: bool

    @classmethod
    def read(cls, reply: stripe.Payout) -> Self:
        """Raises an exception of any kind for a reply that is not a payout."""
        return cls.of(reply.to_dict(), replayed=_is_replayed(reply))

    @classmethod
    def of(cls, fields: Mapping[str, object], *, replayed: bool = False) -> Self:
        """Raises an exception of any kind for fields that are not a payout's. Below zero Stripe takes money from the bank, where the balance is."""
        currency = _text(fields, "currency").upper()
        return cls(
            id=_word(_text(fields, "id")),
            money=Money(from_stripe(_amount(fields), currency), currency),
            status=_text(fields, "status"),
            created_at=_moment(fields, "created"),
            arrives_at=_moment(fields, "arrival_date"),
            failure_code=_optional_word(fields, "failure_code"),
            reference=_optional_word(_group(fields, "metadata"), REFERENCE_KEY),
            replayed=replayed,
        )


@dataclass(frozen=True, slots=True)
class CardMethod:
    """A PaymentMethod that is a card. `fingerprint` is Stripe's own, and Stripe leaves it out for some accounts; `customer` is whose it is, once it is somebody's."""

    id: str
    brand: str
    last4: str
    exp_month: int
    exp_year: int
    fingerprint: str | None
    customer: str | None

    @classmethod
    def read(cls, reply: stripe.PaymentMethod) -> Self | None:
        """None for a method of another type. Raises an exception of any kind for a reply that is not a method."""
        fields: Mapping[str, object] = reply.to_dict()
        if _text(fields, "type") != "card":
            return None
        card = _group(fields, "card")
        return cls(
            id=_text(fields, "id"),
            brand=_text(card, "brand"),
            last4=_text(card, "last4"),
            exp_month=_integer(card, "exp_month"),
            exp_year=_integer(card, "exp_year"),
            fingerprint=_optional_text(card, "fingerprint"),
            customer=_optional_text(fields, "customer"),
        )


def customer_id(reply: stripe.Customer) -> str:
    """The number of a Customer. Raises an exception of any kind for a reply that is not one."""
    fields: Mapping[str, object] = reply.to_dict()
    return _text(fields, "id")


def _is_replayed(reply: stripe.PaymentIntent | stripe.Refund | stripe.Payout) -> bool:
    return reply.last_response is not None and is_replayed(reply.last_response.headers)


def _error(fields: Mapping[str, object]) -> PaymentError | None:
    if not fields:
        return None
    for_customers = fields.get("type") == "card_error"
    return PaymentError(
        code=_optional_text(fields, "code"),
        decline_code=_optional_text(fields, "decline_code"),
        message=_optional_text(fields, "message") if for_customers else None,
    )


def _text(fields: Mapping[str, object], name: str) -> str:
    value = fields[name]
    if not isinstance(value, str) or not value:
        raise TypeError(f"{name} is no text")
    return value


def _word(text: str) -> str:
    if not text.isascii() or not text.isprintable():
        raise TypeError("no word of Stripe's")
    return text


def _optional_word(fields: Mapping[str, object], name: str) -> str | None:
    text = _optional_text(fields, name)
    return None if text is None else _word(text)


def _amount(fields: Mapping[str, object]) -> int:
    amount = _integer(fields, "amount")
    if not 0 < abs(amount) < _LARGEST_AMOUNT:
        raise ValueError("no amount of money")
    return amount


def _moment(fields: Mapping[str, object], name: str) -> datetime:
    seconds = _integer(fields, name)
    if seconds < 0:
        raise ValueError(f"{name} is before Stripe")
    return datetime.fromtimestamp(seconds, UTC)


def _integer(fields: Mapping[str, object], name: str) -> int:
    value = fields[name]
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"{name} is no integer")
    return value


def _optional_text(fields: Mapping[str, object], name: str) -> str | None:
    value = fields.get(name)
    return value if isinstance(value, str) and value else None


def _group(fields: Mapping[str, object], name: str) -> Mapping[str, object]:
    """An object inside the reply; empty where Stripe has none or gives its id alone."""
    value = fields.get(name)
    return value if isinstance(value, dict) else {}
