"""Every check that needs no running service, as many at a time as there are cores; changes no file in the tree."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from scripts.export import BASELINE
from scripts.imports import ROOT, collect_imports

BIN = Path(sys.executable).parent


@dataclass(frozen=True)
class Check:
    """A command that exits with 0 when the tree is as it should be."""

    name: str
    command: tuple[str, ...]
    advice: str = ""


@dataclass(frozen=True)
class Result:
    """How a check ended; `output` is what it printed on both streams."""

    check: Check
    passed: bool
    output: str
    seconds: float


def checks() -> Iterator[Check]:
    """The slowest first, so that the short ones fill the other cores."""
    yield Check("types", ("mypy",))
    yield Check("generated code", ("python", "-m", "scripts.generate", "--check"))
    yield Check("errors table", ("python", "-m", "scripts.errors_table", "--check"))
    yield Check("export", ("python", "-m", "scripts.export", "--check"))
    yield Check("import rules", ("lint-imports", "--no-logo"))
    yield Check("lint", ("ruff", "check", "--quiet", "."), "make format")
    yield Check("format", ("ruff", "format", "--check", "--quiet", "--diff", "."), "make format")
    yield Check("proto lint", ("buf", "lint", "protos"))
    yield Check("proto format", ("buf", "format", "--diff", "--exit-code", "protos"), "make format")
    # An image made at the last release (`make baseline`), not a git branch: it needs neither history nor a remote, and the
    # third-party protos, which git does not have, are inside.
    if BASELINE.exists():
        yield Check("proto compatibility", ("buf", "breaking", "protos", "--against", str(BASELINE)))


def run(check: Check) -> Result:
    """Runs it from the root of the tree with the tools of this virtual environment."""
    started = time.monotonic()
    program = [str(BIN / check.command[0]), *check.command[1:]]
    done = subprocess.run(program, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    return Result(check, done.returncode == 0, done.stdout, time.monotonic() - started)


def main() -> int:
    """Prints each result as it comes, then what the failed ones said."""
    collect_imports()
    failed: list[Result] = []
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        for future in as_completed([pool.submit(run, check) for check in checks()]):
            result = future.result()
            print(
                f"  {'ok    ' if result.passed else 'FAILED'} {result.check.name}  {result.seconds:.1f} s", flush=True
            )
            if not result.passed:
                failed.append(result)
    for result in failed:
        advice = f" ({result.check.advice} may help)" if result.check.advice else ""
        print(f"\n{result.check.name}: {' '.join(result.check.command)}{advice}\n{result.output.rstrip()}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
