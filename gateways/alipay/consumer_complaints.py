"""Consumer complaints: what customers have against trades on their bill, as Alipay's RiskGO tells it.

Source: alipay.security.risk.complaint.info.query and .info.batchquery, and the models of Alipay's own SDKs for them.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

from gateways.alipay.amounts import CURRENCY, from_alipay
from gateways.alipay.times import from_alipay as time_from_alipay
from server.domain.dispute import DisputeReport, DisputeStatus
from server.domain.dispute_list import DisputeSighting, ListedDispute, UnreadableDispute
from server.domain.money import Money

PAGE = 20
"""How many are asked for at once."""

_NUMBER = re.compile(r"([0-9]{1,19})-([0-9A-Za-z]{1,64})", re.ASCII)
_REASON = "consumer_complaint"
_LONG_AGO = datetime.min.replace(tzinfo=UTC)

# One that is partly processed, or late, can be processed still.
_STATUSES: Mapping[str, DisputeStatus] = {
    "WAIT_PROCESS": DisputeStatus.NEEDS_RESPONSE,
    "PROCESSING": DisputeStatus.NEEDS_RESPONSE,
    "OVERDUE": DisputeStatus.NEEDS_RESPONSE,
    "PART_OVERDUE": DisputeStatus.NEEDS_RESPONSE,
    "PROCESSED": DisputeStatus.WARNING_CLOSED,
    "OVERDUE_PROCESSED": DisputeStatus.WARNING_CLOSED,
    "DROP_COMPLAIN": DisputeStatus.WARNING_CLOSED,
    "DROP_PROCESSED": DisputeStatus.WARNING_CLOSED,
    "DROP_OVERDUE_COMPLAIN": DisputeStatus.WARNING_CLOSED,
    "DROP_OVERDUE_PROCESSED": DisputeStatus.WARNING_CLOSED,
}


@dataclass(frozen=True, slots=True)
class ConsumerComplaint:
    """A complaint as Alipay shows it now: one dispute for each trade that it is about, as a dispute is one payment's. `remark` is what the merchant has said when it was processed."""

    id: str
    seller_id: str | None
    made_at: datetime
    status: DisputeStatus
    remark: str | None
    disputes: tuple[DisputeSighting, ...]

    @classmethod
    def read(cls, fields: Mapping[str, object], now: datetime) -> Self:
        """Raises ValueError for what is no complaint. What is asked for later is the later truth: Alipay gives its answers no time."""
        number = _id(fields)
        status = _STATUSES.get(str(fields.get("status")))
        if status is None:
            raise ValueError("status is none that is known")
        trades = fields.get("complaint_trade_info_list")
        if not isinstance(trades, list) or not trades or not all(isinstance(trade, dict) for trade in trades):
            raise ValueError("complaint_trade_info_list names no trade")
        due_by = fields.get("gmt_overdue")
        return cls(
            id=number,
            seller_id=_text(fields, "opposite_pid"),
            made_at=_made_at(fields),
            status=status,
            remark=_text(fields, "process_remark"),
            disputes=tuple(
                DisputeSighting(
                    DisputeReport(
                        gateway_dispute_id=f"{number}-{_trade_no(trade)}",
                        status=status,
                        money=Money(from_alipay(trade.get("amount")), CURRENCY),
                        reason=_REASON,
                        rank=int(now.timestamp() * 1000),
                        evidence_due_by=time_from_alipay(due_by) if due_by else None,
                    ),
                    _text(trade, "out_no"),
                    _trade_no(trade),
                )
                for trade in trades
            ),
        )

    def dispute(self, gateway_dispute_id: str) -> DisputeReport | None:
        """The report on one of its trades."""
        return next((each.report for each in self.disputes if each.gateway_dispute_id == gateway_dispute_id), None)


@dataclass(frozen=True, slots=True)
class ConsumerPage:
    """Disputes, each with when the complaint was made; `is_last` says that there are no more."""

    disputes: tuple[tuple[datetime, ListedDispute], ...]
    is_last: bool

    @classmethod
    def read(cls, fields: Mapping[str, object], seller_id: str | None, now: datetime) -> Self:
        """Those against the merchant, where it is known which. Raises ValueError for what is no page; one without complaints need not have `complaint_list`."""
        entries = fields.get("complaint_list", [])
        if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
            raise ValueError("complaint_list is no list of complaints")
        ours = [entry for entry in entries if seller_id is None or entry.get("opposite_pid") in (None, seller_id)]
        return cls(tuple(listed for entry in ours for listed in _listed(entry, now)), len(entries) < PAGE)


def complaint_id_of(gateway_dispute_id: str) -> str | None:
    """Alipay's number for the consumer complaint that a dispute is one trade's part of; None for another kind of dispute."""
    match = _NUMBER.fullmatch(gateway_dispute_id)
    return None if match is None else match[1]


def _listed(fields: Mapping[str, object], now: datetime) -> list[tuple[datetime, ListedDispute]]:
    try:
        complaint = ConsumerComplaint.read(fields, now)
    except ValueError:
        return [(_LONG_AGO, UnreadableDispute(str(fields.get("id", ""))[:64]))]
    return [(complaint.made_at, dispute) for dispute in complaint.disputes]


def _id(fields: Mapping[str, object]) -> str:
    number = fields.get("id")
    if isinstance(number, bool) or not isinstance(number, int | str) or complaint_id_of(f"{number}-0") is None:
        raise ValueError("id is no number of a complaint")
    return str(number)


def _trade_no(trade: Mapping[str, object]) -> str:
    number = _text(trade, "trade_no")
    if number is None or complaint_id_of(f"0-{number}") is None:
        raise ValueError("trade_no is no number of a trade")
    return number


def _made_at(fields: Mapping[str, object]) -> datetime:
    return time_from_alipay(fields.get("gmt_complain"))


def _text(fields: Mapping[str, object], name: str) -> str | None:
    value = fields.get(name)
    return value if isinstance(value, str) and value else None
