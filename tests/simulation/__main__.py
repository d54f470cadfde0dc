"""Plays many seeds: `python -m tests.simulation [first] [count]`. Says which ones break a law."""

import logging
import sys
import time

from tests.simulation.story import play


def main(first: int = 0, count: int = 1_000) -> int:
    """The number of seeds that broke a law."""
    logging.disable(logging.CRITICAL)
    began, broken = time.monotonic(), 0
    for seed in range(first, first + count):
        try:
            play(seed)
        except Exception as error:  # noqa: BLE001  (whatever a seed brings to light)
            broken += 1
            print(f"seed {seed}: {type(error).__name__} {error}")
        if (seed + 1 - first) % 100 == 0:
            print(f"{seed + 1 - first} seeds in {time.monotonic() - began:.0f} s, {broken} broken", flush=True)
    return broken


if __name__ == "__main__":
    sys.exit(min(main(*map(int, sys.argv[1:3])), 1))
