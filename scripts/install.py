"""Installs lock files into the virtual environment that runs this, and says how far it is; needs nothing but pip."""

import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

# No isolation: what builds a source archive is pinned by hash too, in requirements/build.txt.
PIP = (
    *(sys.executable, "-m", "pip", "install", "--disable-pip-version-check", "--require-virtualenv"),
    *("--require-hashes", "--no-build-isolation", "--use-pep517", "--progress-bar", "off"),
)

_PIN = re.compile(r"^[a-z][^ ]*==", re.MULTILINE)
_NAME = re.compile(r"^(?:Collecting |Requirement already satisfied: )([^ =;]+)")


def show_progress(lines: Iterable[str], total: int) -> list[str]:
    """Turns pip's report into a counter and returns the whole report."""
    report, seen = [], 0
    for line in lines:
        report.append(line)
        if line.startswith(("Collecting ", "Requirement already satisfied: ")):
            seen += 1
            _show(f"  {seen}/{total} {_NAME.findall(line)[0]}")
        elif line.startswith("Installing collected packages: "):
            _show(f"  unpacking {line.count(',') + 1} packages\n")
    return report


def _show(text: str) -> None:
    if sys.stdout.isatty():
        print(f"\r\033[K{text}", end="", flush=True)
    elif text.endswith("\n") or text.partition("/")[0].endswith("0"):
        print(text.rstrip(), flush=True)


def main(*lock_files: str) -> int:
    """`python scripts/install.py LOCK_FILE...`; pip's own words appear only if it fails."""
    total = sum(len(_PIN.findall(Path(file).read_text(encoding="utf-8"))) for file in lock_files)
    command = [*PIP, *(part for file in lock_files for part in ("--requirement", file))]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as pip:
        report = show_progress(pip.stdout or (), total)
    if pip.returncode:
        print("".join(report), file=sys.stderr)
    return pip.returncode


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
