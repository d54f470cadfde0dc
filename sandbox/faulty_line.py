"""What armed faults do to a call: the same at every gateway; how a gateway words its 500 and its 429 is its own."""

from collections.abc import Awaitable, Callable

from aiohttp import web

from sandbox.faults import Fault, Faults, Operation
from sandbox.hanging import HANG_SECONDS, Hangings, cut

_SLOW_SECONDS = 3.0


class FaultyLine:
    """One gateway's line to its callers.

    `failed` words a 500 and `turned_away` a 429, in the gateway's own form; nothing is done then.
    """

    def __init__(
        self,
        gateway: str,
        faults: Faults,
        hangings: Hangings,
        failed: Callable[[], web.Response],
        turned_away: Callable[[], web.Response],
    ) -> None:
        self._gateway = gateway
        self._faults = faults
        self._hangings = hangings
        self._failed = failed
        self._turned_away = turned_away

    async def answer(
        self, request: web.Request, operation: Operation | None, work: Callable[[], Awaitable[web.Response]]
    ) -> web.Response:
        """Does the work and answers, or what the fault that hits this call wants. A call that is no operation is never hit."""
        fault = self._faults.draw(self._gateway, operation)
        return await work() if fault is None else await self._faulty(request, fault, work)

    async def _faulty(
        self, request: web.Request, fault: Fault, work: Callable[[], Awaitable[web.Response]]
    ) -> web.Response:
        if fault.fault == "timeout_before":
            return await self._hangings.silence(request, fault.delay_seconds(HANG_SECONDS))
        if fault.fault == "http_500":
            return self._failed()
        if fault.fault == "rate_limit":
            return self._turned_away()
        if fault.fault == "slow":
            await self._hangings.pause(fault.delay_seconds(_SLOW_SECONDS))
        answer = await work()
        if fault.fault == "timeout_after":
            return await self._hangings.silence(request, fault.delay_seconds(HANG_SECONDS))
        return cut(request) if fault.fault == "reset_after" else answer
