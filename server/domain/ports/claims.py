"""Where idempotency keys are kept."""

from datetime import datetime
from typing import Protocol

from server.domain.idempotency import Claim


class Claims(Protocol):
    """Idempotency keys."""

    def claim(self, wanted: Claim, now: datetime) -> Claim | None:
        """Stores a new claim and gives None; gives the stored one when the key is claimed.

        A stored claim without a reply whose lease has passed at `now` and whose `request_hash` is the wanted one's is taken over: it is given with `lease` one higher
        and leased as wanted, and keeps its `operation_id`.
        """
        ...

    def settle(self, claim: Claim, reply: bytes) -> None:
        """Stores the reply, if the claim's lease is still the stored one."""
        ...

    def release(self, claim: Claim) -> None:
        """Frees the key, if the claim's lease is still the stored one."""
        ...

    def yield_lease(self, claim: Claim, now: datetime) -> None:
        """Ends the lease at once without a reply, so that a repeated call may resume, if the claim's lease is still the stored one."""
        ...

    def end_leases(self, now: datetime) -> None:
        """Ends every lease without a reply: what a server does first that knows its predecessor dead and itself alone."""
        ...

    def forget(self, created_before: datetime, limit: int) -> int:
        """Removes old claims; says how many."""
        ...
