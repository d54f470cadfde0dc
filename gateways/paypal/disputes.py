"""What PayPal says of a dispute. Source: the disputes v1 API, `dispute`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from gateways.paypal.replies import group, items, money, optional_text, text
from gateways.rfc3339 import moment
from server.domain.dispute import DisputeReport, DisputeStatus, Moved
from server.domain.dispute_list import DisputeSummary

ID = re.compile(r"[A-Za-z0-9-]{1,255}")
"""The form of a dispute's number."""

_INQUIRY = "INQUIRY"
_SUBMITTED = "SUBMITTED_BY_SELLER"
_SETTLEMENT = "DISPUTE_SETTLEMENT"
_DEBIT, _CREDIT = "DEBIT", "CREDIT"

# A dispute that is open can go to and fro; what is told later has a later time of update. Two changes within one such time follow this order.
_PLACES = (DisputeStatus.NEEDS_RESPONSE, DisputeStatus.UNDER_REVIEW)
_STEPS = 10

# Source: `dispute_outcome.outcome_code`. A payout is PayPal's own: the merchant keeps the money.
_OUTCOMES: Mapping[str, DisputeStatus] = {
    "RESOLVED_BUYER_FAVOUR": DisputeStatus.LOST,
    "ACCEPTED": DisputeStatus.LOST,
    "RESOLVED_SELLER_FAVOUR": DisputeStatus.WON,
    "RESOLVED_WITH_PAYOUT": DisputeStatus.WON,
    "DENIED": DisputeStatus.WON,
}


@dataclass(frozen=True, slots=True)
class PayPalDispute:
    """A dispute. `reference` is our number for the payment, `seller_id` whom it paid; `notes` are those of the evidence that the merchant has given."""

    id: str
    status: str
    reference: str | None
    seller_id: str | None
    notes: tuple[str, ...]
    report: DisputeReport

    @classmethod
    def read(cls, fields: object) -> Self:
        """Raises one of UNREADABLE for what is no dispute."""
        found = group(fields)
        transaction = _transaction(found)
        seller = transaction.get("seller")
        evidences = [group(each) for each in items(found, "evidences")]
        given = [each for each in evidences if each.get("source") == _SUBMITTED]
        return cls(
            id=_id(found),
            status=text(found, "status"),
            reference=optional_text(transaction, "invoice_number"),
            seller_id=optional_text(seller, "merchant_id") if isinstance(seller, dict) else None,
            notes=tuple(notes for each in given if (notes := optional_text(each, "notes")) is not None),
            report=_report(found),
        )

    @property
    def takes_evidence(self) -> bool:
        """Whether PayPal waits for the merchant."""
        return self.status == "WAITING_FOR_SELLER_RESPONSE"


def summary_of(fields: Mapping[str, object]) -> DisputeSummary:
    """A dispute of PayPal's list, which does not name its payment. Raises one of UNREADABLE."""
    return DisputeSummary(_id(fields), _rank(fields, _status(fields)), _changed_at(fields))


def _report(fields: Mapping[str, object]) -> DisputeReport:
    status, amount = _status(fields), money(fields["dispute_amount"])
    due_by = optional_text(fields, "seller_response_due_date")
    movements = [
        each for each in map(group, items(fields, "money_movements")) if each.get("affected_party") == "SELLER"
    ]
    return DisputeReport(
        gateway_dispute_id=_id(fields),
        status=status,
        money=amount,
        reason=text(fields, "reason"),
        rank=_rank(fields, status),
        evidence_due_by=None if due_by is None else moment(due_by),
        moved=Moved(
            taken_minor=_moved(movements, _DEBIT, amount.currency, settlement=True),
            returned_minor=_moved(movements, _CREDIT, amount.currency, settlement=True),
            fee_minor=_moved(movements, _DEBIT, amount.currency, settlement=False),
            returned_fee_minor=_moved(movements, _CREDIT, amount.currency, settlement=False),
        ),
    )


def _status(fields: Mapping[str, object]) -> DisputeStatus:
    """What is open in no other way than by the merchant's silence is with the customer or with PayPal."""
    match text(fields, "status"):
        case "OPEN" | "WAITING_FOR_SELLER_RESPONSE":
            return DisputeStatus.NEEDS_RESPONSE
        case "RESOLVED":
            return _decision(fields)
        case _:
            return DisputeStatus.UNDER_REVIEW


def _decision(fields: Mapping[str, object]) -> DisputeStatus:
    """A customer who takes an inquiry back leaves nothing behind; of a claim it leaves the merchant the money."""
    outcome = fields.get("dispute_outcome")
    code = outcome.get("outcome_code") if isinstance(outcome, dict) else None
    if isinstance(code, str) and code in _OUTCOMES:
        return _OUTCOMES[code]
    inquiry = fields.get("dispute_life_cycle_stage") == _INQUIRY
    return DisputeStatus.WON if code == "CANCELED_BY_BUYER" and not inquiry else DisputeStatus.WARNING_CLOSED


def _rank(fields: Mapping[str, object], status: DisputeStatus) -> int:
    milliseconds = int(_changed_at(fields).timestamp() * 1000)
    return milliseconds * _STEPS + (_PLACES.index(status) if status in _PLACES else len(_PLACES))


def _changed_at(fields: Mapping[str, object]) -> datetime:
    return moment(text(fields, "update_time"))


def _moved(movements: list[Mapping[str, object]], kind: str, currency: str, *, settlement: bool) -> int:
    """What moved one way, as the settlement or as fees, in minor units. A movement in another currency is on no account that we keep for the payment."""
    moved = [
        money(each["amount"])
        for each in movements
        if each.get("type") == kind and (each.get("reason", _SETTLEMENT) == _SETTLEMENT) is settlement
    ]
    return sum(each.amount_minor for each in moved if each.currency == currency)


def _transaction(fields: Mapping[str, object]) -> Mapping[str, object]:
    transactions = items(fields, "disputed_transactions")
    return group(transactions[0]) if transactions else {}


def _id(fields: Mapping[str, object]) -> str:
    number = text(fields, "dispute_id")
    if ID.fullmatch(number) is None:
        raise ValueError("no dispute's number")
    return number
