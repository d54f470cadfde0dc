"""What the sandbox lends to each simulated gateway."""

from collections.abc import Callable
from dataclasses import dataclass

from sandbox.callbacks import CallbackQueue
from sandbox.faults import Faults
from sandbox.hanging import Hangings
from sandbox.jobs import Jobs
from sandbox.state.database import Database
from sandbox.state.documents import Documents
from sandbox.state.replies import Replies


@dataclass(frozen=True)
class Surroundings:
    """Shared by all gateways: one database, one queue of notifications, one clock.

    `later_seconds` is how long a gateway's "some time later" takes.
    """

    database: Database
    documents: Documents
    replies: Replies
    jobs: Jobs
    callbacks: CallbackQueue
    faults: Faults
    hangings: Hangings
    clock: Callable[[], float]
    public_url: str
    later_seconds: float
