"""Stripe's replies, read strictly: one that lacks what we need is no answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Self

import stripe

from gateways.stripe.amounts import from_stripe
from gateways.stripe.disputes import SUBMISSION_KEY, report_of
from gateways.stripe.failures import is_replayed
from gateways.stripe.fields import amount, group, integer, moment, optional_text, optional_word, text, word
from gateways.stripe.request import REFERENCE_KEY
from server.domain.dispute import DisputeReport
from server.domain.money import Money


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
            if text(fields, "currency").upper() != currency:
                return None
            available_on = datetime.fromtimestamp(integer(fields, "available_on"), UTC).date()
            return cls(from_stripe(integer(fields, "fee"), currency), available_on)
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
        currency = text(fields, "currency").upper()
        redirect = group(group(fields, "next_action"), "redirect_to_url")
        charge = group(fields, "latest_charge")
        return cls(
            id=text(fields, "id"),
            status=text(fields, "status"),
            received_minor=from_stripe(integer(fields, "amount_received"), currency),
            capturable_minor=from_stripe(integer(fields, "amount_capturable"), currency),
            reference=optional_text(group(fields, "metadata"), REFERENCE_KEY),
            redirect_url=optional_text(redirect, "url"),
            error=_error(group(fields, "last_payment_error")),
            receipt_url=optional_text(charge, "receipt_url"),
            movement=Movement.of(group(charge, "balance_transaction"), currency),
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
            id=text(fields, "id"),
            status=text(fields, "status"),
            failure_reason=optional_text(fields, "failure_reason"),
            reference=optional_text(group(fields, "metadata"), REFERENCE_KEY),
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
        submission = optional_text(group(fields, "metadata"), SUBMISSION_KEY)
        return cls(text(fields, "status"), submission, report_of(fields))


def read_file_id(reply: stripe.File) -> str:
    """The id of an uploaded file. Raises an exception of any kind for a reply that is not a file."""
    return text(reply.to_dict(), "id")


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
        currency = text(fields, "currency").upper()
        return cls(
            id=word(text(fields, "id")),
            money=Money(from_stripe(amount(fields), currency), currency),
            status=text(fields, "status"),
            created_at=moment(fields, "created"),
            arrives_at=moment(fields, "arrival_date"),
            failure_code=optional_word(fields, "failure_code"),
            reference=optional_word(group(fields, "metadata"), REFERENCE_KEY),
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
        if text(fields, "type") != "card":
            return None
        card = group(fields, "card")
        return cls(
            id=text(fields, "id"),
            brand=text(card, "brand"),
            last4=text(card, "last4"),
            exp_month=integer(card, "exp_month"),
            exp_year=integer(card, "exp_year"),
            fingerprint=optional_text(card, "fingerprint"),
            customer=optional_text(fields, "customer"),
        )


def customer_id(reply: stripe.Customer) -> str:
    """The number of a Customer. Raises an exception of any kind for a reply that is not one."""
    fields: Mapping[str, object] = reply.to_dict()
    return text(fields, "id")


def _is_replayed(reply: stripe.PaymentIntent | stripe.Refund | stripe.Payout) -> bool:
    return reply.last_response is not None and is_replayed(reply.last_response.headers)


def _error(fields: Mapping[str, object]) -> PaymentError | None:
    if not fields:
        return None
    for_customers = fields.get("type") == "card_error"
    return PaymentError(
        code=optional_text(fields, "code"),
        decline_code=optional_text(fields, "decline_code"),
        message=optional_text(fields, "message") if for_customers else None,
    )
