"""A closed loop of callers for a bounded time: each calls again as soon as it is answered."""

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import astuple, dataclass

from benchmarks.processes import cpu_seconds

SECONDS = 2.0
ROUNDS = 3
CALLERS = 32
_WARM_UP_CALLS = 100


@dataclass(frozen=True, slots=True)
class Figures:
    """One load. `cpu_microseconds` is processor time of the serving processes for each call."""

    calls_per_second: float
    median_milliseconds: float
    p99_milliseconds: float
    cpu_microseconds: float


async def load(call: Callable[[], Awaitable[object]], pids: list[int], callers: int = CALLERS) -> Figures:
    """Calls as fast as the service answers; any error ends the benchmark."""
    await asyncio.gather(*(_repeat(call, _WARM_UP_CALLS // callers) for _ in range(callers)))
    latencies: list[float] = []
    used, started = sum(map(cpu_seconds, pids)), time.perf_counter()
    until = started + SECONDS

    async def caller() -> None:
        while (before := time.perf_counter()) < until:
            await call()
            latencies.append(time.perf_counter() - before)

    await asyncio.gather(*(caller() for _ in range(callers)))
    elapsed, used = time.perf_counter() - started, sum(map(cpu_seconds, pids)) - used
    latencies.sort()
    return Figures(
        calls_per_second=len(latencies) / elapsed,
        median_milliseconds=latencies[len(latencies) // 2] * 1000,
        p99_milliseconds=latencies[int(len(latencies) * 0.99)] * 1000,
        cpu_microseconds=used / len(latencies) * 1e6,
    )


def median_of(rounds: Sequence[Figures]) -> Figures:
    """Each figure's median, so that one round that was disturbed does not count."""
    return Figures(*(statistics.median(figures) for figures in zip(*map(astuple, rounds), strict=True)))


async def _repeat(call: Callable[[], Awaitable[object]], times: int) -> None:
    for _ in range(times):
        await call()
