"""An installation of the service: its files, its logs, its environment, and its command line beside it."""

import asyncio
import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

SHOP = "https://shop.example"
"""The origin whose pages may call."""


_COMMANDS_END_WITHIN_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Installation:
    """`log`: where all of its processes write."""

    data_dir: Path
    log: Path
    environment: Mapping[str, str] = field(repr=False)

    @property
    def database(self) -> Path:
        return self.data_dir / "sycee.db"

    async def sycee(self, *arguments: str) -> str:
        """What a command prints when an operator runs it beside the service. Fails when it fails."""
        made = json.loads((self.data_dir / "dev-credentials.json").read_text())
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "server.cli", *arguments),
            env={**self.environment, "SYCEE_HASH_KEY": made["hash_key"], "SYCEE_JWT_SECRET": made["jwt_secret"]},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        printed, complaints = await asyncio.wait_for(process.communicate(), _COMMANDS_END_WITHIN_SECONDS)
        assert process.returncode == 0, complaints.decode()
        return printed.decode().strip()


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
