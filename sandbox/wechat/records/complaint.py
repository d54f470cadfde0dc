"""A complaint: what a customer has against an order, and what was said about it since."""

from dataclasses import asdict, dataclass, replace
from typing import Any, Literal, Self

import orjson

ComplaintState = Literal["PENDING", "PROCESSING", "PROCESSED"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One entry of the history; `pictures` are their media ids."""

    log_id: str
    at: float
    operator: str
    kind: str
    words: str
    pictures: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """`amount` is in fen: of the order, or the part that the customer wants back."""

    KIND = "wechat.complaint"

    id: str
    mch_id: str
    out_trade_no: str
    created: int
    amount: int
    total: int
    reason: str
    state: ComplaintState = "PENDING"
    history: tuple[Said, ...] = ()

    def say(self, said: Said, state: ComplaintState) -> Self:
        """The complaint with one entry more, and where it stands then."""
        return replace(self, history=(*self.history, said), state=state)

    def stored(self) -> str:
        return orjson.dumps(asdict(self)).decode()

    @classmethod
    def load(cls, stored: str) -> Self:
        fields: dict[str, Any] = orjson.loads(stored)
        history = tuple(Said(**{**said, "pictures": tuple(said["pictures"])}) for said in fields.pop("history"))
        return cls(**fields, history=history)
