"""Complaints of API v3: what WeChat Pay says of one, and our answer to it. Source: pay.weixin.qq.com, API v3, consumer complaints 2.0."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from gateways.wechat.amounts import CURRENCY
from gateways.wechat.fields import Malformed, group_in, integer_in, optional_text_in, text_in
from gateways.wechat.times import from_v3
from server.domain.dispute import DisputeReport, DisputeStatus
from server.domain.money import Money

_ID = re.compile(r"[0-9A-Za-z]{1,64}", re.ASCII)
_OUR_ANSWER = "MERCHANT_RESPONSE"

# How far WeChat Pay's clock may be behind ours.
_CLOCKS_DIFFER = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Complaint:
    """A complaint as WeChat Pay shows it now. `mch_id` is the merchant whom it is against; the numbers are those of the order that it is about."""

    mch_id: str
    reference: str | None
    transaction_id: str | None
    report: DisputeReport

    @classmethod
    def read(cls, fields: Mapping[str, object], now: datetime) -> Self:
        """Raises Malformed. What is asked for later is the later truth: WeChat Pay gives its answers no time."""
        orders = fields.get("complaint_order_info")
        if not isinstance(orders, list) or not orders:
            raise Malformed("complaint_order_info names no order")
        order = group_in({"first": orders[0]}, "first")
        return cls(
            mch_id=text_in(fields, "complainted_mchid"),
            reference=optional_text_in(order, "out_trade_no"),
            transaction_id=optional_text_in(order, "transaction_id"),
            report=DisputeReport(
                gateway_dispute_id=complaint_id_in(fields),
                status=_status(fields),
                money=Money(integer_in(order, "amount"), CURRENCY),
                reason=optional_text_in(fields, "problem_type") or "OTHERS",
                rank=int(now.timestamp() * 1000),
            ),
        )


@dataclass(frozen=True, slots=True)
class Answers:
    """What the merchant has answered to a complaint, with when."""

    given: tuple[tuple[datetime, str], ...]

    @classmethod
    def read(cls, fields: Mapping[str, object]) -> Self:
        """Raises Malformed."""
        entries = fields.get("data", [])
        if not isinstance(entries, list):
            raise Malformed("data is no list")
        return cls(tuple(_answers(entries)))

    def have(self, content: str, since: datetime) -> bool:
        """Whether these words were given since then."""
        return any(words == content and at >= since - _CLOCKS_DIFFER for at, words in self.given)


def complaint_id_in(fields: Mapping[str, object]) -> str:
    """Raises Malformed for what is no number of a complaint's."""
    number = text_in(fields, "complaint_id")
    if _ID.fullmatch(number) is None:
        raise Malformed("complaint_id is no number of a complaint")
    return number


def media_id(fields: Mapping[str, object]) -> str:
    """What an uploaded picture is called. Raises Malformed."""
    return text_in(fields, "media_id")


def _status(fields: Mapping[str, object]) -> DisputeStatus:
    """WeChat Pay takes no money for a complaint: however it ends, it was a warning. One that the customer has added to waits for us again."""
    match text_in(fields, "complaint_state"):
        case "PENDING":
            return DisputeStatus.NEEDS_RESPONSE
        case "PROCESSING":
            waits = fields.get("incoming_user_response") is True
            return DisputeStatus.NEEDS_RESPONSE if waits else DisputeStatus.UNDER_REVIEW
        case "PROCESSED":
            return DisputeStatus.WARNING_CLOSED
        case _:
            raise Malformed("complaint_state is none that is known")


def _answers(entries: Sequence[object]) -> list[tuple[datetime, str]]:
    found = []
    for entry in entries:
        fields = group_in({"entry": entry}, "entry")
        at = from_v3(optional_text_in(fields, "operate_time"))
        words = optional_text_in(fields, "operate_details")
        if fields.get("operate_type") == _OUR_ANSWER and at is not None and words is not None:
            found.append((at, words))
    return found
