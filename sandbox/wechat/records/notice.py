"""A notification to a merchant: about what; how it is written and signed is decided when it is sent."""

from dataclasses import dataclass
from typing import Literal, Self

import orjson

About = Literal["payment", "refund", "complaint"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """`number` is the `out_trade_no`, the `out_refund_no` or the complaint's; a probe carries a signature that must not be believed.

    Of a complaint `event` is the kind of event, and `said` what was said last.
    """

    KIND = "wechat.notice"

    id: str
    created: int
    about: About
    number: str
    probe: bool = False
    event: str = ""
    said: str = ""

    def stored(self) -> str:
        return orjson.dumps(self).decode()

    @classmethod
    def load(cls, stored: str) -> Self:
        return cls(**orjson.loads(stored))
