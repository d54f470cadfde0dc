"""Starts the processes of an installation, waits until each is ready, and ends them all when one ends or a signal comes."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress

READY_WITHIN_SECONDS = 30.0
# Longer than a server drains.
STOPPED_WITHIN_SECONDS = 30.0


class ProcessFailed(Exception):
    """A process that did not get ready, or ended by itself."""


@asynccontextmanager
async def process_group(roles: Sequence[str], environment: Mapping[str, str]) -> AsyncIterator["ProcessGroup"]:
    """Runs a process for each role, in order, each ready before the next is started; ends them on the way out."""
    group = ProcessGroup(environment)
    try:
        for role in roles:
            await group.start(role)
        yield group
    finally:
        await group.stop()


class ProcessGroup:
    """Processes that live and die together. Each reads a pipe of ours and ends when that closes, so that even SIGKILL on us leaves none behind."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self._running: dict[str, asyncio.subprocess.Process] = {}

    async def start(self, role: str) -> None:
        """Starts a process and waits until it is ready. Raises ProcessFailed."""
        reading, writing = os.pipe()
        try:
            self._running[role] = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "server.processes.child", role, str(writing)),
                stdin=asyncio.subprocess.PIPE,
                env=dict(self._environment),
                pass_fds=(writing,),
            )
        finally:
            os.close(writing)
        if not await _told_ready(reading):
            raise ProcessFailed(f"the {role} process did not get ready; what it wrote above says why")

    def pid(self, role: str) -> int:
        """The process that runs a role."""
        return self._running[role].pid

    async def run(self) -> None:
        """Waits for SIGINT or SIGTERM. Raises ProcessFailed when a process ends by itself."""
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stop.set)
        ends = {asyncio.create_task(process.wait()): role for role, process in self._running.items()}
        stopping = asyncio.create_task(stop.wait())
        done, pending = await asyncio.wait({*ends, stopping}, return_when=asyncio.FIRST_COMPLETED)
        for task in pending:
            task.cancel()
        ended = [ends[task] for task in done if task is not stopping]
        if ended and not stop.is_set():
            raise ProcessFailed(f"the {', '.join(ended)} process ended by itself")

    async def stop(self) -> None:
        """Ends the processes in reverse order, first politely, so that calls under way are finished."""
        for process in reversed(self._running.values()):
            with suppress(ProcessLookupError):
                process.terminate()
            try:
                await asyncio.wait_for(process.wait(), STOPPED_WITHIN_SECONDS)
            except TimeoutError:
                process.kill()
                await process.wait()
        self._running.clear()


async def _told_ready(reading: int) -> bool:
    """Whether a byte came through the pipe in time, and before its other end closed."""
    try:
        return await asyncio.wait_for(asyncio.to_thread(_first_byte, reading), READY_WITHIN_SECONDS) != b""
    except TimeoutError:
        # The thread ends with the process, which is stopped next.
        return False


def _first_byte(reading: int) -> bytes:
    with os.fdopen(reading, "rb") as pipe:
        return pipe.read(1)
