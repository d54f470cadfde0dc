"""A page of the list of trade complaints. Source: alipay.merchant.tradecomplain.batchquery."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

from gateways.alipay.complaints import summary_of
from gateways.alipay.times import from_alipay as time_from_alipay
from server.domain.dispute_list import ListedDispute, UnreadableDispute

PAGE = 20
"""The most that Alipay gives at once."""

_LONG_AGO = datetime.min.replace(tzinfo=UTC)
_LONGEST_NUMBER = 64


@dataclass(frozen=True, slots=True)
class ComplaintPage:
    """Complaints, each with when it was made; `is_last` says that there are no more."""

    disputes: tuple[tuple[datetime, ListedDispute], ...]
    is_last: bool

    @classmethod
    def read(cls, fields: Mapping[str, object]) -> Self:
        """Raises ValueError for what is no page; one without complaints need not have `trade_complain_infos`."""
        entries = fields.get("trade_complain_infos", [])
        if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
            raise ValueError("trade_complain_infos is no list of complaints")
        return cls(tuple((_made_at(entry), _listed(entry)) for entry in entries), len(entries) < PAGE)


def _made_at(fields: Mapping[str, object]) -> datetime:
    try:
        return time_from_alipay(fields.get("gmt_create"))
    except ValueError:
        return _LONG_AGO


def _listed(fields: Mapping[str, object]) -> ListedDispute:
    try:
        return summary_of(fields)
    except ValueError:
        return UnreadableDispute(str(fields.get("complain_event_id", ""))[:_LONGEST_NUMBER])
