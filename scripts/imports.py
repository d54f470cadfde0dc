"""The third-party protos that ours import, taken from installed packages into an ignored folder."""

import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path

import google.rpc
import grpc_tools

ROOT = Path(__file__).resolve().parent.parent
PROTOS = ROOT / "protos"
IMPORTS = ROOT / "build" / "imports"

VALIDATE_PROTO = "buf/validate/validate.proto"
VALIDATE_PIN = ROOT / "requirements" / "validate-proto.txt"

GOOGLEAPIS = Path(next(iter(google.rpc.__path__))).parent.parent
WELL_KNOWN = Path(next(iter(grpc_tools.__path__))) / "_proto"

_IMPORT = re.compile(r'^\s*import\s+(?:public\s+|weak\s+)?"([^"]+)"\s*;', re.MULTILINE)


def own_protos(root: Path = PROTOS) -> list[Path]:
    """Our own proto files, sorted, so that every run passes them on in the same order."""
    return sorted(root.rglob("*.proto"))


def imported_files() -> dict[str, Path]:
    """Every file outside `protos/` that ours import, directly or not: its import path and where it lies."""
    found: dict[str, Path] = {}
    waiting = [VALIDATE_PROTO, *(name for file in own_protos() for name in _imports_of(file))]
    while waiting:
        name = waiting.pop()
        if name in found or (PROTOS / name).exists():
            continue
        found[name] = _locate(name)
        waiting.extend(_imports_of(found[name]))
    return dict(sorted(found.items()))


def collect_imports() -> Path:
    """Lays the imported files out under `build/imports`, as buf and protoc look for them.

    The well-known types are left out: both tools bring their own.
    """
    wanted = {name: path for name, path in imported_files().items() if not name.startswith("google/protobuf/")}
    for name, source in wanted.items():
        target = IMPORTS / name
        if source == target or (target.exists() and target.read_bytes() == source.read_bytes()):
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
    for file in list(IMPORTS.rglob("*.proto")):
        if file.relative_to(IMPORTS).as_posix() not in wanted:
            file.unlink()
    IMPORTS.mkdir(parents=True, exist_ok=True)
    return IMPORTS


def _imports_of(file: Path) -> Iterator[str]:
    yield from _IMPORT.findall(file.read_text(encoding="utf-8"))


def _locate(name: str) -> Path:
    if name == VALIDATE_PROTO:
        return _validate_proto()
    for root in (GOOGLEAPIS, WELL_KNOWN):
        if (root / name).is_file():
            return root / name
    raise SystemExit(f"{name}: imported by our protos, but no installed package has it")


def _validate_proto() -> Path:
    """`validate.proto` from protovalidate's source archive; downloaded once, and only with the pinned hash."""
    target = IMPORTS / VALIDATE_PROTO
    if target.exists() and target.stat().st_mtime >= VALIDATE_PIN.stat().st_mtime:
        return target
    print("  fetching validate.proto from protovalidate's source archive", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
        how = ["--no-binary", ":all:", "--no-build-isolation", "--require-hashes", "--requirement", str(VALIDATE_PIN)]
        subprocess.run([*pip, *how, "--dest", folder], check=True)
        with tarfile.open(next(Path(folder).glob("*.tar.gz"))) as archive:
            member = next(m for m in archive.getmembers() if m.name.endswith(f"/proto/{VALIDATE_PROTO}"))
            content = archive.extractfile(member)
            if content is None:
                raise SystemExit(f"{member.name} in the archive is no file")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content.read())
    return target
