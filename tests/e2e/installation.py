"""An installation of the service: its files, its logs, its environment, and its command line beside it."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

SHOP = "https://shop.example"
"""The origin whose pages may call."""


@dataclass(frozen=True, slots=True)
class Installation:
    """`log`: where all of its processes write."""

    data_dir: Path
    log: Path
    environment: Mapping[str, str] = field(repr=False)


@contextmanager
def writing_to(path: Path) -> Iterator[None]:
    """Processes that are started in the block write what they have to say to a file, from their start to their end."""
    kept = [os.dup(number) for number in (1, 2)]
    with path.open("ab") as file:
        for number in (1, 2):
            os.dup2(file.fileno(), number)
    try:
        yield
    finally:
        for number, original in zip((1, 2), kept, strict=True):
            os.dup2(original, number)
            os.close(original)
