"""The contract for callers in any language: the protos with all their imports as a zip, and the same as a buf image."""

import argparse
import subprocess
import sys
import zipfile
from pathlib import Path

from scripts.imports import PROTOS, ROOT, collect_imports, imported_files, own_protos

DIST = ROOT / "dist"
BASELINE = PROTOS / "baseline.binpb"
BUF = Path(sys.executable).parent / "buf"

# The same bytes for the same protos, whenever they are packed.
_ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)


def write_zip(target: Path) -> Path:
    """A folder of protos that any protoc compiles with nothing else: ours, and every file they import."""
    files = {file.relative_to(PROTOS).as_posix(): file for file in own_protos()} | imported_files()
    target.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, source in sorted(files.items()):
            entry = zipfile.ZipInfo(name, _ZIP_EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, source.read_bytes())
    return target


def write_image(target: Path, *options: str) -> Path:
    """A buf image (a FileDescriptorSet) of ours with their imports; comments included, unless an option says otherwise."""
    collect_imports()
    target.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run([BUF, "build", "protos", "--output", target, *options], cwd=ROOT, check=True)
    return target


def main() -> None:
    """`python -m scripts.export [--baseline]`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--baseline", action="store_true", help="replace the image that `buf breaking` compares with")
    if parser.parse_args().baseline:
        written = [write_image(BASELINE, "--exclude-source-info")]
    else:
        written = [write_zip(DIST / "protos.zip"), write_image(DIST / "protos.binpb")]
    for file in written:
        print(f"  {file.relative_to(ROOT)}  {file.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
