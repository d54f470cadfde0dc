"""What a gateway says that pays out by itself, without a call for it, and whose capabilities tell so."""

from collections.abc import Sequence
from datetime import datetime

from server.domain.payout import Payout
from server.domain.payout_outcomes import PayoutOutcome, PayoutRefused, PayoutReport


class NoPayouts:
    """Nobody asks such a gateway; somebody who did would learn that nothing is sent."""

    async def pay_out(self, _payout: Payout) -> PayoutOutcome:
        return PayoutRefused("This gateway pays out by itself.")

    stop_payout = resume_payout = pay_out

    async def payouts(self, _since: datetime) -> Sequence[PayoutReport] | None:
        return []
