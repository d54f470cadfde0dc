"""Faults that tests arm against a simulated gateway's operations, drawn once for each call."""

import random
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Literal, get_args

import orjson

from sandbox.state.switches import Switches

FaultName = Literal["timeout_before", "timeout_after", "reset_after", "http_500", "rate_limit", "slow"]
Operation = Literal["pay", "capture", "cancel", "refund", "fetch", "evidence"]
FAULT_NAMES: tuple[str, ...] = get_args(FaultName)
OPERATIONS: tuple[str, ...] = get_args(Operation)
EVERY_OPERATION = "*"
_SWITCH = "faults"


@dataclass(frozen=True)
class Fault:
    """One armed fault. No `count` means every call until the faults are deleted; no `delay_ms` means the fault's own.

    `timeout_before` hangs and does nothing, `timeout_after` and `reset_after` do the work and lose the answer,
    `http_500` does nothing and answers 500, `rate_limit` does nothing and answers 429, `slow` waits and then works.
    """

    id: str
    gateway: str
    operation: str
    fault: str
    count: int | None = None
    probability: float = 1.0
    delay_ms: int | None = None

    def hits(self, gateway: str, operation: str) -> bool:
        return self.gateway == gateway and self.operation in (operation, EVERY_OPERATION)

    def delay_seconds(self, default: float) -> float:
        return default if self.delay_ms is None else self.delay_ms / 1000


class Faults:
    """The armed faults in the order of arming; the first that hits a call is drawn."""

    def __init__(self, switches: Switches, chance: random.Random) -> None:
        self._switches = switches
        self._chance = chance
        stored = switches.read(_SWITCH)
        self._armed: list[Fault] = [Fault(**row) for row in orjson.loads(stored)] if stored else []

    def arm(self, fault: Fault) -> None:
        self._replace([*self._armed, fault])

    def disarm(self, gateway: str | None = None) -> None:
        self._replace([fault for fault in self._armed if gateway is not None and fault.gateway != gateway])

    def armed(self) -> Sequence[Fault]:
        return tuple(self._armed)

    def draw(self, gateway: str, operation: Operation | None) -> Fault | None:
        """The fault that hits this call, or None. Counts one use; a call that is no operation is never hit."""
        if operation is None:
            return None
        for fault in self._armed:
            if fault.hits(gateway, operation) and self._chance.random() < fault.probability:
                self._use(fault)
                return fault
        return None

    def _use(self, used: Fault) -> None:
        if used.count is None:
            return
        left = Fault(**{**asdict(used), "count": used.count - 1})
        self._replace([left if fault is used else fault for fault in self._armed if fault is not used or left.count])

    def _replace(self, faults: list[Fault]) -> None:
        self._armed = faults
        self._switches.write(_SWITCH, orjson.dumps(faults).decode())
