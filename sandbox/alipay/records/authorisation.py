"""A pre-authorisation (资金授权): money that is frozen in the customer's account, and every operation on it."""

from dataclasses import dataclass, field
from typing import ClassVar, Literal, Self

import orjson

from sandbox.alipay.records.record import Record

OrderStatus = Literal["INIT", "AUTHORIZED", "FINISH", "CLOSED"]
OperationType = Literal["FREEZE", "UNFREEZE", "PAY"]
OperationStatus = Literal["INIT", "SUCCESS", "CLOSED"]


@dataclass
class Operation:
    """`amount` in fen; `finished_at` is when its status became final."""

    id: str
    out_request_no: str
    type: OperationType
    amount: int
    status: OperationStatus
    created: int
    finished_at: int | None = None
    remark: str | None = None


@dataclass
class Authorisation(Record):
    """`id` is the authorisation number; amounts are in fen. `opened` as with a trade: before that Alipay does not know it."""

    KIND: ClassVar[str] = "alipay.authorisation"

    method: str
    out_order_no: str
    title: str
    amount: int
    page_key: str
    expires_at: int
    operations: list[Operation] = field(default_factory=list)
    opened: bool = True
    status: OrderStatus = "INIT"
    extra_param: str | None = None
    notify_url: str | None = None

    @property
    def freeze(self) -> Operation:
        return self.operations[0]

    @property
    def frozen(self) -> int:
        """All that was ever frozen."""
        return self.done("FREEZE")

    @property
    def rest(self) -> int:
        """What is frozen now."""
        return self.done("FREEZE") - self.done("UNFREEZE") - self.done("PAY")

    def done(self, type: OperationType) -> int:
        return sum(each.amount for each in self.operations if each.type == type and each.status == "SUCCESS")

    def operation(
        self, operation_id: str | None, out_request_no: str | None, type: OperationType | None = None
    ) -> Operation | None:
        """By Alipay's number, or else by the merchant's."""
        for each in self.operations:
            same = each.id == operation_id if operation_id is not None else each.out_request_no == out_request_no
            if same and type in (None, each.type):
                return each
        return None

    @classmethod
    def load(cls, stored: str) -> Self:
        fields = orjson.loads(stored)
        return cls(**{**fields, "operations": [Operation(**operation) for operation in fields["operations"]]})
