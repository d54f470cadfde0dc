"""What the documentation tells a reader to type works as shown: its `bash` and `python` blocks are run against a development service."""

import asyncio
import json
import os
import sys
from dataclasses import asdict
from pathlib import Path

import pytest

from scripts.imports import ROOT
from server.commands.running import Development
from tests.e2e.examples import Example, agrees, examples

_WITHIN_SECONDS = 60


@pytest.mark.parametrize("page", ["README.md", "README.zh.md", "docs/sandbox.md", "docs/errors.md"])
async def test_examples_do_what_the_page_shows(page: str, service: Development, tmp_path: Path) -> None:
    """Every example runs in the page's order, in one shell, and prints what is shown behind it."""
    found = list(examples(_here((ROOT / page).read_text(encoding="utf-8"), service)))
    _folder(tmp_path, service)
    printed = await _run(found, tmp_path)
    for example, output in zip(found, printed, strict=True):
        if example.shown is not None:
            assert agrees(example.shown, output), f"{example.text}\nprints\n{output}\nand not\n{example.shown}"


def _here(text: str, service: Development) -> str:
    """The page as it would read if this service had the documented addresses."""
    for documented, real in (("8080", service.http), ("8090", service.sandbox), ("50051", service.grpc)):
        text = text.replace(f"127.0.0.1:{documented}", real.removeprefix("http://"))
    return text


def _folder(folder: Path, service: Development) -> None:
    """What a reader's checkout has: the virtual environment and the running service's dev.json."""
    (folder / ".venv").symlink_to(sys.prefix)
    (folder / ".sycee").mkdir()
    (folder / ".sycee" / "dev.json").write_text(json.dumps(asdict(service)))


async def _run(found: list[Example], folder: Path) -> list[str]:
    """What each example prints. One shell runs them all, as later ones use the variables of earlier ones."""
    script = ["set -euo pipefail"]
    for number, example in enumerate(found):
        source = folder / f"{number}.{example.language}"
        source.write_text(example.text)
        run = f". ./{source.name}" if example.language == "bash" else f".venv/bin/python {source.name}"
        script.append(f"{run} > {number}.out")
    shell = await asyncio.create_subprocess_exec(
        *("bash", "-c", "\n".join(script)),
        cwd=folder,
        env=os.environ | {"PATH": f"{sys.prefix}/bin:{os.environ['PATH']}"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    complaints, _ = await asyncio.wait_for(shell.communicate(), _WITHIN_SECONDS)
    assert shell.returncode == 0, complaints.decode()
    return [(folder / f"{number}.out").read_text() for number in range(len(found))]
