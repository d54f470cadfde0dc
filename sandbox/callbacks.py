"""The queue of the gateways' notifications to merchants: signed, retried, and bent by the modes that tests choose."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, get_args

from sandbox.state.database import Database
from sandbox.state.switches import Switches

CallbackMode = Literal["normal", "duplicate", "reorder", "hold", "drop"]
CALLBACK_MODES: tuple[str, ...] = get_args(CallbackMode)
_MODE_SWITCH = "callback_mode"
_REORDER_WINDOW_SECONDS = 0.2
_DUE = "SELECT seq, gateway, owner, subject, attempt FROM callbacks WHERE owner = ? AND held = 0 AND due_at <= ?"
_DUE_OLDEST_FIRST = _DUE + " ORDER BY due_at, seq LIMIT ?"
_DUE_NEWEST_FIRST = _DUE + " ORDER BY seq DESC LIMIT ?"


class CallbackManner(Protocol):
    """How a notification is repeated until the merchant has it."""

    @property
    def retry_seconds(self) -> Sequence[float]:
        """How long the gateway waits before the second, third, ... try, in its own time; after the last one it gives up."""

    def acknowledges(self, status: int, body: bytes) -> bool:
        """Whether the merchant's answer ends the retries."""


@dataclass(frozen=True)
class CallbackRequest:
    """One signed POST, ready to be sent; `manner` is its own, for a gateway whose notifications have more than one."""

    url: str
    headers: dict[str, str]
    body: bytes
    manner: CallbackManner | None = None


class CallbackSource(CallbackManner, Protocol):
    """A gateway's knowledge of its own notifications."""

    def callback(self, owner: str, subject: str) -> CallbackRequest | None:
        """The notification, signed now; None when it is no longer wanted."""


@dataclass(frozen=True)
class Delivery:
    seq: int
    gateway: str
    owner: str
    subject: str
    attempt: int


class CallbackQueue:
    """Deliveries waiting for their time, at most `capacity` of them: beyond that the oldest are given up.

    A duplicate is a second delivery of its own; `reorder` gathers what arrives within a short window and sends it newest
    first; `hold` keeps deliveries until they are released; `drop` never makes them.
    """

    def __init__(self, database: Database, switches: Switches, clock: Callable[[], float], capacity: int) -> None:
        self._database = database
        self._switches = switches
        self._clock = clock
        self._capacity = capacity
        stored = switches.read(_MODE_SWITCH)
        self._mode: str = stored if stored in CALLBACK_MODES else "normal"
        self._waiting = self._count()
        self.on_change: Callable[[str], None] = lambda _: None

    @property
    def mode(self) -> str:
        return self._mode

    def waiting(self) -> int:
        """How many deliveries wait, held ones included."""
        self._waiting = self._count()
        return self._waiting

    def set_mode(self, mode: CallbackMode) -> None:
        self._mode = mode
        self._switches.write(_MODE_SWITCH, mode)

    def enqueue(self, gateway: str, owner: str, subject: str) -> None:
        if self._mode == "drop":
            return
        due_at = self._clock() + (_REORDER_WINDOW_SECONDS if self._mode == "reorder" else 0.0)
        held = int(self._mode == "hold")
        for _ in range(2 if self._mode == "duplicate" else 1):
            self._insert(gateway, owner, subject, due_at, held)
        self.on_change(owner)

    def release(self) -> int:
        """Makes everything held due now, and returns how many there were."""
        cursor = self._database.execute("UPDATE callbacks SET held = 0, due_at = ? WHERE held = 1", (self._clock(),))
        for owner in self.owners():
            self.on_change(owner)
        return cursor.rowcount

    def owners(self) -> Sequence[str]:
        """The merchants that something waits for."""
        return [str(row[0]) for row in self._database.execute("SELECT DISTINCT owner FROM callbacks")]

    def due(self, owner: str, limit: int) -> Sequence[Delivery]:
        now = self._clock()
        rows = self._database.execute(_DUE_OLDEST_FIRST, (owner, now, limit)).fetchall()
        if rows and self._mode == "reorder":
            # Once the oldest has waited for its window, what came after it goes first.
            rows = self._database.execute(_DUE_NEWEST_FIRST, (owner, now + _REORDER_WINDOW_SECONDS, limit)).fetchall()
        return [Delivery(*row) for row in rows]

    def next_due_at(self, owner: str) -> float | None:
        sql = "SELECT MIN(due_at) FROM callbacks WHERE owner = ? AND held = 0"
        row = self._database.execute(sql, (owner,)).fetchone()
        return None if row[0] is None else float(row[0])

    def finish(self, delivery: Delivery) -> None:
        self._waiting -= self._database.execute("DELETE FROM callbacks WHERE seq = ?", (delivery.seq,)).rowcount

    def retry(self, delivery: Delivery, delay_seconds: float) -> None:
        self._database.execute(
            "UPDATE callbacks SET attempt = attempt + 1, due_at = ? WHERE seq = ?",
            (self._clock() + delay_seconds, delivery.seq),
        )

    def _insert(self, gateway: str, owner: str, subject: str, due_at: float, held: int) -> None:
        if self._waiting >= self._capacity:
            # The running count can only be too high (after a rollback), so it is believed only once it is checked.
            self._waiting = self._count()
        if self._waiting >= self._capacity:
            oldest = "DELETE FROM callbacks WHERE seq = (SELECT MIN(seq) FROM callbacks)"
            self._waiting -= self._database.execute(oldest).rowcount
        self._database.execute(
            "INSERT INTO callbacks (gateway, owner, subject, due_at, attempt, held) VALUES (?, ?, ?, ?, 0, ?)",
            (gateway, owner, subject, due_at, held),
        )
        self._waiting += 1

    def _count(self) -> int:
        return int(self._database.execute("SELECT COUNT(*) FROM callbacks").fetchone()[0])
