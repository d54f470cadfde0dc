"""The contract for callers in any language: the protos with all their imports as a zip, and the same as a buf image."""

import argparse
import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from grpc_tools import protoc

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


def check_zip() -> None:
    """Fails unless protoc compiles every file of the zip with nothing but the zip, as a caller's would."""
    with tempfile.TemporaryDirectory() as folder:
        unpacked = Path(folder, "protos")
        with zipfile.ZipFile(write_zip(Path(folder, "protos.zip"))) as archive:
            archive.extractall(unpacked)
        names = sorted(file.relative_to(unpacked).as_posix() for file in unpacked.rglob("*.proto"))
        # Called as a function, protoc knows no folder of well-known types: the zip must bring them.
        if protoc.main(["protoc", f"--proto_path={unpacked}", f"--descriptor_set_out={os.devnull}", *names]):
            raise SystemExit("the zip does not compile on its own")


def main() -> None:
    """`python -m scripts.export [--baseline | --check]`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--baseline", action="store_true", help="replace the image that `buf breaking` compares with")
    parser.add_argument("--check", action="store_true", help="write nothing; compile the zip on its own")
    arguments = parser.parse_args()
    if arguments.check:
        check_zip()
        return
    if arguments.baseline:
        written = [write_image(BASELINE, "--exclude-source-info")]
    else:
        written = [write_zip(DIST / "protos.zip"), write_image(DIST / "protos.binpb")]
    for file in written:
        print(f"  {file.relative_to(ROOT)}  {file.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
