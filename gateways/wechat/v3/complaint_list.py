"""A page of the list of complaints. Source: pay.weixin.qq.com, API v3, consumer complaints 2.0, list of complaints."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

from gateways.wechat.fields import Malformed, group_in, optional_text_in
from gateways.wechat.times import from_v3
from gateways.wechat.v3.complaints import Complaint
from server.domain.dispute_list import DisputeSighting, ListedDispute, UnreadableDispute

PAGE = 50
"""The most that WeChat Pay gives at once."""

_LONG_AGO = datetime.min.replace(tzinfo=UTC)
_LONGEST_NUMBER = 64


@dataclass(frozen=True, slots=True)
class ComplaintPage:
    """Complaints about orders of the merchant's, each with when it was made; `is_last` says that there are no more."""

    disputes: tuple[tuple[datetime, ListedDispute], ...]
    is_last: bool

    @classmethod
    def read(cls, fields: Mapping[str, object], mch_id: str, now: datetime) -> Self:
        """Raises Malformed for what is no page; one without complaints need not have `data`."""
        entries = [] if fields.get("data") is None else fields["data"]
        if not isinstance(entries, list):
            raise Malformed("data is no list")
        complaints = [group_in({"entry": entry}, "entry") for entry in entries]
        ours = [each for each in complaints if _is_about_an_order_of(each, mch_id)]
        return cls(tuple((_made_at(each), _listed(each, now)) for each in ours), len(entries) < PAGE)


def _is_about_an_order_of(fields: Mapping[str, object], mch_id: str) -> bool:
    """Complaints can be about WeChat Pay's own services instead, and a service provider sees those against its merchants."""
    return bool(fields.get("complaint_order_info")) and fields.get("complainted_mchid") == mch_id


def _made_at(fields: Mapping[str, object]) -> datetime:
    return from_v3(optional_text_in(fields, "complaint_time")) or _LONG_AGO


def _listed(fields: Mapping[str, object], now: datetime) -> ListedDispute:
    try:
        complaint = Complaint.read(fields, now)
    except ValueError:
        return UnreadableDispute((optional_text_in(fields, "complaint_id") or "")[:_LONGEST_NUMBER])
    return DisputeSighting(complaint.report, complaint.reference, complaint.transaction_id)
