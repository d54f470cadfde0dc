"""Trade complaints: what Alipay says of one, and what was said in it. Source: alipay.merchant.tradecomplain.query, and the models of Alipay's own SDKs for it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum, auto
from typing import Self

from gateways.alipay.amounts import CURRENCY, from_alipay
from gateways.alipay.times import from_alipay as time_from_alipay
from server.domain.dispute import DisputeReport, DisputeStatus
from server.domain.dispute_list import DisputeSummary
from server.domain.money import Money

_ID = re.compile(r"[0-9A-Za-z_]{1,64}", re.ASCII)
_SOME_REASON = "OTHERS"
_LONGEST_REASON = 100
_OURS = "MERCHANT"
# Who else may ask for something: the customer, and Alipay's own people. SYSTEM and GOVERNMENT are told of, and not answered.
_THEIRS = frozenset({"USER", "AUDITOR"})
_MERCHANT = "PID"

# How far Alipay's clock may be behind ours; it gives whole seconds.
_CLOCKS_DIFFER = timedelta(minutes=5)


class Stage(IntEnum):
    """Which of Alipay's calls takes an answer now, in the order of a complaint's life."""

    OPEN = auto()
    """Nothing was answered: the feedback is awaited."""

    TALKED_ABOUT = auto()
    """The feedback was given, or is late; more can be said."""

    BEFORE_ALIPAY = auto()
    """Alipay's own people decide, and take what supplements."""

    ENDED = auto()


_STAGES: Mapping[str, Stage] = {
    "MERCHANT_PROCESSING": Stage.OPEN,
    "MERCHANT_FEEDBACKED": Stage.TALKED_ABOUT,
    "MERCHANT_FEEDBACK_TIMEOUT": Stage.TALKED_ABOUT,
    "PLATFORM_PROCESSING": Stage.BEFORE_ALIPAY,
    "PLATFORM_FINISH": Stage.ENDED,
    "FINISHED": Stage.ENDED,
    "CANCELLED": Stage.ENDED,
    "CLOSED": Stage.ENDED,
    "REPORT_SUCCEED": Stage.ENDED,
}
_ANSWERED = "MERCHANT_FEEDBACKED"

# Alipay gives whole seconds: the thousandths order what happened within one, as far as it can be told apart.
_A_SECOND = 1000
_A_WORD = 10


@dataclass(frozen=True, slots=True)
class Word:
    """What one side has said, and when."""

    ours: bool
    at: datetime
    content: str


@dataclass(frozen=True, slots=True)
class Complaint:
    """A complaint as Alipay shows it now. `seller_id` is the merchant whom it is against, where it is against one and not against an application; the numbers are its trade's."""

    stage: Stage
    seller_id: str | None
    reference: str | None
    trade_no: str | None
    words: tuple[Word, ...]
    report: DisputeReport

    @classmethod
    def read(cls, fields: Mapping[str, object], complain_event_id: str) -> Self:
        """Raises ValueError for what is no such complaint."""
        if fields.get("complain_event_id") != complain_event_id:
            raise ValueError("complain_event_id is not the one that was asked for")
        status = fields.get("status")
        if not isinstance(status, str) or status not in _STAGES:
            raise ValueError("status is none that is known")
        records = _records(fields.get("reply_detail_infos"))
        words = tuple(word for record in records if (word := _word(record)) is not None)
        stage = _STAGES[status]
        reason = _text(fields, "complain_reason") or _text(fields, "leaf_category_name") or _SOME_REASON
        return cls(
            stage=stage,
            seller_id=_text(fields, "target_id") if fields.get("target_type") == _MERCHANT else None,
            reference=_text(fields, "merchant_order_no"),
            trade_no=_text(fields, "trade_no"),
            words=words,
            report=DisputeReport(
                gateway_dispute_id=complain_event_id,
                status=_status(stage, words, answered=status == _ANSWERED),
                money=Money(from_alipay(fields.get("trade_amount")), CURRENCY),
                reason=reason[:_LONGEST_REASON],
                rank=_rank(fields, len(records) * _A_WORD + stage.value),
            ),
        )

    def holds(self, content: str, since: datetime) -> bool:
        """Whether we have said these words since then."""
        return any(
            word.ours and word.content.strip() == content.strip() and word.at >= since - _CLOCKS_DIFFER
            for word in self.words
        )


def complaint_id_in(fields: Mapping[str, object]) -> str:
    """Raises ValueError for what is no number of a complaint's."""
    number = fields.get("complain_event_id")
    if not isinstance(number, str) or _ID.fullmatch(number) is None:
        raise ValueError("complain_event_id is no number of a complaint")
    return number


def image_id_in(fields: Mapping[str, object]) -> str:
    """What Alipay calls an image that was uploaded. Raises ValueError."""
    number = _text(fields, "image_id")
    if number is None or "," in number:
        raise ValueError("image_id is none")
    return number


def _status(stage: Stage, words: Sequence[Word], *, answered: bool) -> DisputeStatus:
    """Alipay takes no money for a complaint: however it ends, it was a warning.

    A complaint waits for us until the last word is ours. One that is answered by its state alone waits when somebody has spoken after us.
    """
    match stage:
        case Stage.ENDED:
            return DisputeStatus.WARNING_CLOSED
        case Stage.OPEN:
            return DisputeStatus.NEEDS_RESPONSE
        case Stage.TALKED_ABOUT | Stage.BEFORE_ALIPAY:
            spoken = any(word.ours for word in words)
            # Of one second ours is the later one: it was an answer.
            last_is_ours = spoken and max(words, key=lambda word: (word.at, word.ours)).ours
            waits = not last_is_ours and (spoken or not answered)
            return DisputeStatus.NEEDS_RESPONSE if waits else DisputeStatus.UNDER_REVIEW


def summary_of(fields: Mapping[str, object]) -> DisputeSummary:
    """A complaint of Alipay's list, which has no amounts and nothing of what was said: anything may have been, up to the end of the second. Raises ValueError."""
    return DisputeSummary(complaint_id_in(fields), _rank(fields, _A_SECOND - 1), _changed_at(fields))


def _rank(fields: Mapping[str, object], within_the_second: int) -> int:
    """By the time of the last change. A word that is said need not be one of the complaint itself, but there is one more then."""
    return int(_changed_at(fields).timestamp()) * _A_SECOND + min(within_the_second, _A_SECOND - 1)


def _changed_at(fields: Mapping[str, object]) -> datetime:
    """Raises ValueError."""
    return time_from_alipay(fields.get("gmt_modified"))


def _records(listed: object) -> list[Mapping[str, object]]:
    """Raises ValueError."""
    if listed is None:
        return []
    if not isinstance(listed, list) or not all(isinstance(record, dict) for record in listed):
        raise ValueError("reply_detail_infos is no list of records")
    return listed


def _word(record: Mapping[str, object]) -> Word | None:
    """None for what neither side has said. Raises ValueError."""
    role = record.get("replier_role")
    if role != _OURS and role not in _THEIRS:
        return None
    at = time_from_alipay(record.get("gmt_create"))
    return Word(ours=role == _OURS, at=at, content=_text(record, "content") or "")


def _text(fields: Mapping[str, object], name: str) -> str | None:
    value = fields.get(name)
    return value if isinstance(value, str) and value else None
