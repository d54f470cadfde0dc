"""Resolves pyproject's dependencies into lock files with hashes that hold on every supported Python and system."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
REQUIREMENTS = ROOT / "requirements"


@dataclass(frozen=True)
class Lock:
    """One lock file: what goes in, and which earlier ones it must agree with."""

    name: str
    sources: tuple[str, ...]
    agrees_with: tuple[str, ...] = ()


LOCKS = (
    Lock("runtime", ("pyproject.toml",)),
    Lock("build", ("--group", "build"), agrees_with=("runtime",)),
    Lock("dev", ("pyproject.toml", "--group", "dev"), agrees_with=("runtime", "build")),
    Lock("lock", ("--group", "lock")),
)

# No index in the files: each machine installs from the registry that its own pip is set up for.
COMPILE = (
    *("pip", "compile", "--quiet", "--universal", "--python-version", "3.11", "--generate-hashes"),
    *("--no-emit-index-url", "--no-emit-find-links", "--custom-compile-command", "make lock"),
)


def main() -> None:
    """`python -m scripts.lock [--upgrade]`; without it a pin changes only where pyproject asks for it."""
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes"]
    subprocess.run([*pip, "-r", str(REQUIREMENTS / "lock.txt")], check=True)
    for lock in LOCKS:
        print(f"  requirements/{lock.name}.txt", flush=True)
        constraints = [part for name in lock.agrees_with for part in ("-c", f"requirements/{name}.txt")]
        output = ["-o", f"requirements/{lock.name}.txt", *sys.argv[1:]]
        uv = [sys.executable, "-m", "uv", *COMPILE, *lock.sources, *constraints, *output]
        subprocess.run(uv, cwd=ROOT, check=True)


if __name__ == "__main__":
    main()
