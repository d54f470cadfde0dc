"""Tells those who wait in this process that something happened; what happens in other processes they find by looking."""

import asyncio


class Bell:
    """Whoever notes `rung` before looking misses nothing that happens while it looks."""

    def __init__(self) -> None:
        self.rung = 0
        self._ringing = asyncio.Event()

    def ring(self) -> None:
        """Wakes everybody who waits."""
        self.rung += 1
        self._ringing.set()
        self._ringing = asyncio.Event()

    async def after(self, rung: int, seconds: float) -> None:
        """Returns once it has rung since then, after `seconds` at the latest."""
        if self.rung != rung:
            return
        try:
            async with asyncio.timeout(seconds):
                await self._ringing.wait()
        except TimeoutError:
            return
